package e2e

import (
	"bytes"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

const openMetrics = "application/openmetrics-text; version=1.0.0"

func TestExposition(t *testing.T) {
	oms := startOMS(t)
	p := start(t, nil, "--config.file="+configFile(t, oms.target("prod")))
	get := func(accept string) string {
		got := p.get("/probe?target=prod", "Accept", accept)
		kind, _, _ := strings.Cut(accept, ";")
		if !strings.HasPrefix(got.Header.Get("Content-Type"), kind) {
			t.Errorf("Accept %s: Content-Type is %s", accept, got.Header.Get("Content-Type"))
		}
		if got.Tasks() != oms.truth() {
			t.Errorf("Accept %s: %d tasks, want %d", accept, got.Tasks(), oms.truth())
		}
		return testutil.MaskMeasured(got.Body)
	}
	text := get("text/plain; version=0.0.4")
	testutil.Golden(t, filepath.Join(testutil.Root(t), "testdata", "e2e", "probe.txt"), text)
	t.Run("OpenMetrics has the same series", func(t *testing.T) {
		labels := func(text string) (all []string) {
			for line := range strings.Lines(text) {
				if series, _, ok := strings.Cut(line, "} "); ok && !strings.HasPrefix(line, "#") {
					all = append(all, series)
				}
			}
			return all
		}
		if diff := cmp.Diff(labels(text), labels(get(openMetrics))); diff != "" {
			t.Errorf("(- text, + OpenMetrics):\n%.2000s", diff)
		}
	})
	t.Run("the exporter exports metrics of itself", func(t *testing.T) {
		p.get("/metrics") // the histogram of requests exists after the first scrape
		body := p.get("/metrics").Body
		for _, family := range []string{
			"go_goroutines gauge", "process_cpu_seconds_total counter", "process_resident_memory_bytes gauge",
			"promhttp_metric_handler_errors_total counter", "promhttp_metric_handler_requests_in_flight gauge",
			"promhttp_metric_handler_requests_total counter", "oms_exporter_log_lines_dropped_total counter", "oms_exporter_build_info gauge",
			"oms_api_requests_total counter", "oms_api_request_duration_seconds histogram", "oms_api_retries_total counter",
		} {
			if !strings.Contains(body, "# TYPE "+family+"\n") {
				t.Errorf("no %s", family)
			}
		}
	})
}

func TestPromtoolFindsNothing(t *testing.T) {
	promtool := testutil.LookPath(t, "install the Debian package prometheus", "promtool")
	p := start(t, nil, "--config.file="+configFile(t, startOMS(t).target("prod")))
	for _, path := range []string{"/metrics", "/probe?target=prod"} {
		check := exec.CommandContext(t.Context(), promtool, "check", "metrics")
		check.Stdin = strings.NewReader(p.get(path).Body)
		if output, err := check.CombinedOutput(); err != nil || len(bytes.TrimSpace(output)) > 0 {
			t.Errorf("%s: %v\n%s", path, err, output)
		}
	}
}

func TestTheDemoShowsAllTasksOverSeveralPages(t *testing.T) {
	p := start(t, nil, "--demo")
	got := p.get("/metrics")
	pages, tasks := got.Value(t, `oms_scrape_pages{oms="demo"}`), got.Value(t, `oms_scrape_tasks{oms="demo"}`)
	if got.Value(t, `oms_up{oms="demo"}`) != 1 || pages < 3 || tasks < 60 || got.Tasks() != int(tasks) ||
		got.Value(t, `oms_scrape_reported_tasks{oms="demo"}`) != tasks {
		t.Errorf("%.0f pages, %.0f tasks, %d of them shown", pages, tasks, got.Tasks())
	}
	if reload, err := p.ask("POST", "/-/reload"); err != nil || reload.Status != 200 {
		t.Errorf("reload: %v, %d %s", err, reload.Status, reload.Body)
	}
	if after := p.get("/metrics"); after.Tasks() != got.Tasks() {
		t.Errorf("%d tasks after a reload", after.Tasks())
	}
}

func TestScrapesLeaveNothingBehind(t *testing.T) {
	oms := startOMS(t)
	p := start(t, nil, "--config.file="+configFile(t, oms.target("prod", "  concurrency: 1")), "--no-web.tasks-on-metrics")
	scrape := func(n int) figures {
		for range n {
			if got := p.get("/probe?target=prod"); got.Tasks() != oms.truth() {
				t.Fatalf("%d tasks", got.Tasks())
			}
		}
		return p.measure()
	}
	ten, hundred := scrape(10), scrape(90)
	testutil.WaitFor(t, "100 scrapes leave no more behind than 10", func() error {
		if hundred.goroutines <= ten.goroutines && hundred.files <= ten.files {
			return nil
		}
		before := hundred
		hundred = p.measure() // connections that are about to close take their time
		return fmt.Errorf("after 10 scrapes %v, after 100 %v", ten, before)
	})
}
