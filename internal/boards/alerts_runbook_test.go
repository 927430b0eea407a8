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

const runbookPage = "https://github.com/oms-exporter/oms_exporter/blob/main/dashboards/RUNBOOK.md"

// runbookURL returns the link to the section of an alert. GitHub makes the anchor from the heading in lower case.
func runbookURL(alert string) string { return runbookPage + "#" + strings.ToLower(alert) }

func readRunbook(t *testing.T) string {
	t.Helper()
	return string(testutil.ReadFile(t, shipped("RUNBOOK.md")))
}

var sectionHeading = regexp.MustCompile(`(?m)^## (OMS\w+)$`)

// runbookSections returns the text of the section of each alert.
func runbookSections(t *testing.T) map[string]string {
	t.Helper()
	text := readRunbook(t)
	sections := map[string]string{}
	end := len(text)
	for _, at := range slices.Backward(sectionHeading.FindAllStringSubmatchIndex(text, -1)) {
		sections[text[at[2]:at[3]]] = text[at[1]:end]
		end = at[0]
	}
	return sections
}

var (
	sectionParts = regexp.MustCompile(
		`(?s)\*\*Meaning\*\*(.*)\*\*Impact\*\*(.*)\*\*Diagnosis\*\*(.*)\*\*Mitigation\*\*(.*)`)
	boardMention = regexp.MustCompile(`(?i)board OMS (overview|task)\b([^.;]*)`)
	panelMention = regexp.MustCompile(`\*([A-Z][^*]+)\*`)
)

func TestRunbook(t *testing.T) {
	t.Parallel()
	t.Run("each alert has a section of four parts", func(t *testing.T) {
		sections, alerts := runbookSections(t), alertNames(t)
		for _, name := range alerts {
			parts := sectionParts.FindStringSubmatch(sections[name])
			if parts == nil {
				t.Errorf("%s: the section or one of its parts is missing", name)
				continue
			}
			for _, part := range parts[1:] {
				if len(strings.Fields(part)) < 5 {
					t.Errorf("%s: a part is empty: %q", name, part)
				}
			}
			places := []string{"```promql", "oard OMS "}
			if !strings.HasPrefix(name, "OMSExporter") { // the OMS console does not show the exporter
				places = append(places, "OMS console")
			}
			for _, place := range places {
				if !strings.Contains(parts[3], place) {
					t.Errorf("%s: the diagnosis does not contain %q", name, place)
				}
			}
		}
		if len(sections) != len(alerts) {
			t.Errorf("%d sections for %d alerts", len(sections), len(alerts))
		}
	})
	t.Run("each alert has an anchor at its heading", func(t *testing.T) {
		text := readRunbook(t)
		for _, name := range alertNames(t) {
			anchor := `<a id="` + name + `"></a>`
			if strings.Count(text, anchor) != 1 || !strings.Contains(text, anchor+"\n\n## "+name+"\n") {
				t.Errorf("%s: the anchor is missing, occurs twice or is not at the heading", name)
			}
		}
	})
	t.Run("the panels that it names exist", func(t *testing.T) {
		exists := map[string]bool{}
		for _, p := range panels(t) {
			exists[strings.TrimPrefix(p.board.UID, "oms-")+" "+p.Title] = true
		}
		found := 0
		for _, board := range boardMention.FindAllStringSubmatch(readRunbook(t), -1) {
			for _, panel := range panelMention.FindAllStringSubmatch(board[2], -1) {
				found++
				if !exists[board[1]+" "+panel[1]] {
					t.Errorf("board OMS %s has no panel %q", board[1], panel[1])
				}
			}
		}
		if found < len(alertNames(t)) {
			t.Errorf("found %d panels, less than one for each alert", found)
		}
	})
}

var metricName = regexp.MustCompile(`\boms(?:[a-z_]*:|_)[a-z_]+`)

func TestMetricNames(t *testing.T) {
	t.Parallel()
	known := []string{
		"oms_exporter", // the program
		"oms_exporter_config_last_reload_successful", // not a metric of a target
		"oms_sync_delay", "oms_migration_failed", // alarm rules of OMS
	}
	for _, m := range collector.NewMetrics(collector.AllCollectors).List() {
		known = append(known, m.Name)
	}
	for _, r := range allRules(t) {
		known = append(known, r.Record)
	}
	known = slices.AppendSeq(known, maps.Keys(conditions(t)))
	check := func(t *testing.T, where, text string) {
		t.Helper()
		for _, name := range metricName.FindAllString(text, -1) {
			if !slices.Contains(known, name) {
				t.Errorf("%s: %s is not a metric, a recording rule or a condition", where, name)
			}
		}
	}
	t.Run("the names in the runbook exist", func(t *testing.T) {
		for name, section := range runbookSections(t) {
			check(t, name, section)
		}
	})
	t.Run("the names in expressions and texts of rules exist", func(t *testing.T) {
		for _, r := range allRules(t) {
			check(t, r.String(), r.Expr)
			for _, text := range r.Annotations {
				check(t, r.String(), text)
			}
		}
	})
}
