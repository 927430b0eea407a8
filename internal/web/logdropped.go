package web

import "github.com/prometheus/client_golang/prometheus"

// registerLog registers the metric of the log.
func (s *Server) registerLog() {
	dropped := s.options.LogDropped
	if dropped == nil {
		dropped = func() float64 { return 0 }
	}
	s.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
		Name: "oms_exporter_log_lines_dropped_total",
		Help: "Lines of the log that were dropped because the log was not read in time or could not be written.",
	}, dropped))
}
