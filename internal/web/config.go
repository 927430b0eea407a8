package web

import (
	"context"
	"io"
	"net/http"
	"time"

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

// Reload reads the config again and makes it the running one. After an error the running config stays in place. Reload
// allows one more request with credentials that an OMS has refused.
func (s *Server) Reload() error {
	err := s.reload()
	if err == nil {
		s.targets.holdoffs.AllowRetry()
	}
	return err
}

// AutoReload checks the files of the config at each interval until ctx ends, and reloads the config if a file has
// changed. It allows no request with credentials that an OMS has refused: the change may not correct them.
func (s *Server) AutoReload(ctx context.Context, interval time.Duration) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	failed := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		changed, err := s.options.Store.Changed()
		if err != nil && !failed {
			_ = level.Warn(s.options.Logger).Log("msg", "Failed to check the config for changes", "err", err)
		}
		failed = err != nil
		if changed {
			_ = s.reload() // it logs the result
		}
	}
}

func (s *Server) reload() error {
	if err := s.options.Store.Reload(s.targets.replace); err != nil {
		_ = level.Error(s.options.Logger).Log("msg",
			"Failed to reload the config, the previous config stays in use", "err", err)
		return err
	}
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

// refuseReload answers a request with any other method than POST.
func refuseReload(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Allow", http.MethodPost)
	http.Error(w, "method not allowed: use POST", http.StatusMethodNotAllowed)
}

// serveConfig writes the running config. Package config hides the secrets.
func (s *Server) serveConfig(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, s.options.Store.Current().Redacted())
}
