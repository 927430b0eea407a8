package bench

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

// Parts of the tasks that are active. In an OMS that has run for years most tasks are ended.
const (
	few = 0.1
	all = 1
)

var client = &http.Client{Transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 8}}

// scrape reads the tasks of an exporter.
func (p *process) scrape(ctx context.Context, gzip bool) error {
	header := http.Header{"X-Prometheus-Scrape-Timeout-Seconds": {strconv.Itoa(int(scrapeTimeout.Seconds()))}}
	want := ""
	if gzip {
		want = "gzip"
		header.Set("Accept-Encoding", want)
	}
	status, encoding, err := p.get(ctx, tasksPath, header)
	if err == nil && (status != http.StatusOK || encoding != want) {
		err = fmt.Errorf("%s: status %d, Content-Encoding %q", tasksPath, status, encoding)
	}
	return err
}

// view requests a page. The exporter may refuse it under load.
func (p *process) view(ctx context.Context, path string) error {
	status, _, err := p.get(ctx, path, nil)
	if err == nil && status != http.StatusOK && status != http.StatusServiceUnavailable {
		err = fmt.Errorf("%s: status %d", path, status)
	}
	return err
}

// get requests a path, reads the answer to its end, and returns its status and Content-Encoding.
func (p *process) get(ctx context.Context, path string, header http.Header) (status int, encoding string, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url+path, nil)
	if err != nil {
		return 0, "", err
	}
	if header != nil {
		req.Header = header
	}
	res, err := client.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = res.Body.Close() }()
	_, err = io.Copy(io.Discard, res.Body)
	return res.StatusCode, res.Header.Get("Content-Encoding"), err
}

// BenchmarkBaseline compares scrapes of the exporter with scrapes of the baseline, in turn. A CPU-ratio of 0.1 is a
// tenth of the baseline.
//
//	go test -run '^$' -bench Baseline -benchtime 1x -timeout 30m ./internal/bench
func BenchmarkBaseline(b *testing.B) {
	const rounds = 5
	for _, c := range []struct {
		tasks  int
		active float64
	}{{150, few}, {150, all}, {15_000, few}, {15_000, all}} {
		b.Run(fmt.Sprintf("tasks=%d/active=%.0f%%", c.tasks, 100*c.active), func(b *testing.B) {
			oms := start(b, setup{Role: roleSimulator, Tasks: c.tasks, Active: c.active})
			exporters := [2]*process{
				start(b, setup{Role: roleExporter, URL: oms.url}),
				start(b, setup{Role: roleBaseline, URL: oms.url}),
			}
			var ratios []float64
			var peaks [2]float64
			for round := range rounds + 1 {
				var cpu [2]float64
				for i, exporter := range exporters {
					before := exporter.usage(b)
					for range max(1, 1500/c.tasks) {
						if err := exporter.scrape(b.Context(), false); err != nil {
							b.Fatal(err)
						}
					}
					after := exporter.usage(b)
					cpu[i], peaks[i] = (after.CPU - before.CPU).Seconds(), float64(after.Peak)
				}
				if round > 0 { // the first one fills caches
					ratios = append(ratios, cpu[0]/cpu[1])
				}
			}
			slices.Sort(ratios)
			b.ReportMetric(ratios[len(ratios)/2], "CPU-ratio")
			b.ReportMetric(peaks[0]/peaks[1], "memory-ratio")
		})
	}
}

// TestBaseline shows that both sides of the comparison do the same.
func TestBaseline(t *testing.T) {
	for _, active := range []float64{few, all} {
		t.Run(fmt.Sprintf("active=%.0f%%", 100*active), func(t *testing.T) {
			const tasks = 300
			oms := httptest.NewServer(setup{Tasks: tasks, Active: active}.simulator())
			defer oms.Close()
			exporter, err := setup{URL: oms.URL}.exporter()
			if err != nil {
				t.Fatal(err)
			}
			base, got := series(t, newBaseline(oms.URL)), series(t, exporter)
			if len(base["oms_task_status"]) != 10*tasks || len(base) < 35 {
				t.Errorf("%d metrics, %d states of %d tasks", len(base), len(base["oms_task_status"]), tasks)
			}
			for metric, want := range base {
				if diff := cmp.Diff(want, got[metric]); diff != "" {
					t.Errorf("%s (- baseline, + exporter):\n%.1000s", metric, diff)
				}
				delete(got, metric)
			}
			if len(got) > 5 { // the baseline need not follow each new metric
				t.Errorf("metrics that the baseline does not have: %v", got)
			}
		})
	}
}

var seriesName = regexp.MustCompile(`^(oms_\w+)\{`)

// series returns the series of an exposition by metric, without values that differ from run to run.
func series(t *testing.T, handler http.Handler) map[string][]string {
	t.Helper()
	res := httptest.NewRecorder()
	handler.ServeHTTP(res, httptest.NewRequestWithContext(t.Context(), http.MethodGet, tasksPath, nil))
	if res.Code != http.StatusOK {
		t.Fatalf("%d: %s", res.Code, res.Body)
	}
	found := make(map[string][]string)
	for line := range strings.SplitSeq(testutil.MaskMeasured(res.Body.String()), "\n") {
		if name := seriesName.FindStringSubmatch(line); name != nil {
			found[name[1]] = append(found[name[1]], line)
		}
	}
	for _, lines := range found {
		slices.Sort(lines)
	}
	return found
}

// scrapeTimeout is longer than any walk here.
const scrapeTimeout = 10 * time.Minute
