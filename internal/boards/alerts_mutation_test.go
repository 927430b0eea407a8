//go:build slow

package boards

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// naiveRules are naive versions of the alerts. Each one fails a story because it fires at another time. It keeps the
// labels of the shipped rule that stories compare. story is the beginning of the story's name.
var naiveRules = []struct{ alert, wait, severity, story, expr string }{
	{
		"OMSTaskFailed", "2m", "warning", "OMSTaskFailed: ",
		`max by (oms, task_id) (oms_task_status{status="FAILED"} == 1)`,
	},
	{
		"OMSTaskStepFailed", "3m", "warning", "A step is FAILED for 90 s (t1)",
		`max by (oms, task_id, step) (oms_task_step_status{status="FAILED"} == 1)`,
	},
	{
		"OMSTaskStepStalled", "5m", "warning", "The progress stays at 7 % for five hours",
		`max by (oms, task_id, step) (changes(oms_task_step_progress_ratio[30m]) == 0
			and on (oms, task_id, step) oms_task_step_status{status="RUNNING"} == 1)`,
	},
	{
		"OMSTaskCheckpointFrozen", "5m", "warning", "OMS stops measuring and reports a delay of 4 s",
		`max by (oms, task_id, direction) (changes(oms_task_sync_checkpoint_timestamp_seconds[15m]) == 0)`,
	},
	{
		"OMSTaskSyncDelayHigh", "4m", "warning", "Synchronization begins three hours behind",
		`max by (oms, task_id, direction) (
			oms_task_sync_effective_delay_seconds > oms_task_sync_delay_threshold_seconds)`,
	},
	{
		"OMSTaskSyncDelayNotDraining", "", "warning", "The checkpoint jumps back by half an hour",
		`max by (oms, task_id, direction) (deriv(oms_task_sync_effective_delay_seconds[15m]) > 0.9)`,
	},
	{
		"OMSTaskSyncDelayStale", "3m", "warning", "One OMS is ten minutes fast and another ten minutes slow",
		`max by (oms, task_id, direction) (time() - oms_task_sync_delay_sample_timestamp_seconds > 300)`,
	},
	{
		"OMSTaskNoActiveStep", "13m", "warning", "The checkpoint freezes while OMS continues to measure",
		`max by (oms, task_id) (oms_task_status{status="RUNNING"} == 1
			unless on (oms, task_id) oms_task_step_status{status="RUNNING"} == 1)`,
	},
	{
		"OMSTaskStuckInTransition", "30m", "warning", "Status RUNNING with the modifying flag",
		`max by (oms, task_id) (oms_task_status{status=~"RELEASING|RUNNING_MODIFYING|RUNNING_MERGING"} == 1)`,
	},
	{
		"OMSTaskRetentionAtRisk", "", "critical", "Log retention: without a checkpoint the pull counts",
		`(max by (oms, task_id) (time() - oms_task_sync_checkpoint_timestamp_seconds)
			/ on (oms, task_id) max by (oms, task_id) (oms_task_log_retention_seconds)) > 0.8`,
	},
	{
		"OMSTaskAlarming", "3m", "info", "Status RUNNING_ALARMING",
		`max by (oms, task_id) (oms_task_alarming == 1)`,
	},
	{
		"OMSTaskDisappeared", "", "warning", "OMS is down for 20 minutes: OMSDown fires alone",
		`max by (oms, task_id) (oms_task_status{status="RUNNING"} offset 10m == 1
			unless on (oms, task_id) oms_task_status)`,
	},
	{
		"OMSDown", "3m", "critical", "OMSDown: ",
		`min by (oms) (oms_up) == 0`,
	},
	{
		"OMSExporterDown", "3m", "critical", "OMSExporterDown: the job is missing",
		`max by (job, instance) (up{job="oms"}) == 0`,
	},
	{
		"OMSExporterConfigReloadFailed", "5m", "warning", "OMSExporterConfigReloadFailed: ",
		`max by (job, instance) (oms_exporter_config_last_reload_successful) == 0`,
	},
	{
		"OMSListIncomplete", "13m", "warning", "OMSListIncomplete: ",
		`max by (oms) (oms_scrape_tasks) < max by (oms) (oms_scrape_reported_tasks)`,
	},
	{
		"OMSClockSkew", "13m", "info", "OMSClockSkew: ",
		`max by (oms) (oms_clock_offset_seconds) > 30`,
	},
}

// TestNaiveRules checks that each alert has a naive version and that a story fails with it. A rule that no story can
// distinguish from its naive version is not tested.
func TestNaiveRules(t *testing.T) {
	t.Parallel()
	found := map[string]bool{}
	for _, m := range naiveRules {
		found[m.alert] = true
		t.Run(m.alert, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			writeStory(t, dir, m.story)
			rules := readRules(t)
			writeYAML(t, filepath.Join(dir, rulesFile), rules)
			if out, err := runTool(t, dir, "promtool", "test", "rules", "story.yml"); err != nil {
				t.Fatalf("the story fails with the shipped rule: %v\n%s", err, out)
			}
			naive := rule{Alert: m.alert, Expr: m.expr, For: m.wait, Labels: map[string]string{"severity": m.severity}}
			group := &rules.Groups[0]
			group.Rules = append(
				slices.DeleteFunc(group.Rules, func(r rule) bool { return r.Alert == m.alert }), naive)
			writeYAML(t, filepath.Join(dir, rulesFile), rules)
			out, err := runTool(t, dir, "promtool", "test", "rules", "story.yml")
			if err == nil {
				t.Fatalf("story %q passes with the naive version", m.story)
			}
			if !strings.Contains(out, m.alert) {
				t.Errorf("the story fails for another reason:\n%s", out)
			}
		})
	}
	for _, name := range alertNames(t) {
		if !found[name] {
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
