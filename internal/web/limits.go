package web

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-kit/log/level"

	"github.com/oms-exporter/oms_exporter/oms"
)

const (
	bodyTimeout = 5 * time.Second // for the body of a request, which nobody reads; shorter than stallTimeout, within which the answer is sent

	maxPages    = 40              // pages in the making and on their way to browsers; more get 503
	maxRenders  = 2               // pages in the making
	renderWait  = 5 * time.Second // for a place among maxRenders
	maxDebugs   = 1               // debug walks; more get 503: each needs as much memory as all scrapes together
	maxLogParam = 100             // bytes of a parameter or header in the log
)

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer s.recoverPanic(r)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	paced := newPacedWriter(w)
	if r.ContentLength != 0 {
		_ = paced.controller.SetReadDeadline(time.Now().Add(bodyTimeout)) // not supported by tests without a connection
	}
	s.handler.ServeHTTP(paced, r)
}

// recoverPanic logs the panic of a handler in one line and breaks the answer off.
func (s *Server) recoverPanic(r *http.Request) {
	value := recover()
	switch {
	case value == nil:
		return
	case value != http.ErrAbortHandler && s.panicked.allow(): //nolint:errorlint // net/http compares in the same way
		_ = level.Error(s.options.Logger).Log("msg", "A request failed", "path", excerpt(r.URL.Path),
			"err", s.targets.redact()(oms.PanicError("", 0, value).Message))
	}
	abort(r)
}

// limiter lets a bounded number of requests of one kind run at once.
type limiter struct {
	places chan struct{} // one element for each request under way
	what   string        // the requests, in the plural
	limit  string        // where the number comes from
}

func newLimiter(places int, what, limit string) *limiter {
	return &limiter{make(chan struct{}, places), what, limit}
}

// enter reports whether there is a place. The caller leaves later.
func (l *limiter) enter() bool {
	select {
	case l.places <- struct{}{}:
		return true
	default:
		return false
	}
}

// wait is enter with a bounded wait.
func (l *limiter) wait(ctx context.Context, longest time.Duration) bool {
	if l.enter() {
		return true
	}
	timer := time.NewTimer(longest)
	defer timer.Stop()
	select {
	case l.places <- struct{}{}:
		return true
	case <-timer.C:
	case <-ctx.Done():
	}
	return false
}

func (l *limiter) leave() { <-l.places }

// limitScrapes lets as many scrapes run at once as MaxRequests says, all paths together.
func (s *Server) limitScrapes(scrape http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.scrapes.enter() {
			s.refuse(w, r, s.scrapes)
			return
		}
		defer func() {
			s.scrapes.leave()
			if len(s.scrapes.places) == 0 {
				s.garbage.collect()
			}
		}()
		start := time.Now()
		scrape(w, r)
		_ = level.Debug(s.options.Logger).Log("msg", "Scrape answered", "path", r.URL.Path, "target", excerpt(r.URL.Query().Get("target")),
			"from", r.RemoteAddr, "scrape_timeout", excerpt(r.Header.Get(timeoutHeader)), "duration", time.Since(start).Round(time.Millisecond))
	})
}

// limitPages bounds the pages for people.
func (s *Server) limitPages(serve http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !s.pages.enter() {
			s.refuse(w, r, s.pages)
			return
		}
		defer s.pages.leave()
		serve(w, r)
	}
}

// refuse answers a request beyond a limit. It logs once a minute at most: where there is one, there are many.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, l *limiter) {
	if s.refused.allow() {
		_ = level.Warn(s.options.Logger).Log("msg", "A request was refused: too many "+l.what+" are under way",
			"limit", cap(l.places), "path", r.URL.Path, "from", r.RemoteAddr)
	}
	w.Header().Set("Retry-After", "5")
	http.Error(w, fmt.Sprintf("%d %s are under way, which is all that %s allows", cap(l.places), l.what, l.limit), http.StatusServiceUnavailable)
}

// minutely allows something once a minute. It is safe for concurrent use.
type minutely struct{ last atomic.Int64 }

func (m *minutely) allow() bool {
	now := time.Now().Unix()
	last := m.last.Load()
	return now-last >= int64(logEvery/time.Second) && m.last.CompareAndSwap(last, now)
}

// excerpt bounds a text of a client for the log.
func excerpt(s string) string {
	if len(s) <= maxLogParam {
		return s
	}
	return strings.ToValidUTF8(s[:maxLogParam], "") + "…"
}
