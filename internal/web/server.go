// Package web is the HTTP side of the exporter: it answers Prometheus and people. It holds the targets of the running config, asks package
// collector for their metrics, and has them encoded.
package web

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
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
	UserAgent      string // of requests to OMS
	Version        string // for people
	TelemetryPath  string
	TasksOnMetrics bool            // TelemetryPath shows the tasks of all targets, too
	MaxRequests    int             // scrapes at once; more get 503
	TimeoutOffset  time.Duration   // taken off the scrape timeout of Prometheus
	Parts          collector.Parts // of the exposition
}

// Server answers HTTP requests. It is made by New and ended by Close.
type Server struct {
	options  Options
	registry *prometheus.Registry // of the exporter's own metrics
	metrics  *collector.Metrics
	targets  *targets
	scrapes  chan struct{} // one element for each scrape under way
	handler  http.Handler
}

// New makes a server of the targets in the store. Its error is that of a target whose client cannot be made, because a certificate
// cannot be read for instance, or of a telemetry path that cannot be served.
func New(options Options) (*Server, error) {
	if err := checkPath(options.TelemetryPath); err != nil {
		return nil, err
	}
	s := &Server{
		options:  options,
		registry: prometheus.NewRegistry(),
		metrics:  collector.NewMetrics(options.Parts),
		scrapes:  make(chan struct{}, options.MaxRequests),
	}
	s.registry.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		versioncollector.NewCollector("oms_exporter"),
	)
	s.registerReload()
	var err error
	if s.targets, err = newTargets(options, collector.NewAPI(s.registry)); err != nil {
		return nil, err
	}
	s.handler = s.routes()
	return s, nil
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Close closes the connections to all OMS that are idle.
func (s *Server) Close() { s.targets.close() }

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET "+s.options.TelemetryPath, promhttp.InstrumentMetricHandler(s.registry, s.bounded(s.serveMetrics)))
	mux.Handle("GET "+probePath, s.bounded(s.serveProbe))
	mux.HandleFunc("GET /sd", s.serveDiscovery)
	mux.HandleFunc("GET /config", s.serveConfig)
	mux.HandleFunc("GET /-/healthy", serveOK)
	mux.HandleFunc("GET /-/ready", serveOK)
	mux.HandleFunc("POST /-/reload", s.serveReload)
	mux.HandleFunc("GET /{$}", s.serveLanding)
	return mux
}

const probePath = "/probe"

var (
	plainPath  = regexp.MustCompile(`^(/[A-Za-z0-9_.~-]+)+$`)
	takenPaths = []string{probePath, "/sd", "/config", "/tasks", "/-/healthy", "/-/ready", "/-/reload"}
)

func checkPath(path string) error {
	switch {
	case !plainPath.MatchString(path):
		return fmt.Errorf("--web.telemetry-path=%s: not a path such as /metrics", path)
	case slices.Contains(takenPaths, path):
		return fmt.Errorf("--web.telemetry-path=%s: the exporter serves something else there", path)
	}
	return nil
}

// bounded lets as many scrapes run at once as MaxRequests says, all paths together.
func (s *Server) bounded(scrape http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case s.scrapes <- struct{}{}:
			defer func() { <-s.scrapes }()
			scrape(w, r)
		default:
			http.Error(w, fmt.Sprintf("%d scrapes are under way, which is all that --web.max-requests allows", s.options.MaxRequests),
				http.StatusServiceUnavailable)
		}
	})
}

func serveOK(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("OK\n")) }
