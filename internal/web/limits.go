package web

import (
	"fmt"
	"net/http"
	"time"

	"github.com/go-kit/log/level"
)

// A client that sends or reads without end would hold a connection, and perhaps the place of a scrape, for as long as it likes.
const (
	sendTimeout = time.Minute      // for an answer, from when it is ready
	bodyTimeout = 10 * time.Second // for the body of a request, which nobody reads
)

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Content-Type-Options", "nosniff")
	setSendDeadline(w, sendTimeout)
	if r.ContentLength != 0 {
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyTimeout)) // not to be had in tests without a connection
	}
	s.handler.ServeHTTP(w, r)
}

// setSendDeadline says how long sending the answer may take from now on; 0: as long as it likes.
func setSendDeadline(w http.ResponseWriter, timeout time.Duration) {
	var deadline time.Time
	if timeout > 0 {
		deadline = time.Now().Add(timeout)
	}
	_ = http.NewResponseController(w).SetWriteDeadline(deadline) // not to be had in tests without a connection
}

// bounded lets as many scrapes run at once as MaxRequests says, all paths together.
func (s *Server) bounded(scrape http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case s.scrapes <- struct{}{}:
			defer func() { <-s.scrapes }()
		default:
			s.refuse(w, r)
			return
		}
		start := time.Now()
		setSendDeadline(w, 0) // the walk has time limits of its own
		scrape(w, r)
		_ = level.Debug(s.options.Logger).Log("msg", "Scrape answered", "path", r.URL.Path, "target", r.URL.Query().Get("target"),
			"from", r.RemoteAddr, "scrape_timeout", r.Header.Get(timeoutHeader), "duration", time.Since(start).Round(time.Millisecond))
	})
}

// refuse answers a scrape beyond MaxRequests. It logs so once a minute at most: where there is one, there are many.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request) {
	now := time.Now().Unix()
	if last := s.refused.Load(); now-last >= int64(logEvery/time.Second) && s.refused.CompareAndSwap(last, now) {
		_ = level.Warn(s.options.Logger).Log("msg", "A scrape was refused: as many as --web.max-requests allows are under way",
			"max_requests", s.options.MaxRequests, "path", r.URL.Path, "from", r.RemoteAddr)
	}
	http.Error(w, fmt.Sprintf("%d scrapes are under way, which is all that --web.max-requests allows", s.options.MaxRequests),
		http.StatusServiceUnavailable)
}
