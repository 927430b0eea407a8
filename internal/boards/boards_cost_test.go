//go:build slow

package boards

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

// TestBoardsCost compares the CPU time that Prometheus takes for each panel with the CPU time of a plain query that
// reads the status of all tasks: 5,000 active tasks, 50,000 series. Graphs show six hours. CPU time depends less than
// durations on what else the machine does. The test logs the slowest panels:
//
//	go test -tags=slow -run TestBoardsCost -v ./internal/boards
func TestBoardsCost(t *testing.T) {
	const tasks, most = 5_000, 7.0
	p := startWithHistory(t, tasks)
	plain := p.cpu(t, query{Expr: `sum by (status) (oms_task_status)`, Instant: true})
	if plain < 0.05 {
		t.Fatalf("the plain query takes %g s: no task is there", plain)
	}
	type cost struct {
		panel string
		cpu   float64
	}
	var costs []cost
	for _, b := range boards(t) {
		for i := range b.Panels {
			c := cost{panel: b.file + ": " + b.Panels[i].Title}
			for _, q := range b.Panels[i].Targets {
				q.Expr = fill(t, q.Expr, b.chosen(map[string]string{"oms": "prod", "task_id": "np_00000097"}))
				c.cpu += p.cpu(t, q)
			}
			costs = append(costs, c)
		}
	}
	slices.SortFunc(costs, func(a, b cost) int { return cmp.Compare(b.cpu, a.cpu) })
	t.Logf("the plain query: %.2f s of CPU time", plain)
	for i, c := range costs {
		if i < 6 {
			t.Logf("%.2f s, %.1f times the plain query: %s", c.cpu, c.cpu/plain, c.panel)
		}
		if c.cpu > most*plain {
			t.Errorf("%s takes %.1f times the plain query, more than %g times", c.panel, c.cpu/plain, most)
		}
	}
}

// storedPrometheus is a Prometheus that scrapes nothing and has stored series until a time.
type storedPrometheus struct {
	prometheusAPI
	until time.Time
}

// startWithHistory starts a Prometheus that has stored what the exporter of that many tasks exposes: six hours of the
// delays that the overview shows over time, half an hour of the records that it takes a rate of, and two minutes of the
// rest.
func startWithHistory(t *testing.T, tasks int) storedPrometheus {
	t.Helper()
	dir := t.TempDir()
	until := time.Now().Add(-time.Minute).Truncate(time.Second)
	writeHistory(t, filepath.Join(dir, "history"), tasks, until)
	if out, err := promtool(t, dir, "tsdb", "create-blocks-from", "openmetrics", "history", "data"); err != nil {
		t.Fatalf("promtool: %v\n%s", err, out)
	}
	config := testutil.WriteFile(t, filepath.Join(dir, "prometheus.yml"), "global: {}\n")
	prometheus := testutil.LookPath(t, "install the Debian package prometheus", "prometheus")
	return storedPrometheus{prometheusAPI(startReady(t, exec.Command(
		prometheus,
		"--web.listen-address=127.0.0.1:0",
		"--storage.tsdb.path="+filepath.Join(
			dir,
			"data",
		),
		"--storage.tsdb.retention.time=1y",
		"--config.file="+config,
	))), until}
}

// writeHistory writes a file in the OpenMetrics format in which each series has the value of now at all times.
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

// cpu is the CPU time that Prometheus takes for a query, in seconds: the least of three times.
func (p storedPrometheus) cpu(t *testing.T, q query) float64 {
	t.Helper()
	path, form := "query", url.Values{"query": {q.Expr}, "time": {unix(p.until)}}
	if q.Range {
		path = "query_range"
		form.Set("start", unix(p.until.Add(-6*time.Hour)))
		form.Set("end", unix(p.until))
		form.Set("step", "30")
	}
	var took []float64
	for range 3 {
		before := p.used(t)
		if err := p.get(t, path+"?"+form.Encode(), &struct{}{}); err != nil {
			t.Fatalf("%s: %v", q.Expr, err)
		}
		took = append(took, p.used(t)-before)
	}
	return slices.Min(took)
}

// used is the CPU time that Prometheus has used since its start, in seconds.
func (p storedPrometheus) used(t *testing.T) float64 {
	t.Helper()
	metrics, err := testutil.Get(t, string(p.prometheusAPI)+"/metrics")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(metrics.Body, "\nprocess_cpu_seconds_total ")
	var seconds float64
	if _, err := fmt.Sscan(rest, &seconds); err != nil {
		t.Fatalf("no process_cpu_seconds_total: %v", err)
	}
	return seconds
}
