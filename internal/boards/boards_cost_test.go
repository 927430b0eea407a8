//go:build slow

package boards

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"math"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

// TestBoardsCost compares the CPU time that Prometheus takes for each panel with the CPU time of a plain query that
// reads the status of all tasks: 5,000 active tasks, 50,000 series. Graphs show six hours. CPU time depends less than
// durations on other programs. The test logs the slowest panels:
//
//	go test -tags=slow -run TestBoardsCost -v ./internal/boards
func TestBoardsCost(t *testing.T) {
	const tasks, limit = 5_000, 7.0
	prometheus := startWithHistory(t, tasks)
	plain := prometheus.cpu(t, `sum by (status) (oms_task_status)`, false)
	if plain < 0.05 {
		t.Fatalf("the plain query takes %g s: the tasks are missing", plain)
	}
	type cost struct {
		panel *panel
		cpu   float64
	}
	values := map[string]string{"oms": "prod", "task_id": "np_00000097"}
	var costs []cost
	for _, p := range panels(t) {
		c := cost{panel: p}
		for _, q := range p.Targets {
			c.cpu += prometheus.cpu(t, q.board.fill(t, q.Expr, values), q.Range)
		}
		costs = append(costs, c)
	}
	slices.SortFunc(costs, func(a, b cost) int { return cmp.Compare(b.cpu, a.cpu) })
	t.Logf("the plain query: %.2f s of CPU time", plain)
	for i, c := range costs {
		if i < 6 {
			t.Logf("%.2f s, %.1f times the plain query: %s", c.cpu, c.cpu/plain, c.panel)
		}
		if c.cpu > limit*plain {
			t.Errorf("%s takes %.1f times the plain query, more than %g times", c.panel, c.cpu/plain, limit)
		}
	}
}

// storedPrometheus is a Prometheus that scrapes nothing and has stored series until a time.
type storedPrometheus struct {
	prometheusAPI
	until time.Time
}

// startWithHistory starts a Prometheus that has stored the series of a fleet: six hours of the delays that the overview
// shows over time, half an hour of the records that it takes a rate of, and two minutes of all others.
func startWithHistory(t *testing.T, tasks int) storedPrometheus {
	t.Helper()
	dir := t.TempDir()
	until := time.Now().Add(-time.Minute).Truncate(time.Second)
	writeHistory(t, filepath.Join(dir, "history"), tasks, until)
	out, err := runTool(t, dir, "promtool", "tsdb", "create-blocks-from", "openmetrics", "history", "data")
	if err != nil {
		t.Fatalf("promtool: %v\n%s", err, out)
	}
	p := startPrometheus(t, "prometheus", dir, "global: {}\n", "--storage.tsdb.retention.time=1y")
	return storedPrometheus{p, until}
}

// writeHistory writes a file in the OpenMetrics format in which each series keeps its present value at all times.
func writeHistory(t *testing.T, path string, tasks int, until time.Time) {
	t.Helper()
	exporter := httptest.NewServer(fleet(tasks))
	defer exporter.Close()
	now, err := testutil.Get(t, exporter.URL)
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(file)
	past := map[string]time.Duration{
		"oms_task_sync_effective_delay_seconds": 6 * time.Hour,
		"oms_task_step_processed_records":       30 * time.Minute,
	}
	for line := range strings.Lines(now.Body) {
		name, rest, _ := strings.Cut(line, "{")
		for age := max(past[name], 2*time.Minute); age >= 0; age -= 2 * time.Minute {
			fmt.Fprintf(w, "%s{job=\"oms\",instance=\"a\",%s %d\n", name, strings.TrimSpace(rest), until.Add(-age).Unix())
		}
	}
	fmt.Fprintln(w, "# EOF")
	if err := errors.Join(w.Flush(), file.Close()); err != nil {
		t.Fatal(err)
	}
}

// cpu returns the CPU time in seconds that Prometheus takes for a query: the least of three times.
func (p storedPrometheus) cpu(t *testing.T, expr string, overTime bool) float64 {
	t.Helper()
	path, form := "query", url.Values{"query": {expr}, "time": {unixText(p.until)}}
	if overTime {
		path = "query_range"
		form.Set("start", unixText(p.until.Add(-6*time.Hour)))
		form.Set("end", unixText(p.until))
		form.Set("step", "30")
	}
	least := math.Inf(1)
	for range 3 {
		before := p.metrics(t).Value(t, "process_cpu_seconds_total")
		if err := p.get(t, path+"?"+form.Encode(), &struct{}{}); err != nil {
			t.Fatalf("%s: %v", expr, err)
		}
		least = min(least, p.metrics(t).Value(t, "process_cpu_seconds_total")-before)
	}
	return least
}
