package e2e

import (
	"bytes"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

const openMetrics = "application/openmetrics-text; version=1.0.0"

func TestTheWholeExpositionOfAProbe(t *testing.T) {
	oms := startOMS(t)
	p := start(t, nil, "--config.file="+configFile(t, oms.target("prod")))
	for name, accept := range map[string]string{"probe.txt": "text/plain; version=0.0.4", "probe.openmetrics": openMetrics} {
		got := p.get("/probe?target=prod", "Accept", accept)
		kind, _, _ := strings.Cut(accept, ";")
		if !strings.HasPrefix(got.Header.Get("Content-Type"), kind) {
			t.Errorf("%s: Content-Type is %s", name, got.Header.Get("Content-Type"))
		}
		if got.Tasks() != oms.truth() {
			t.Errorf("%s: %d tasks, want %d", name, got.Tasks(), oms.truth())
		}
		compareGolden(t, name, testutil.MaskMeasured(got.Body))
	}
}

func TestNamesTypesAndHelpOfMetrics(t *testing.T) {
	p := start(t, nil, "--config.file="+configFile(t, startOMS(t).target("prod")))
	p.get("/metrics") // so that the histogram of requests is there
	var names strings.Builder
	for line := range strings.Lines(p.get("/metrics").Body) {
		if strings.HasPrefix(line, "#") {
			names.WriteString(line)
		}
	}
	compareGolden(t, "metrics.names", names.String())
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
