package web

import (
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

const (
	logEvery    = time.Minute // between two log lines about the same problem
	maxLogParam = 100         // bytes of a parameter or header in the log
)

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

// logThrottle allows one log line per logEvery. It is safe for concurrent use.
type logThrottle struct{ last atomic.Int64 }

func (t *logThrottle) allow() bool {
	now := time.Now().Unix()
	last := t.last.Load()
	return now-last >= int64(logEvery/time.Second) && t.last.CompareAndSwap(last, now)
}
