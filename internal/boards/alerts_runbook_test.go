package boards

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/oms-exporter/oms_exporter/collector"
	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

const runbookURL = "https://github.com/oms-exporter/oms_exporter/blob/main/dashboards/RUNBOOK.md#"

// knownMetrics are the metrics that rules and runbook may rely on, `up` among them, which Prometheus adds itself.
func knownMetrics() []string {
	names := []string{"up", "oms_exporter_config_last_reload_successful"}
	for _, m := range collector.NewMetrics(collector.AllCollectors).List() {
		names = append(names, m.Name)
	}
	return names
}

var (
	metricName  = regexp.MustCompile(`\boms(?:[a-z_]*:|_)[a-z_]+`)
	headingLine = regexp.MustCompile(`(?m)^## (OMS\w+)$`)
)

// sections are the texts of the runbook by heading.
func sections(t *testing.T) map[string]string {
	t.Helper()
	text := testutil.ReadFile(t, shipped("RUNBOOK.md"))
	bounds := headingLine.FindAllSubmatchIndex(text, -1)
	found := map[string]string{}
	for i, at := range bounds {
		end := len(text)
		if i+1 < len(bounds) {
			end = bounds[i+1][0]
		}
		found[string(text[at[2]:at[3]])] = string(text[at[1]:end])
	}
	return found
}

func TestRunbookHasASectionOfFourPartsForEachAlert(t *testing.T) {
	t.Parallel()
	found := sections(t)
	for _, name := range alertNames {
		section, ok := found[name]
		if !ok {
			t.Errorf("no section %s", name)
			continue
		}
		parts := []string{"**Meaning**", "**Impact**", "**Diagnosis**", "**Mitigation**", "\x00"}
		rest := section + "\x00"
		for i, part := range parts[:len(parts)-1] {
			_, after, ok := strings.Cut(rest, part)
			if !ok {
				t.Errorf("%s: %s is missing, or not in its place", name, part)
				break
			}
			body, _, _ := strings.Cut(after, parts[i+1])
			if len(strings.Fields(body)) < 5 {
				t.Errorf("%s: %s is empty", name, part)
			}
			rest = after
		}
		_, diagnosis, _ := strings.Cut(section, "**Diagnosis**")
		want := []string{"```promql", "oard OMS "}
		if !strings.HasPrefix(name, "OMSExporter") { // the console of OMS does not show the exporter
			want = append(want, "OMS console")
		}
		for _, what := range want {
			if !strings.Contains(diagnosis, what) {
				t.Errorf("%s: the diagnosis does not name %q", name, what)
			}
		}
	}
	if len(found) != len(alertNames) {
		t.Errorf("%d sections for %d alerts", len(found), len(alertNames))
	}
}

func TestRunbookURLsLeadToTheAlertsSection(t *testing.T) {
	t.Parallel()
	found := sections(t)
	for _, alert := range alertingRules(readRules(t)) {
		// GitHub makes the anchor of a heading from its lower-case letters.
		if want := runbookURL + strings.ToLower(alert.Alert); alert.Annotations["runbook_url"] != want {
			t.Errorf("%s: runbook_url is %s, not %s", alert.Alert, alert.Annotations["runbook_url"], want)
		}
		if _, ok := found[alert.Alert]; !ok {
			t.Errorf("%s: its runbook_url leads nowhere", alert.Alert)
		}
	}
}

func TestEachMetricNamedExists(t *testing.T) {
	t.Parallel()
	known := knownMetrics()
	rules := readRules(t)
	for _, group := range rules.Groups {
		for _, r := range group.Rules {
			known = append(known, r.Record)
		}
	}
	known = slices.AppendSeq(known, maps.Keys(conditions(t)))
	check := func(where, text string) {
		for _, name := range metricName.FindAllString(text, -1) {
			// OMS's own alarm rules look like metrics, and so does the name of the program.
			if !slices.Contains(known, name) && name != "oms_exporter" && name != "oms_sync_delay" &&
				name != "oms_migration_failed" {
				t.Errorf("%s names %s, which is neither a metric, a recording rule nor a condition", where, name)
			}
		}
	}
	for name, section := range sections(t) {
		check("RUNBOOK.md, "+name, section)
	}
	for _, group := range rules.Groups {
		for _, r := range group.Rules {
			check(r.Record+r.Alert, r.Expr)
			for _, text := range r.Annotations {
				check(r.Alert, text)
			}
		}
	}
}
