package e2e

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// measured are the series whose values differ each time.
var measured = regexp.MustCompile(`(?m)^((?:oms_scrape_duration_seconds|oms_clock_offset_seconds)\{[^}]*\}) .*$`)

const openMetrics = "application/openmetrics-text; version=1.0.0"

func TestTheWholeExpositionOfAProbe(t *testing.T) {
	oms := startOMS(t)
	p := start(t, nil, "--config.file="+configFile(t, oms.target("prod")))
	for name, accept := range map[string]string{"probe.txt": "text/plain; version=0.0.4", "probe.openmetrics": openMetrics} {
		got := p.get("/probe?target=prod", "Accept", accept)
		kind, _, _ := strings.Cut(accept, ";")
		if !strings.HasPrefix(got.header.Get("Content-Type"), kind) {
			t.Errorf("%s: Content-Type is %s", name, got.header.Get("Content-Type"))
		}
		if got.tasks() != oms.truth() {
			t.Errorf("%s: %d tasks, want %d", name, got.tasks(), oms.truth())
		}
		holdGolden(t, name, measured.ReplaceAllString(got.body, "$1 MASKED"))
	}
}

func TestNamesTypesAndHelpOfMetrics(t *testing.T) {
	p := start(t, nil, "--config.file="+configFile(t, startOMS(t).target("prod")))
	p.get("/metrics") // so that the histogram of requests is there
	var names strings.Builder
	for line := range strings.Lines(p.get("/metrics").body) {
		if strings.HasPrefix(line, "#") {
			names.WriteString(line)
		}
	}
	holdGolden(t, "metrics.names", names.String())
}

// holdGolden compares with a golden file, or writes it anew.
func holdGolden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join(golden, name)
	if *update {
		if err := os.MkdirAll(golden, 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s (if it is meant so: go test ./internal/e2e -update):\n%s", name, diff)
	}
}

func TestPromtoolFindsNothing(t *testing.T) {
	promtool := tool(t, "promtool", "prometheus")
	p := start(t, nil, "--config.file="+configFile(t, startOMS(t).target("prod")))
	for _, path := range []string{"/metrics", "/probe?target=prod"} {
		check := exec.CommandContext(t.Context(), promtool, "check", "metrics")
		check.Stdin = strings.NewReader(p.get(path).body)
		if output, err := check.CombinedOutput(); err != nil || len(bytes.TrimSpace(output)) > 0 {
			t.Errorf("%s: %v\n%s", path, err, output)
		}
	}
}

func TestTheDemoShowsAllTasksOverSeveralPages(t *testing.T) {
	p := start(t, nil, "--demo")
	got := p.get("/metrics")
	pages, tasks := got.value(t, `oms_scrape_pages{oms="demo"}`), got.value(t, `oms_scrape_tasks{oms="demo"}`)
	if got.value(t, `oms_up{oms="demo"}`) != 1 || pages < 3 || tasks < 60 || got.tasks() != int(tasks) ||
		got.value(t, `oms_scrape_reported_tasks{oms="demo"}`) != tasks {
		t.Errorf("%.0f pages, %.0f tasks, %d of them shown", pages, tasks, got.tasks())
	}
	if reload, err := p.ask("POST", "/-/reload"); err != nil || reload.status != 200 {
		t.Errorf("reload: %v, %d %s", err, reload.status, reload.body)
	}
	if after := p.get("/metrics"); after.tasks() != got.tasks() {
		t.Errorf("%d tasks after a reload", after.tasks())
	}
}

func TestScrapesLeaveNothingBehind(t *testing.T) {
	oms := startOMS(t)
	p := start(t, nil, "--config.file="+configFile(t, oms.target("prod", "  concurrency: 1")), "--no-web.tasks-on-metrics")
	scrape := func(n int) figures {
		for range n {
			if got := p.get("/probe?target=prod"); got.tasks() != oms.truth() {
				t.Fatalf("%d tasks", got.tasks())
			}
		}
		return p.measure()
	}
	ten, hundred := scrape(10), scrape(90)
	for range 50 { // what is about to end may take its time
		if hundred.goroutines <= ten.goroutines && hundred.files <= ten.files {
			break
		}
		time.Sleep(100 * time.Millisecond)
		hundred = p.measure()
	}
	if hundred.goroutines > ten.goroutines || hundred.files > ten.files {
		t.Errorf("after 10 scrapes %v, after 100 %v", ten, hundred)
	}
}
