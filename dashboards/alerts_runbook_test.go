package dashboards

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const runbookURL = "https://github.com/oms-exporter/oms_exporter/blob/main/dashboards/RUNBOOK.md#"

// contractMetrics are the metrics that rules and runbook may rely on, `up` among them, which Prometheus adds itself.
var contractMetrics = strings.Fields(`
	up
	oms_up oms_scrape_failure oms_scrape_duration_seconds oms_scrape_pages oms_scrape_tasks oms_scrape_reported_tasks
	oms_scrape_repeated_rows oms_scrape_invalid_rows oms_scrape_age_seconds oms_clock_offset_seconds oms_auth_held oms_tasks
	oms_task_info oms_task_endpoint_info oms_task_tag_info oms_task_status oms_task_stage_enabled oms_task_modifying oms_task_merging
	oms_task_created_timestamp_seconds oms_task_modified_timestamp_seconds oms_task_started_timestamp_seconds
	oms_task_finished_timestamp_seconds oms_task_failure_info oms_task_failed_timestamp_seconds oms_task_log_retention_seconds
	oms_task_pause_limit_seconds
	oms_task_step_status oms_task_step_progress_ratio oms_task_step_started_timestamp_seconds
	oms_task_step_finished_timestamp_seconds oms_task_step_failed_timestamp_seconds oms_task_step_failure_info
	oms_task_step_processed_records oms_task_step_estimated_records oms_task_step_records_per_second
	oms_task_step_bytes_per_second oms_task_step_seconds_per_record
	oms_task_sync_effective_delay_seconds oms_task_sync_delay_seconds oms_task_sync_delay_sample_timestamp_seconds oms_task_sync_checkpoint_timestamp_seconds
	oms_task_sync_delay_threshold_seconds
	oms_task_alarming oms_task_recent_alarms oms_task_recent_alarms_by_rule
	oms_exporter_config_last_reload_successful`)

var (
	metricName  = regexp.MustCompile(`\boms(?:[a-z_]*:|_)[a-z_]+`)
	headingLine = regexp.MustCompile(`(?m)^## (\S.*)$`)
)

// sections are the texts of the runbook by heading.
func sections(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile("RUNBOOK.md")
	if err != nil {
		t.Fatal(err)
	}
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
				t.Errorf("%s: %s says nothing", name, part)
			}
			rest = after
		}
		_, diagnosis, _ := strings.Cut(section, "**Diagnosis**")
		for _, what := range []string{"OMS console", "```promql", "oard OMS "} {
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
	known := slices.Clone(contractMetrics)
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
			if !slices.Contains(known, name) && name != "oms_exporter" && name != "oms_sync_delay" && name != "oms_migration_failed" {
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
