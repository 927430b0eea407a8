package web

import (
	"context"
	"errors"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-kit/log/level"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"

	"github.com/oms-exporter/oms_exporter/collector"
)

// serveMetrics answers with the exporter's own metrics and, unless that is switched off, the tasks of all targets.
func (s *Server) serveMetrics(w http.ResponseWriter, r *http.Request) {
	if !s.options.TasksOnMetrics {
		s.encode(w, r, s.registry)
		return
	}
	ctx, cancel := s.deadline(r)
	defer cancel()
	tasks := collector.New(ctx, s.metrics, s.targets.all()...)
	s.encode(w, r, both{tasks, s.registry})
}

// serveProbe answers with the tasks of one target, which is named and never given by address: nobody can have the exporter send
// requests, and credentials, to a place of their choice.
func (s *Server) serveProbe(w http.ResponseWriter, r *http.Request) {
	target, debug, err := s.probed(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	ctx, cancel := s.deadline(r)
	defer cancel()
	if debug {
		s.serveDebug(ctx, w, target)
		return
	}
	s.encode(w, r, collector.New(ctx, s.metrics, target.Target))
}

// probed reads the parameters of a probe.
func (s *Server) probed(r *http.Request) (target *target, debug bool, err error) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, false, errors.New("the query cannot be parsed: want /probe?target=NAME")
	}
	for key, values := range query {
		switch {
		case !slices.Contains([]string{"target", "debug", "name[]"}, key):
			return nil, false, errors.New("parameter " + strconv.Quote(key) + " is not known: want target, debug or name[]")
		case len(values) > 1 && key != "name[]":
			return nil, false, errors.New("parameter " + key + " is given more than once")
		}
	}
	name := query.Get("target")
	if !query.Has("target") || name == "" {
		return nil, false, errors.New("parameter target is missing: want /probe?target=NAME with the name of a target in the config")
	}
	if target = s.targets.named(name); target == nil {
		return nil, false, errors.New("target " + strconv.Quote(name) + " is not in the config")
	}
	if query.Has("debug") {
		switch query.Get("debug") {
		case "true":
			debug = true
		case "false":
		default:
			return nil, false, errors.New("parameter debug is neither true nor false")
		}
	}
	return target, debug, nil
}

// encode answers with what from gathers, in the format that the client asks for.
func (s *Server) encode(w http.ResponseWriter, r *http.Request, from prometheus.Gatherer) {
	promhttp.HandlerFor(from, promhttp.HandlerOpts{
		ErrorLog:          errorLog{s},
		Registry:          s.registry,
		EnableOpenMetrics: true,
	}).ServeHTTP(w, r)
}

// errorLog takes what promhttp has to say, for instance of a client that went away in the middle of an answer.
type errorLog struct{ *Server }

func (l errorLog) Println(v ...any) {
	texts := make([]string, len(v))
	for i := range v {
		if err, ok := v[i].(error); ok {
			texts[i] = err.Error()
		} else if text, ok := v[i].(string); ok {
			texts[i] = text
		}
	}
	_ = level.Warn(l.options.Logger).Log("msg", "The metrics could not be sent", "err", strings.Join(texts, " "))
}

// both gathers two sets of families that have no name in common, without the work of comparing each series.
type both struct{ tasks, own prometheus.Gatherer }

func (b both) Gather() ([]*dto.MetricFamily, error) {
	tasks, err := b.tasks.Gather()
	if err != nil {
		return nil, err
	}
	own, err := b.own.Gather()
	families := slices.Concat(tasks, own)
	slices.SortFunc(families, func(a, b *dto.MetricFamily) int { return strings.Compare(a.GetName(), b.GetName()) })
	return families, err
}

// deadline is the request's context, ended in time for the answer to reach Prometheus before it gives up. Who does not say how long it
// waits has the targets' own timeouts.
func (s *Server) deadline(r *http.Request) (context.Context, context.CancelFunc) {
	if wait := patience(r.Header.Get("X-Prometheus-Scrape-Timeout-Seconds"), s.options.TimeoutOffset); wait > 0 {
		return context.WithTimeout(r.Context(), wait)
	}
	return context.WithCancel(r.Context())
}

// patience is how long Prometheus waits, less offset, or half of it where offset is more than that; 0 if the header says nothing of use.
func patience(header string, offset time.Duration) time.Duration {
	const longest = 24 * time.Hour
	seconds, err := strconv.ParseFloat(header, 64)
	if err != nil || math.IsNaN(seconds) || seconds <= 0 {
		return 0
	}
	wait := time.Duration(min(seconds, longest.Seconds()) * float64(time.Second))
	return wait - min(offset, wait/2)
}
