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

// The roles that a process can play.
const (
	roleSimulator = "simulator"
	roleOurs      = "ours"
	roleBaseline  = "baseline"
)

// setup is a role and what there is to know for it.
type setup struct {
	Role string

	// Of the simulator.
	Tasks  int
	Active float64 // part of the tasks that runs; the others are over
	Tables int     // in the deprecated payload of each row
	Gzip   bool    // of the answers
	Delay  time.Duration

	// Of the exporters.
	URL         string
	Concurrency int // pages in flight; the baseline knows but one
	Parts       collector.Parts
	MinInterval time.Duration
	SourceTypes []string // of the filter
	SmallURL    string   // of a second target, smallName; empty: there is none
}

// patient is longer than any walk here takes.
const patient = 10 * time.Minute

const (
	targetName = "prod"
	smallName  = "small"
)

func (s setup) handler() (http.Handler, error) {
	switch s.Role {
	case roleSimulator:
		return s.simulator(), nil
	case roleOurs:
		runtime.GOMAXPROCS(1) // the default of --runtime.gomaxprocs; the baseline is left to Go
		return s.ours()
	case roleBaseline:
		return newBaseline(s.URL), nil
	}
	return nil, fmt.Errorf("no role %q", s.Role)
}

func (s setup) simulator() http.Handler {
	options := simulator.Options{Generated: s.Tasks, Active: s.Active, Tables: s.Tables}
	options.Behaviour.Gzip = s.Gzip
	if s.Delay > 0 {
		options.Behaviour.Faults = []simulator.Fault{{Delay: s.Delay}}
	}
	return simulator.New(options)
}

func (s setup) ours() (http.Handler, error) {
	target := config.DefaultTarget()
	target.Name, target.URL = targetName, s.URL
	target.Timeout = patient
	target.MinInterval = s.MinInterval
	target.Filter.SourceTypes = s.SourceTypes
	target.MaxResponseSize = 1 << 30
	if s.Concurrency > 0 {
		target.Concurrency = s.Concurrency
	}
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
		TelemetryPath:  metricsPath,
		TasksOnMetrics: true,
		MaxRequests:    40,
		Parts:          s.Parts,
	})
}

// Where an exporter answers.
const (
	tasksPath   = "/probe?target=" + targetName // with the tasks alone
	metricsPath = "/metrics"                    // with its own metrics, too
)
