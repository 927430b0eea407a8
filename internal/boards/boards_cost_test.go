//go:build slow

package boards

import (
	"bufio"
	"errors"
	"fmt"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

// plainQuery counts the tasks by status: ten series for each task.
const plainQuery = `sum by (status) (oms_task_status)`

// TestBoardsCost limits the samples that Prometheus reads for each panel at one instant, compared with plainQuery. They
// are the same on every machine. Queries over time count once, as at each of their steps.
func TestBoardsCost(t *testing.T) {
	const tasks, limit = 500, 12.0
	prometheus := startWithHistory(t, tasks)
	plain := prometheus.run(t, plainQuery, false).samples
	if plain < tasks {
		t.Fatalf("%s reads %g samples: tasks are missing", plainQuery, plain)
	}
	for _, p := range panels(t) {
		var samples float64
		for _, expr := range p.filled(t) {
			samples += prometheus.run(t, expr, false).samples
		}
		if samples > limit*plain {
			t.Errorf("%s reads %.1f times the samples of %s, more than %g times", p, samples/plain, plainQuery, limit)
		}
	}
}

// BenchmarkBoards compares the CPU time that Prometheus takes for each panel with the CPU time of plainQuery. There are
// 5,000 active tasks, and graphs show six hours. The machine should have nothing else to do:
//
//	go test -tags=slow -run '^$' -bench Boards -benchtime 3x ./internal/boards
func BenchmarkBoards(b *testing.B) {
	prometheus := startWithHistory(b, 5_000)
	for _, p := range panels(b) {
		b.Run(p.String(), func(b *testing.B) {
			var plain, cpu float64
			for b.Loop() {
				plain += prometheus.run(b, plainQuery, false).cpu
				for i, expr := range p.filled(b) {
					cpu += prometheus.run(b, expr, p.Targets[i].Range).cpu
				}
			}
			b.ReportMetric(0, "ns/op") // the time of both
			b.ReportMetric(cpu/float64(b.N), "cpu-s/view")
			b.ReportMetric(cpu/plain, "cpu-ratio")
		})
	}
}

// filled returns the queries of a panel with values for the variables.
func (p *panel) filled(tb testing.TB) (exprs []string) {
	tb.Helper()
	for _, q := range p.Targets {
		exprs = append(exprs, p.board.fill(tb, q.Expr, map[string]string{"oms": "prod", "task_id": "np_00000097"}))
	}
	return exprs
}

// storedPrometheus is a Prometheus that scrapes nothing and has stored series until a time.
type storedPrometheus struct {
	prometheusAPI
	until time.Time
}

// startWithHistory starts a Prometheus that has stored the series of a fleet: six hours of the delays that the overview
// shows over time, half an hour of the records that it takes a rate of, and two minutes of all others.
func startWithHistory(tb testing.TB, tasks int) storedPrometheus {
	tb.Helper()
	dir := tb.TempDir()
	until := time.Now().Add(-time.Minute).Truncate(time.Second)
	writeHistory(tb, filepath.Join(dir, "history"), tasks, until)
	out, err := runTool(tb, dir, "promtool", "tsdb", "create-blocks-from", "openmetrics", "history", "data")
	if err != nil {
		tb.Fatalf("promtool: %v\n%s", err, out)
	}
	p := startPrometheus(tb, "prometheus", dir, "global: {}\n", "--storage.tsdb.retention.time=1y")
	return storedPrometheus{p, until}
}

// writeHistory writes a file in the OpenMetrics format in which each series keeps its present value at all times.
func writeHistory(tb testing.TB, path string, tasks int, until time.Time) {
	tb.Helper()
	exporter := httptest.NewServer(fleet(tasks))
	defer exporter.Close()
	now, err := testutil.Get(tb, exporter.URL)
	if err != nil {
		tb.Fatal(err)
	}
	file, err := os.Create(path)
	if err != nil {
		tb.Fatal(err)
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
		tb.Fatal(err)
	}
}

// cost is what a query takes.
type cost struct {
	samples float64 // read
	cpu     float64 // of Prometheus, in seconds
}

// run runs a query at the end of the history, or over its six hours.
func (p storedPrometheus) run(tb testing.TB, expr string, overTime bool) cost {
	tb.Helper()
	path, form := "query", url.Values{"query": {expr}, "time": {unixText(p.until)}, "stats": {"all"}}
	if overTime {
		path = "query_range"
		form.Set("start", unixText(p.until.Add(-6*time.Hour)))
		form.Set("end", unixText(p.until))
		form.Set("step", "30")
	}
	var response struct {
		Data struct {
			Stats struct {
				Samples struct{ TotalQueryableSamples float64 }
			}
		}
	}
	before := p.metrics(tb).Value(tb, "process_cpu_seconds_total")
	if err := p.get(tb, path+"?"+form.Encode(), &response); err != nil {
		tb.Fatalf("%s: %v", expr, err)
	}
	return cost{
		samples: response.Data.Stats.Samples.TotalQueryableSamples,
		cpu:     p.metrics(tb).Value(tb, "process_cpu_seconds_total") - before,
	}
}
