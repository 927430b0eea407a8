package page

import (
	"bytes"
	"context"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/oms-exporter/oms_exporter/collector"
	"github.com/oms-exporter/oms_exporter/internal/config"
	"github.com/oms-exporter/oms_exporter/internal/testutil"
	"github.com/oms-exporter/oms_exporter/oms"
	"github.com/oms-exporter/oms_exporter/oms/simulator"
)

func TestMain(m *testing.M) { testutil.Main(m) }

// clock is a time when every story of the simulator is running.
var clock = time.Date(2025, 6, 1, 8, 0, 0, 0, time.UTC)

// settings returns the default settings of a target.
func settings(name string) collector.Settings {
	t := config.DefaultTarget()
	return collector.Settings{Name: name, FinishedDetail: t.FinishedDetail, LogRetention: t.LogRetention,
		PauseLimit: t.PauseLimit, Thresholds: t.SyncDelayThresholds}
}

// snapshot returns the snapshot of a walk that ended at clock.
func snapshot(name string, tasks ...*oms.Task) *collector.Snapshot {
	return &collector.Snapshot{
		Target: collector.NewTarget(settings(name), nil, nil),
		Walk:   &oms.Walk{Tasks: tasks, Pages: 1 + len(tasks)/150, Duration: 123 * time.Millisecond},
		At:     clock,
	}
}

// scrapedTarget returns a Target whose last walk was complete, 20 seconds ago.
func scrapedTarget(name string, tasks ...*oms.Task) Target {
	s := snapshot(name, tasks...)
	return Target{Name: name, URL: "https://oms.example.com:8089", Last: s, Complete: s}
}

func exporter(targets ...Target) *Exporter {
	return &Exporter{Version: "1.2.3", TelemetryPath: "/metrics", TasksOnMetrics: true,
		Now: clock.Add(20 * time.Second), Targets: targets}
}

// demoTasks returns the tasks of the simulator, read through HTTP.
func demoTasks(t *testing.T, o simulator.Options) []*oms.Task {
	t.Helper()
	o.Now = func() time.Time { return clock }
	server := httptest.NewServer(simulator.New(o))
	defer server.Close()
	client, err := oms.New(server.URL, server.Client(), oms.Options{Target: "demo"})
	if err != nil {
		t.Fatal(err)
	}
	walker, err := oms.NewWalker(client, oms.WalkOptions{})
	if err != nil {
		t.Fatal(err)
	}
	walk, err := walker.Walk(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, task := range walk.Tasks {
		task.Received = clock
	}
	return walk.Tasks
}

// tasksPage returns the page for a query.
func tasksPage(t *testing.T, e *Exporter, raw string) string {
	t.Helper()
	q, err := e.ParseQuery(raw)
	if err != nil {
		t.Fatal(err)
	}
	var page bytes.Buffer
	if err := e.Tasks(&page, q); err != nil {
		t.Fatal(err)
	}
	return page.String()
}

func overviewPage(t *testing.T, e *Exporter) string {
	t.Helper()
	var page bytes.Buffer
	if err := e.Overview(&page); err != nil {
		t.Fatal(err)
	}
	return page.String()
}

// golden compares a page with its golden file, without the style sheet, which has its own tests.
func golden(t *testing.T, name, page string) {
	t.Helper()
	testutil.Golden(t, filepath.Join("testdata", name+".golden.html"),
		strings.ReplaceAll(page, style, "/* style.css */"))
}
