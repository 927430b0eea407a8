package web

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/oms-exporter/oms_exporter/collector"
)

// serveMetrics answers with the exporter's own metrics and, with TasksOnMetrics, the tasks of all targets.
func (s *Server) serveMetrics(w http.ResponseWriter, r *http.Request) {
	if !s.options.TasksOnMetrics {
		s.writeMetrics(w, r, nil, s.registry)
		return
	}
	ctx, cancel := s.withScrapeTimeout(r)
	defer cancel()
	s.writeMetrics(w, r, s.metrics.Families(collector.Scrape(ctx, s.targets.all())), s.registry)
}

// serveProbe answers with the tasks of one target. The request has the name of the target, never its address: a client
// cannot make the exporter send requests and credentials elsewhere.
func (s *Server) serveProbe(w http.ResponseWriter, r *http.Request) {
	target, debug, err := s.parseProbe(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	ctx, cancel := s.withScrapeTimeout(r)
	defer cancel()
	if debug {
		s.serveDebug(ctx, w, r, target)
		return
	}
	s.writeMetrics(w, r, s.metrics.Families(collector.Scrape(ctx, []*collector.Target{target.Target})), nil)
}

// parseProbe reads the parameters of a probe. Its error is one line for the client.
func (s *Server) parseProbe(r *http.Request) (target *target, debug bool, err error) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, false, errors.New("the query cannot be parsed: use /probe?target=NAME")
	}
	for _, key := range slices.Sorted(maps.Keys(query)) {
		switch {
		case !slices.Contains([]string{"target", "debug", "name[]"}, key):
			return nil, false, fmt.Errorf("parameter %.60q is unknown: use target, debug or name[]", key)
		case len(query[key]) > 1 && key != "name[]":
			return nil, false, fmt.Errorf("parameter %s is given more than once: remove one", key)
		}
	}
	name := query.Get("target")
	if name == "" {
		return nil, false, errors.New("parameter target is missing: " +
			"use /probe?target=NAME with the name of a target in the config")
	}
	if target = s.targets.named(name); target == nil {
		return nil, false, fmt.Errorf("target %.60q is not in the config: /sd lists the targets", name)
	}
	switch debug := query.Get("debug"); {
	case debug == "true":
		return target, true, nil
	case debug == "false", !query.Has("debug"):
		return target, false, nil
	}
	return nil, false, errors.New("parameter debug is invalid: use true or false")
}

// withScrapeTimeout returns the context of a request with Prometheus' scrape timeout less TimeoutOffset: the response
// then arrives in time. Without the header the targets' own timeouts apply.
func (s *Server) withScrapeTimeout(r *http.Request) (context.Context, context.CancelFunc) {
	if wait := scrapeTimeout(r.Header.Get(timeoutHeader), s.options.TimeoutOffset); wait > 0 {
		return context.WithTimeout(r.Context(), wait)
	}
	return context.WithCancel(r.Context())
}

const timeoutHeader = "X-Prometheus-Scrape-Timeout-Seconds"

// scrapeTimeout returns the timeout in the header less offset, but at least half of the timeout. It returns 0 if the
// header is missing or invalid.
func scrapeTimeout(header string, offset time.Duration) time.Duration {
	const longest = 24 * time.Hour
	seconds, err := strconv.ParseFloat(header, 64)
	if err != nil || math.IsNaN(seconds) || seconds <= 0 {
		return 0
	}
	wait := time.Duration(min(seconds, longest.Seconds()) * float64(time.Second))
	return wait - min(offset, wait/2)
}
