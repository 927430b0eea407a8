// Package web is the HTTP side of the exporter: it answers Prometheus and people. It holds the targets of the running config, asks package
// collector for their metrics, and has them encoded.
package web

import (
	"fmt"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"time"

	"github.com/go-kit/log"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	versioncollector "github.com/prometheus/client_golang/prometheus/collectors/version"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/oms-exporter/oms_exporter/collector"
	"github.com/oms-exporter/oms_exporter/internal/config"
)

// Options of a Server.
type Options struct {
	Store          *config.Store
	Logger         log.Logger
	LogDropped     func() float64 // log lines that were dropped since the start; nil: none can be
	UserAgent      string         // of requests to OMS
	Version        string         // for people
	ExternalURL    *url.URL       // as clients know the exporter; nil: as they request it; a path without scheme and host, or both; no slash at the end
	RoutePrefix    string         // of all paths that are served; no slash at the end
	TelemetryPath  string
	TasksOnMetrics bool                 // TelemetryPath shows the tasks of all targets, too
	MaxRequests    int                  // scrapes at once; more get 503
	TimeoutOffset  time.Duration        // taken off the scrape timeout of Prometheus
	EnablePprof    bool                 // /debug/pprof/ is served
	Collectors     collector.Collectors // of the exposition
}

// Server answers HTTP requests. It is made by New and ended by Close.
type Server struct {
	options  Options
	registry *prometheus.Registry // of the exporter's own metrics
	metrics  *collector.Metrics
	targets  *targets
	errors   *prometheus.CounterVec
	scrapes  *limiter
	debugs   *limiter
	pages    *limiter // in the making, and on their way to browsers
	renders  *limiter // in the making
	refused  minutely // log lines about refused requests
	panicked minutely // log lines about panics
	garbage  garbageCollector
	handler  http.Handler
}

// New makes a server of the targets in the store. Its error is that of a target whose client cannot be made, because a certificate
// cannot be read for instance, or of a telemetry path that cannot be served.
func New(options Options) (*Server, error) {
	s := &Server{
		options:  options,
		registry: prometheus.NewRegistry(),
		metrics:  collector.NewMetrics(options.Collectors),
		scrapes:  newLimiter(options.MaxRequests, "scrapes", "--web.max-requests"),
		debugs:   newLimiter(maxDebugs, "debug walks", "the exporter"),
		pages:    newLimiter(maxPages, "pages", "the exporter"),
		renders:  newLimiter(maxRenders, "pages in the making", "the exporter"),
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

// Close closes the connections to all OMS that are idle.
func (s *Server) Close() { s.targets.close() }

// routes makes the table of paths. What is not in it is answered 404 or 405 by the mux.
func (s *Server) routes() (http.Handler, error) {
	mux := http.NewServeMux()
	mux.Handle("GET "+probePath, s.limitScrapes(s.serveProbe))
	mux.HandleFunc("GET /sd", s.serveDiscovery)
	mux.HandleFunc("GET /config", s.serveConfig)
	mux.HandleFunc("GET /-/healthy", serveOK)
	mux.HandleFunc("GET /-/ready", serveOK)
	mux.HandleFunc("POST /-/reload", s.serveReload)
	mux.HandleFunc("GET /{$}", s.limitPages(s.serveOverview))
	mux.HandleFunc("GET /walks/{id}", s.limitPages(s.serveWalk))
	mux.HandleFunc("GET /tasks", s.limitPages(s.serveTasks))
	if s.options.EnablePprof {
		servePprof(mux)
	}
	if err := checkPath(s.options.TelemetryPath, mux); err != nil {
		return nil, err
	}
	mux.Handle("GET "+s.options.TelemetryPath, promhttp.InstrumentMetricHandler(s.registry, s.limitScrapes(s.serveMetrics)))
	return compressed(s.belowPrefix(mux))
}

const probePath = "/probe"

var plainPath = regexp.MustCompile(`^(/[A-Za-z0-9_.~-]+)+$`)

// checkPath says whether metrics can be served at telemetry beside what is in the mux.
func checkPath(telemetry string, mux *http.ServeMux) error {
	if !plainPath.MatchString(telemetry) || path.Clean(telemetry) != telemetry {
		return fmt.Errorf("--web.telemetry-path=%s: not a path such as /metrics (letters, digits, and _ . ~ - between the slashes)", telemetry)
	}
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		if _, taken := mux.Handler(&http.Request{Method: method, URL: &url.URL{Path: telemetry}}); taken != "" {
			return fmt.Errorf("--web.telemetry-path=%s: the exporter serves something else there", telemetry)
		}
	}
	return nil
}

func serveOK(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("OK\n")) }
