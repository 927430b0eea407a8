package web

import (
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/prometheus/exporter-toolkit/web"
)

// serveDiscovery lists the targets for Prometheus' http_sd_configs, in such a way that nothing needs relabelling.
func (s *Server) serveDiscovery(w http.ResponseWriter, r *http.Request) {
	type group struct {
		Targets []string          `json:"targets"`
		Labels  map[string]string `json:"labels"`
	}
	groups := []group{}
	for _, t := range s.targets.list() {
		labels := map[string]string{
			"__metrics_path__": probePath,
			"__param_target":   t.Name,
			// Without a label of their own the targets of a job would share one up. It cannot be oms: that would turn the metrics' own oms
			// into exported_oms.
			"instance": t.Name,
		}
		if r.TLS != nil {
			labels["__scheme__"] = "https"
		}
		groups = append(groups, group{Targets: []string{r.Host}, Labels: labels})
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

// serveLanding is the page at /.
func (s *Server) serveLanding(w http.ResponseWriter, r *http.Request) {
	links := []web.LandingLinks{
		{Address: s.options.TelemetryPath, Text: "Metrics", Description: "of the exporter and, by default, of all tasks"},
		{Address: "/sd", Text: "Targets", Description: "for Prometheus' http_sd_configs"},
		{Address: "/config", Text: "Config", Description: "with secrets left out"},
		{Address: "/-/healthy", Text: "Health"},
	}
	for _, t := range s.targets.list() {
		probe := probePath + "?target=" + url.QueryEscape(t.Name)
		links = append(links,
			web.LandingLinks{Address: probe, Text: "Tasks of " + t.Name},
			web.LandingLinks{Address: probe + "&debug=true", Text: "Walk of " + t.Name, Description: "page by page"})
	}
	page, err := web.NewLandingPage(web.LandingConfig{
		Name:        "OMS Exporter",
		Description: "Prometheus exporter for the tasks of OceanBase Migration Service",
		Version:     s.options.Version,
		Links:       links,
		Profiling:   "false",
	})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	page.ServeHTTP(w, r)
}
