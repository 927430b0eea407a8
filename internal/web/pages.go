package web

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"time"

	"github.com/oms-exporter/oms_exporter/internal/web/page"
)

// serveDiscovery lists the targets for Prometheus' http_sd_configs, in such a way that nothing needs relabelling.
func (s *Server) serveDiscovery(w http.ResponseWriter, r *http.Request) {
	type group struct {
		Targets []string          `json:"targets"`
		Labels  map[string]string `json:"labels"`
	}
	groups := []group{}
	host, scheme := s.externalAddress(r)
	for _, t := range s.targets.list() {
		labels := map[string]string{
			"__metrics_path__": s.externalPath() + probePath,
			"__param_target":   t.Name,
			// Without a label of their own the targets of a job would share one up. It cannot be oms: that would turn the metrics' own oms
			// into exported_oms.
			"instance": t.Name,
		}
		if scheme == "https" {
			labels["__scheme__"] = scheme
		}
		groups = append(groups, group{Targets: []string{host}, Labels: labels})
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(groups)
}

// serveConfig shows the running config. Its secrets are left out by package config.
func (s *Server) serveConfig(w http.ResponseWriter, _ *http.Request) {
	current, _ := s.options.Store.Current()
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte(current.Redacted()))
}

// serveOverview is the page at /.
func (s *Server) serveOverview(w http.ResponseWriter, r *http.Request) {
	s.servePage(w, r, s.people().Overview)
}

// serveTasks is the page of the tasks of one target.
func (s *Server) serveTasks(w http.ResponseWriter, r *http.Request) {
	exporter := s.people()
	query, err := exporter.ParseQuery(r.URL.RawQuery)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.servePage(w, r, func(w io.Writer) error { return exporter.Tasks(w, query) })
}

// people is what the pages for people show: what the last walks found, no walk of their own.
func (s *Server) people() *page.Exporter {
	exporter := &page.Exporter{
		Version: s.options.Version, TelemetryPath: s.options.TelemetryPath, TasksOnMetrics: s.options.TasksOnMetrics, Now: time.Now(),
	}
	for _, t := range s.targets.list() {
		last, complete := t.Last()
		exporter.Targets = append(exporter.Targets, page.Target{Name: t.Name, URL: t.settings.URL, Last: last, Complete: complete, Recent: t.recent.list()})
	}
	return exporter
}

// servePage has a page written before it is sent: it is sent as a whole, or not at all.
func (s *Server) servePage(w http.ResponseWriter, r *http.Request, write func(io.Writer) error) {
	if !s.renders.wait(r.Context(), renderWait) {
		s.refuse(w, r, s.renders)
		return
	}
	text, err := s.render(write)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	page.SetHeader(w.Header())
	_, _ = w.Write(text)
}

// render writes a page to memory, and leaves the place that the caller has among s.renders.
func (s *Server) render(write func(io.Writer) error) ([]byte, error) {
	defer func() {
		s.renders.leave()
		s.garbage.collect() // pages are most of the garbage when many scrapes write one list
	}()
	var text bytes.Buffer
	err := write(&text)
	return text.Bytes(), err
}
