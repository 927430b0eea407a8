package web

import (
	"net/http"

	"github.com/go-kit/log/level"
	"github.com/prometheus/client_golang/prometheus"
)

func (s *Server) registerReload() {
	s.registry.MustRegister(
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "oms_exporter_config_last_reload_successful",
			Help: "1 if the last attempt to load the config succeeded, 0 otherwise. At 0 the previous config stays in use.",
		}, func() float64 {
			if ok, _ := s.options.Store.LastReload(); ok {
				return 1
			}
			return 0
		}),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "oms_exporter_config_last_reload_success_timestamp_seconds",
			Help: "Unix time when the config was last loaded successfully.",
		}, func() float64 {
			_, at := s.options.Store.LastReload()
			return float64(at.UnixMilli()) / 1000
		}),
	)
}

// Reload reads the config again and makes it the running one, or leaves everything as it is and returns why. It allows one more request with
// credentials that an OMS has refused.
func (s *Server) Reload() error {
	if err := s.options.Store.Reload(s.targets.replace); err != nil {
		_ = level.Error(s.options.Logger).Log("msg", "The config could not be reloaded: the running one stays in place", "err", err)
		return err
	}
	s.targets.holdoffs.AllowRetry()
	_ = level.Info(s.options.Logger).Log("msg", "The config is reloaded", "targets", len(s.targets.list()))
	return nil
}

func (s *Server) serveReload(w http.ResponseWriter, _ *http.Request) {
	if err := s.Reload(); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	serveOK(w, nil)
}
