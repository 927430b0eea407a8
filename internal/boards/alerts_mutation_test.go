//go:build slow

package boards

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// mutants are naive versions of the alerts, each with the story that it fails. Identity labels and severity are
// those of the shipped rules, so a mutant fails only because it fires at the wrong time.
var mutants = []struct {
	alert, expr, wait, severity string
	story                       string // beginning of its name
}{
	{
		"OMSTaskFailed", `max by (oms, task_id) (oms_task_status{status="FAILED"} == 1)`, "2m", "warning",
		"OMSTaskFailed: ",
	},
	{
		"OMSTaskStepFailed", `max by (oms, task_id, step) (oms_task_step_status{status="FAILED"} == 1)`, "3m", "warning",
		"Story 10: ",
	},
	{
		"OMSTaskStepStalled", `max by (oms, task_id, step) (changes(oms_task_step_progress_ratio[30m]) == 0
			and on (oms, task_id, step) oms_task_step_status{status="RUNNING"} == 1)`, "5m", "warning",
		"Story 4: ",
	},
	{
		"OMSTaskCheckpointFrozen",
		`max by (oms, task_id, direction) (changes(oms_task_sync_checkpoint_timestamp_seconds[15m]) == 0)`,
		"5m",
		"warning",
		"Story 7: ",
	},
	{
		"OMSTaskSyncDelayHigh", `max by (oms, task_id, direction) (
			oms_task_sync_effective_delay_seconds > oms_task_sync_delay_threshold_seconds)`, "4m", "warning",
		"Story 16: the increment begins three hours behind and catches up",
	},
	{
		"OMSTaskSyncDelayNotDraining", `max by (oms, task_id, direction) (
			deriv(oms_task_sync_effective_delay_seconds[15m]) > 0.9)`, "", "warning",
		"The checkpoint leaps back once",
	},
	{
		"OMSTaskSyncDelayStale", `max by (oms, task_id, direction) (
			time() - oms_task_sync_delay_sample_timestamp_seconds > 300)`, "3m", "warning",
		"Story 9, ",
	},
	{
		"OMSTaskNoActiveStep", `max by (oms, task_id) (oms_task_status{status="RUNNING"} == 1
			unless on (oms, task_id) oms_task_step_status{status="RUNNING"} == 1)`, "13m", "warning",
		"Story 6: ",
	},
	{
		"OMSTaskStuckInTransition", `max by (oms, task_id) (
			oms_task_status{status=~"RELEASING|RUNNING_MODIFYING|RUNNING_MERGING"} == 1)`, "30m", "warning",
		"Story 18: stories 2 and 6 with RUNNING and the modifying flag",
	},
	{
		"OMSTaskRetentionAtRisk", `(max by (oms, task_id) (time() - oms_task_sync_checkpoint_timestamp_seconds)
			/ on (oms, task_id) max by (oms, task_id) (oms_task_log_retention_seconds)) > 0.8`, "", "critical",
		"Log retention: a log without checkpoint",
	},
	{
		"OMSTaskAlarming", `max by (oms, task_id) (oms_task_alarming == 1)`, "3m", "info",
		"Story 18: stories 2 and 6 with status RUNNING_ALARMING",
	},
	{
		"OMSTaskDisappeared", `max by (oms, task_id) (oms_task_status{status="RUNNING"} offset 10m == 1
			unless on (oms, task_id) oms_task_status)`, "", "warning",
		"Story 13: OMS goes down",
	},
	{"OMSDown", `min by (oms) (oms_up) == 0`, "3m", "critical", "OMSDown: "},
	{
		"OMSExporterDown",
		`max by (job, instance) (up{job="oms"}) == 0`,
		"3m",
		"critical",
		"OMSExporterDown: nothing was ever scraped",
	},
	{
		"OMSExporterConfigReloadFailed",
		`max by (job, instance) (oms_exporter_config_last_reload_successful) == 0`,
		"5m",
		"warning",
		"OMSExporterConfigReloadFailed: ",
	},
	{
		"OMSListIncomplete", `max by (oms) (oms_scrape_tasks) < max by (oms) (oms_scrape_reported_tasks)`, "13m", "warning",
		"OMSListIncomplete: ",
	},
	{"OMSClockSkew", `max by (oms) (oms_clock_offset_seconds) > 30`, "13m", "info", "OMSClockSkew: "},
}

// A rule that no story can distinguish from its naive version is not tested.
func TestMutants(t *testing.T) {
	t.Parallel()
	mutated := map[string]bool{}
	for _, m := range mutants {
		mutated[m.alert] = true
		t.Run(m.alert, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			writeStory(t, dir, m.story)
			rules := readRules(t)
			writeYAML(t, filepath.Join(dir, rulesFile), rules)
			if out, err := promtool(t, dir, "test", "rules", "story.yml"); err != nil {
				t.Fatalf("the story fails with the shipped rule: %v\n%s", err, out)
			}
			naive := rule{Alert: m.alert, Expr: m.expr, For: m.wait, Labels: map[string]string{"severity": m.severity}}
			group := &rules.Groups[0]
			group.Rules = append(
				slices.DeleteFunc(group.Rules, func(r rule) bool { return r.Alert == m.alert }), naive)
			writeYAML(t, filepath.Join(dir, rulesFile), rules)
			out, err := promtool(t, dir, "test", "rules", "story.yml")
			if err == nil {
				t.Fatalf("story %q passes with the naive version", m.story)
			}
			if !strings.Contains(out, m.alert) {
				t.Errorf("the story fails for another reason:\n%s", out)
			}
		})
	}
	for _, name := range alertNames(t) {
		if !mutated[name] {
			t.Errorf("%s has no naive version", name)
		}
	}
}

// writeStory writes the story whose name begins with prefix to dir/story.yml, without its tests of texts.
func writeStory(t *testing.T, dir, prefix string) {
	t.Helper()
	for _, file := range readStories(t) {
		for _, s := range file.Tests {
			if !strings.HasPrefix(s.Name, prefix) {
				continue
			}
			s.Alerts = nil
			file.RuleFiles, file.Tests = []string{rulesFile}, []story{s}
			writeYAML(t, filepath.Join(dir, "story.yml"), file)
			return
		}
	}
	t.Fatalf("no story %q", prefix)
}
