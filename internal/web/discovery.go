package web

import (
	"encoding/json"
	"net/http"
)

// serveDiscovery lists the targets for Prometheus' http_sd_configs. The list needs no relabelling.
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
			// Without a label of their own the targets of a job would share one up. The label cannot be oms: Prometheus
			// would rename the oms of the metrics to exported_oms.
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
