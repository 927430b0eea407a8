package web

import (
	"bytes"
	"io"
	"net/http"
	"time"

	"github.com/oms-exporter/oms_exporter/internal/web/page"
)

// serveOverview serves the page at /.
func (s *Server) serveOverview(w http.ResponseWriter, r *http.Request) {
	s.servePage(w, r, s.pageData(r).Overview)
}

// serveTasks serves the page of the tasks of one target.
func (s *Server) serveTasks(w http.ResponseWriter, r *http.Request) {
	exporter := s.pageData(r)
	query, err := exporter.ParseQuery(r.URL.RawQuery)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.servePage(w, r, func(w io.Writer) error { return exporter.Tasks(w, query) })
}

// pageData returns the data of the pages: the results of the last walks. It makes no walk.
func (s *Server) pageData(r *http.Request) *page.Exporter {
	exporter := &page.Exporter{
		Version:        s.options.Version,
		TelemetryPath:  s.options.TelemetryPath,
		TasksOnMetrics: s.options.TasksOnMetrics,
		Now:            time.Now(),
		AcceptLanguage: r.Header.Get("Accept-Language"),
	}
	for _, t := range s.targets.list() {
		last, complete := t.Last()
		exporter.Targets = append(exporter.Targets, page.Target{
			Name: t.Name, URL: t.settings.URL, Last: last, Complete: complete, Recent: t.recent.list(),
		})
	}
	return exporter
}

// servePage writes a page to memory and then sends it: the client gets the whole page, or an error.
func (s *Server) servePage(w http.ResponseWriter, r *http.Request, write func(io.Writer) error) {
	if !s.renders.acquire(r.Context(), renderWait) {
		s.refuse(w, r, s.renders)
		return
	}
	var text bytes.Buffer
	err := func() error {
		defer s.garbage.collect() // when many scrapes share one walk, pages are most of the garbage
		defer s.renders.release()
		return write(&text)
	}()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	page.SetHeader(w.Header())
	_, _ = text.WriteTo(w)
}
