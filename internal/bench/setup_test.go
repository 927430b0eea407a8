package bench

import (
	"fmt"
	"net/http"
	"runtime"
	"time"

	"github.com/go-kit/log"

	"github.com/oms-exporter/oms_exporter/collector"
	"github.com/oms-exporter/oms_exporter/internal/config"
	"github.com/oms-exporter/oms_exporter/internal/web"
	"github.com/oms-exporter/oms_exporter/oms/simulator"
)

// The roles of processes.
const (
	roleSimulator = "simulator"
	roleExporter  = "exporter"
	roleBaseline  = "baseline"
)

// setup is the role of a process with its options.
type setup struct {
	Role string

	// Of the simulator.
	Tasks  int
	Active float64 // part of the tasks that is active; the others are ended
	Tables int     // in the deprecated payload of each row

	// Of the exporters.
	URL         string
	MinInterval time.Duration
	SmallURL    string // of a second target, smallName; empty: none
}

const (
	targetName = "prod"
	smallName  = "small"
	tasksPath  = "/probe?target=" + targetName
)

func (s setup) handler() (http.Handler, error) {
	switch s.Role {
	case roleSimulator:
		return s.simulator(), nil
	case roleExporter:
		runtime.GOMAXPROCS(1) // the default of --runtime.gomaxprocs; the baseline is left to Go
		return s.exporter()
	case roleBaseline:
		return newBaseline(s.URL), nil
	}
	return nil, fmt.Errorf("no role %q", s.Role)
}

func (s setup) simulator() http.Handler {
	return simulator.New(simulator.Options{Generated: s.Tasks, Active: s.Active, Tables: s.Tables})
}

func (s setup) exporter() (http.Handler, error) {
	target := config.DefaultTarget()
	target.Name, target.URL, target.Timeout = targetName, s.URL, scrapeTimeout
	target.MinInterval, target.MaxResponseSize = s.MinInterval, 1<<30
	targets := []config.Target{target}
	if s.SmallURL != "" {
		small := config.DefaultTarget()
		small.Name, small.URL = smallName, s.SmallURL
		targets = append(targets, small)
	}
	return web.New(web.Options{
		Store:          config.NewStaticStore(&config.Config{Targets: targets}),
		Logger:         log.NewNopLogger(),
		UserAgent:      "bench",
		TelemetryPath:  "/metrics",
		TasksOnMetrics: true,
		MaxRequests:    40,
		Collectors:     collector.AllCollectors,
	})
}
