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

// walkLog writes how the walks of one target go: at debug each request and each success; at error a failure, but at most once a minute
// while it stays the same; and at info, once, that it is over.
type walkLog struct {
	logger log.Logger // with the target

	mu     sync.Mutex
	failed failure
	logged time.Time // when failed was
	since  time.Time // of the first failure in a row; zero if the last walk succeeded
	told   bool      // one of this row was logged
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
	if l.since.IsZero() {
		l.since, l.told = s.At, false
	}
	failed := failure{e.Reason, e.Status, e.Code}
	if failed == l.failed && s.At.Sub(l.logged) < logEvery {
		return // even if it was over in between: what comes and goes fills no log
	}
	l.failed, l.logged, l.told = failed, s.At, true
	_ = level.Error(l.logger).Log("msg", "The walk failed", "reason", e.Reason, "page", e.Page, "status", e.Status,
		"pages", s.Walk.Pages, "duration", s.Walk.Duration.Round(time.Millisecond), "err", s.Err)
}

func (l *walkLog) succeeded(s *collector.Snapshot) {
	if !l.since.IsZero() && l.told {
		_ = level.Info(l.logger).Log("msg", "The walk works again", "tasks", len(s.Walk.Tasks),
			"failed_for", s.At.Sub(l.since).Round(time.Second))
	}
	l.since = time.Time{}
	_ = level.Debug(l.logger).Log("msg", "The walk is complete", "tasks", len(s.Walk.Tasks), "pages", s.Walk.Pages,
		"repeated", s.Walk.Repeated, "invalid", s.Walk.Invalid, "duration", s.Walk.Duration.Round(time.Millisecond))
}

func (l *walkLog) attempt(a oms.Attempt) {
	fields := []any{"msg", "Request", "action", a.Action, "page", a.Page, "attempt", a.Number, "status", a.Status,
		"bytes", a.Bytes, "rows", a.Rows, "duration", rounded(a.Duration)}
	if a.Err != nil {
		fields = append(fields, "reason", a.Err.Reason, "err", a.Err)
	}
	_ = level.Debug(l.logger).Log(fields...)
}

func (l *walkLog) decision(text string) {
	_ = level.Debug(l.logger).Log("msg", "Walking", "decision", text)
}
