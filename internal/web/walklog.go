package web

import (
	"errors"
	"sync"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"

	"github.com/oms-exporter/oms_exporter/collector"
	"github.com/oms-exporter/oms_exporter/oms"
)

// walkLog writes how the walks of one target end: a success at debug, a failure at error but at most once a minute while it stays the
// same, and once that it is over.
type walkLog struct {
	logger log.Logger

	mu     sync.Mutex
	failed failure
	since  time.Time // of the first failure in a row; zero if the last walk succeeded
	logged time.Time
}

// failure is what has to stay the same for failures to be the same.
type failure struct {
	reason oms.Reason
	status int
	code   string
}

const logEvery = time.Minute

func (l *walkLog) ended(s *collector.Snapshot) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s.Err == nil {
		l.succeeded(s)
		return
	}
	var e *oms.Error
	if !errors.As(s.Err, &e) {
		e = &oms.Error{Reason: s.Reason()}
	}
	failed := failure{e.Reason, e.Status, e.Code}
	if l.since.IsZero() {
		l.since = s.At
	} else if failed == l.failed && s.At.Sub(l.logged) < logEvery {
		return
	}
	l.failed, l.logged = failed, s.At
	_ = level.Error(l.logger).Log("msg", "The walk failed", "target", s.Target.Name, "reason", e.Reason, "page", e.Page,
		"status", e.Status, "pages", s.Walk.Pages, "duration", s.Walk.Duration.Round(time.Millisecond), "err", s.Err)
}

func (l *walkLog) succeeded(s *collector.Snapshot) {
	if !l.since.IsZero() {
		_ = level.Info(l.logger).Log("msg", "The walk works again", "target", s.Target.Name, "tasks", len(s.Walk.Tasks),
			"failed_for", s.At.Sub(l.since).Round(time.Second))
		l.since = time.Time{}
	}
	_ = level.Debug(l.logger).Log("msg", "The walk is complete", "target", s.Target.Name, "tasks", len(s.Walk.Tasks),
		"pages", s.Walk.Pages, "duration", s.Walk.Duration.Round(time.Millisecond))
}
