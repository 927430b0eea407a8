package docs

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-kit/log"
	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/oms-exporter/oms_exporter/collector"
	"github.com/oms-exporter/oms_exporter/internal/config"
	"github.com/oms-exporter/oms_exporter/internal/testutil"
	"github.com/oms-exporter/oms_exporter/internal/web"
	"github.com/oms-exporter/oms_exporter/oms/simulator"
)

// exposition returns the /metrics of the demo at a fixed time of its clock.
func exposition(t *testing.T) []byte {
	t.Helper()
	now := time.Date(2025, 6, 1, 8, 0, 0, 0, time.UTC)
	oms := httptest.NewServer(simulator.New(simulator.Options{Now: func() time.Time { return now }}))
	t.Cleanup(oms.Close)
	target := config.DefaultTarget()
	target.Name, target.URL = "demo", oms.URL
	server, err := web.New(web.Options{
		Store:          config.NewStaticStore(&config.Config{Targets: []config.Target{target}}),
		Logger:         log.NewNopLogger(),
		TelemetryPath:  "/metrics",
		TasksOnMetrics: true,
		MaxRequests:    1,
		Collectors:     collector.AllCollectors,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	answer := httptest.NewRecorder()
	server.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if answer.Code != http.StatusOK {
		t.Fatalf("/metrics: %d %s", answer.Code, answer.Body)
	}
	return answer.Body.Bytes()
}

// TestMetricsTable checks the table of metrics: name, type, labels other than the identity of a task, help.
func TestMetricsTable(t *testing.T) {
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(exposition(t)))
	if err != nil {
		t.Fatal(err)
	}
	// The labels come from collector.NewMetrics. It does not have the exporter's own metrics, so their labels come from
	// the exposition.
	labels := map[string][]string{}
	for _, m := range collector.NewMetrics(collector.AllCollectors).List() {
		labels[m.Name] = m.Labels
	}
	var names []string
	for name, family := range families {
		if !strings.HasPrefix(name, "oms_") {
			continue
		}
		names = append(names, name)
		if labels[name] == nil {
			for _, pair := range family.GetMetric()[0].GetLabel() {
				labels[name] = append(labels[name], pair.GetName())
			}
		}
	}
	slices.Sort(names)
	for name := range labels {
		if families[name] == nil {
			t.Errorf("the demo has no %s: the docs and users would not see it", name)
		}
	}
	var table strings.Builder
	table.WriteString("| metric | type | labels | meaning |\n|---|---|---|---|\n")
	for _, name := range names {
		family := families[name]
		kind := strings.ToLower(family.GetType().String())
		fmt.Fprintf(&table, "| `%s` | %s | %s | %s |\n", name, kind, labelCell(labels[name]), family.GetHelp())
	}
	checkSection(t, "metrics", table.String())
}

// labelCell returns the names of labels for the table. The identity of a task, which most metrics have, becomes *task*.
func labelCell(labels []string) string {
	identity := []string{"oms", "task_id", "type", "source_type", "sink_type"}
	var cells []string
	if len(labels) >= len(identity) && slices.Equal(labels[:len(identity)], identity) {
		labels = labels[len(identity):]
		cells = append(cells, "*task*")
	}
	for _, label := range labels {
		cells = append(cells, "`"+label+"`")
	}
	return strings.Join(cells, ", ")
}

// TestDemoOutput checks the example of a stalled task.
func TestDemoOutput(t *testing.T) {
	wanted := regexp.MustCompile(
		`^oms_task_(info|status|step_(status|progress_ratio|processed_records|estimated_records|started_timestamp_seconds))\{.*task_id="np_t01".*`,
	)
	var lines []string
	for line := range strings.Lines(string(exposition(t))) {
		ofStep := strings.Contains(line, "step=")
		switch {
		case !wanted.MatchString(line),
			ofStep && !strings.Contains(line, `step="FULL_TRANSFER"`),
			strings.HasSuffix(line, " 0\n") && strings.Contains(line, "oms_task_status"):
		default:
			lines = append(lines, line)
		}
	}
	if len(lines) < 7 {
		t.Fatalf("only %d lines of the example task", len(lines))
	}
	checkSection(t, "demo", "```\n"+strings.Join(lines, "")+"```\n")
}

// TestHelp checks the list of flags.
func TestHelp(t *testing.T) {
	help, err := exec.CommandContext(t.Context(), testutil.Build(t), "--help").Output()
	if err != nil {
		t.Fatal(err)
	}
	checkSection(t, "help", "```\n"+strings.TrimSpace(string(help))+"\n```\n")
}

// TestErrors checks the list of messages of failed walks. They are those in the golden files of package oms, without
// messages with a secret and very long ones.
func TestErrors(t *testing.T) {
	seen := map[string]bool{}
	var messages []string
	golden := slices.Concat(
		testutil.ReadFile(t, "../../oms/testdata/errors.golden"),
		testutil.ReadFile(t, "../../oms/testdata/walk_errors.golden"),
	)
	for line := range strings.Lines(string(golden)) {
		message, ok := strings.CutPrefix(line, "    ")
		if ok && !strings.Contains(line, "<secret>") && len(line) <= 400 && !seen[message] {
			seen[message] = true
			messages = append(messages, message)
		}
	}
	if len(messages) < 50 {
		t.Fatalf("only %d messages", len(messages))
	}
	slices.Sort(messages)
	checkSection(t, "errors", "```\n"+strings.Join(messages, "")+"```\n")
}

// TestMetricNames checks that the pages name metrics that exist.
func TestMetricNames(t *testing.T) {
	metrics := string(exposition(t))
	notMetrics := []string{ // programs, services of OMS and alarm rules of OMS
		"oms_exporter", "oms_console", "oms_drc_cm", "oms_drc_supervisor", "oms_sync_delay", "oms_migration_failed",
	}
	names := 0
	for _, page := range append(pages(t), runbook) {
		for _, match := range regexp.MustCompile("`(oms_[a-z_]+)[`{]").FindAllSubmatch(testutil.ReadFile(t, page), -1) {
			names++
			name := string(match[1])
			if !strings.Contains(metrics, "# TYPE "+name+" ") && !slices.Contains(notMetrics, name) {
				t.Errorf("%s names %s, which is not a metric", page, name)
			}
		}
	}
	if names < 100 {
		t.Errorf("only %d names", names)
	}
}

// TestAlertNames compares the alerts in the pages with the rules, in their order.
func TestAlertNames(t *testing.T) {
	names := func(file, pattern string) (names []string) {
		for _, match := range regexp.MustCompile(pattern).FindAllSubmatch(testutil.ReadFile(t, file), -1) {
			names = append(names, string(match[1]))
		}
		return slices.Compact(names)
	}
	alerts := names("../../dashboards/alerts.yml", `(?m)^ +- alert: (\w+)$`)
	if diff := cmp.Diff(alerts, names("../../docs/alerts.md", "(?m)^\\| `(OMS\\w+)` \\|")); diff != "" {
		t.Errorf("-alerts.yml +docs/alerts.md\n%s", diff)
	}
	head, _, _ := strings.Cut(string(testutil.ReadFile(t, runbook)), "\n## ")
	for _, name := range alerts {
		if !strings.Contains(head, "["+name+"](#"+strings.ToLower(name)+")") {
			t.Errorf("the list at the top of %s has no link to %s", runbook, name)
		}
	}
}
