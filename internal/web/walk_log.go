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

// walkLog logs the walks of one target. Level debug has each request and each success. Level error has a failure, at
// most once per logEvery while the failure stays the same. Level info has the first success after a logged failure.
type walkLog struct {
	logger log.Logger // with the target

	mu          sync.Mutex
	failed      failure
	logged      time.Time // when failed was logged
	since       time.Time // time of the first failure in a row; zero if the last walk succeeded
	sinceLogged bool      // a failure of this row was logged
}

// failure identifies a failure: failures with equal fields are the same failure.
type failure struct {
	reason oms.Reason
	status int
	code   string
}

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
		l.since, l.sinceLogged = s.At, false
	}
	failed := failure{reason: e.Reason, status: e.Status, code: e.Code}
	if failed == l.failed && s.At.Sub(l.logged) < logEvery {
		return // even after a success in between: an intermittent failure must not fill the log
	}
	l.failed, l.logged, l.sinceLogged = failed, s.At, true
	_ = level.Error(l.logger).Log("msg", "The walk failed", "reason", e.Reason, "page", e.Page, "status", e.Status,
		"pages", s.Walk.Pages, "duration", s.Walk.Duration.Round(time.Millisecond), "err", s.Err)
}

func (l *walkLog) succeeded(s *collector.Snapshot) {
	if !l.since.IsZero() && l.sinceLogged {
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
