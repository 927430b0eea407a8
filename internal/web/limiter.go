package web

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/go-kit/log/level"

	"github.com/oms-exporter/oms_exporter/internal/textutil"
)

const (
	maxPages   = 40              // pages being written or sent to browsers; more get 503
	maxRenders = 2               // pages being written
	renderWait = 5 * time.Second // for a place among maxRenders
	maxDebugs  = 1               // debug walks; more get 503: each needs as much memory as all scrapes together
)

// limiter limits how many requests of one kind run at the same time.
type limiter struct {
	places chan struct{} // one element for each running request
	what   string        // the requests, in the plural
	limit  string        // what sets the limit
}

func newLimiter(places int, what, limit string) *limiter {
	return &limiter{places: make(chan struct{}, places), what: what, limit: limit}
}

// tryAcquire takes a place and reports whether one was free. release frees it.
func (l *limiter) tryAcquire() bool {
	select {
	case l.places <- struct{}{}:
		return true
	default:
		return false
	}
}

// acquire is tryAcquire, but waits up to longest for a place.
func (l *limiter) acquire(ctx context.Context, longest time.Duration) bool {
	if l.tryAcquire() {
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

func (l *limiter) release() { <-l.places }

// limitScrapes limits the scrapes of all paths together to MaxRequests.
func (s *Server) limitScrapes(scrape http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.scrapes.tryAcquire() {
			s.refuse(w, r, s.scrapes)
			return
		}
		defer func() {
			s.scrapes.release()
			if len(s.scrapes.places) == 0 {
				s.garbage.collect()
			}
		}()
		start := time.Now()
		scrape(w, r)
		_ = level.Debug(s.options.Logger).Log("msg", "Scrape answered", "path", r.URL.Path,
			"target", textutil.Cut(r.URL.Query().Get("target"), maxLogParam), "from", r.RemoteAddr,
			"scrape_timeout", textutil.Cut(r.Header.Get(timeoutHeader), maxLogParam),
			"duration", time.Since(start).Round(time.Millisecond))
	})
}

// limitPages limits the pages to maxPages.
func (s *Server) limitPages(serve http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !s.pages.tryAcquire() {
			s.refuse(w, r, s.pages)
			return
		}
		defer s.pages.release()
		serve(w, r)
	}
}

// refuse answers a request above a limit. It logs one refusal a minute: refusals come in large numbers.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, l *limiter) {
	if s.refused.allow() {
		_ = level.Warn(s.options.Logger).Log("msg", "A request was refused: too many "+l.what+" at the same time",
			"limit", cap(l.places), "path", r.URL.Path, "from", r.RemoteAddr)
	}
	w.Header().Set("Retry-After", "5")
	message := fmt.Sprintf("too many %s: %s allows %d at a time", l.what, l.limit, cap(l.places))
	http.Error(w, message, http.StatusServiceUnavailable)
}
