// Package web serves HTTP: the metrics for Prometheus and the pages for people. It holds the targets of the running
// config, requests their metrics from package collector, and encodes them.
package web

import (
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	versioncollector "github.com/prometheus/client_golang/prometheus/collectors/version"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/oms-exporter/oms_exporter/collector"
	"github.com/oms-exporter/oms_exporter/internal/config"
	"github.com/oms-exporter/oms_exporter/internal/textutil"
	"github.com/oms-exporter/oms_exporter/oms"
)

// Options of a Server.
type Options struct {
	Store          *config.Store
	Logger         log.Logger
	LogDropped     func() float64       // log lines dropped since the start; nil: the log drops none
	UserAgent      string               // of requests to OMS
	Version        string               // for the pages
	ExternalURL    *url.URL             // for clients: a path, or a whole URL; no slash at the end; nil: as requested
	RoutePrefix    string               // of all paths that are served; no slash at the end
	TelemetryPath  string               // a clean path without characters that need an escape
	TasksOnMetrics bool                 // TelemetryPath also has the tasks of all targets
	MaxRequests    int                  // concurrent scrapes; more get 503
	TimeoutOffset  time.Duration        // subtracted from the scrape timeout of Prometheus
	EnablePprof    bool                 // /debug/pprof/ is served
	Collectors     collector.Collectors // of the exposition
}

// Server answers HTTP requests. New makes it, Close ends it.
type Server struct {
	options  Options
	registry *prometheus.Registry // of the exporter's own metrics
	metrics  *collector.Metrics
	targets  *targets
	errors   *prometheus.CounterVec
	scrapes  *limiter
	debugs   *limiter
	pages    *limiter    // being written or sent to browsers
	renders  *limiter    // being written
	refused  logThrottle // of log lines about refused requests
	panicked logThrottle // of log lines about panics
	garbage  garbageCollector
	handler  http.Handler
}

// New makes a server of the targets in the store. It fails if the client of a target cannot be made, for example
// because a certificate cannot be read, or if the telemetry path is one of its other paths.
func New(options Options) (*Server, error) {
	s := &Server{
		options:  options,
		registry: prometheus.NewRegistry(),
		metrics:  collector.NewMetrics(options.Collectors),
		scrapes:  newLimiter(options.MaxRequests, "scrapes", "--web.max-requests"),
		debugs:   newLimiter(maxDebugs, "debug walks", "the exporter"),
		pages:    newLimiter(maxPages, "pages", "the exporter"),
		renders:  newLimiter(maxRenders, "pages being written", "the exporter"),
	}
	s.registry.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		versioncollector.NewCollector("oms_exporter"),
	)
	s.registerReload()
	s.registerLog()
	s.errors = newErrorsTotal(s.registry)
	var err error
	if s.handler, err = s.routes(); err != nil {
		return nil, err
	}
	if s.targets, err = newTargets(options, collector.NewRequestMetrics(s.registry)); err != nil {
		return nil, err
	}
	return s, nil
}

// Close closes the idle connections to all OMS.
func (s *Server) Close() { s.targets.close() }

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer s.recoverPanic(r)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	paced := newPacedWriter(w)
	if r.ContentLength != 0 {
		_ = paced.controller.SetReadDeadline(time.Now().Add(bodyTimeout)) // fails only in tests without a connection
	}
	s.handler.ServeHTTP(paced, r)
}

// recoverPanic logs the panic of a handler in one line and aborts the response.
func (s *Server) recoverPanic(r *http.Request) {
	value := recover()
	switch {
	case value == nil:
		return
	case value != http.ErrAbortHandler && s.panicked.allow(): //nolint:errorlint // net/http compares in the same way
		_ = level.Error(s.options.Logger).Log("msg", "A request failed", "path", textutil.Cut(r.URL.Path, maxLogParam),
			"err", s.targets.redact()(oms.PanicError("", 0, value).Message))
	}
	abort(r)
}

// routes makes the table of paths. The mux answers 404 or 405 to all other requests.
func (s *Server) routes() (http.Handler, error) {
	mux := http.NewServeMux()
	mux.Handle("GET "+probePath, s.limitScrapes(s.serveProbe))
	mux.HandleFunc("GET /sd", s.serveDiscovery)
	mux.HandleFunc("GET /config", s.serveConfig)
	mux.HandleFunc("GET /-/healthy", serveOK)
	mux.HandleFunc("GET /-/ready", serveOK)
	mux.HandleFunc("POST /-/reload", s.serveReload)
	mux.HandleFunc("/-/reload", refuseReload)
	mux.HandleFunc("GET /{$}", s.limitPages(s.serveOverview))
	mux.HandleFunc("GET /walks/{id}", s.limitPages(s.serveWalk))
	mux.HandleFunc("GET /tasks", s.limitPages(s.serveTasks))
	if s.options.EnablePprof {
		servePprof(mux)
	}
	if err := checkPath(s.options.TelemetryPath, mux); err != nil {
		return nil, err
	}
	metrics := promhttp.InstrumentMetricHandler(s.registry, s.limitScrapes(s.serveMetrics))
	mux.Handle("GET "+s.options.TelemetryPath, metrics)
	return compressed(s.withPrefix(mux))
}

const probePath = "/probe"

// checkPath returns an error if the mux already serves the path of the metrics.
func checkPath(telemetry string, mux *http.ServeMux) error {
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		if _, taken := mux.Handler(&http.Request{Method: method, URL: &url.URL{Path: telemetry}}); taken != "" {
			return fmt.Errorf("--web.telemetry-path=%s: this path is already in use: choose another one", telemetry)
		}
	}
	return nil
}

func serveOK(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("OK\n")) }
