package collector

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/oms-exporter/oms_exporter/oms"
)

// contract is what users rely on: each metric with all its labels. "task" stands for the five labels of a task's identity.
var contract = map[string]string{
	"oms_up":                      "oms",
	"oms_scrape_failure":          "oms reason",
	"oms_scrape_duration_seconds": "oms",
	"oms_scrape_pages":            "oms",
	"oms_scrape_tasks":            "oms",
	"oms_scrape_reported_tasks":   "oms",
	"oms_scrape_repeated_rows":    "oms",
	"oms_scrape_invalid_rows":     "oms",
	"oms_scrape_age_seconds":      "oms",
	"oms_clock_offset_seconds":    "oms",
	"oms_auth_held":               "oms",
	"oms_tasks":                   "oms type source_type sink_type status",

	"oms_task_info":                       "task name owner importance subtask source sink",
	"oms_task_endpoint_info":              "task side endpoint endpoint_id engine version region cluster tenant",
	"oms_task_tag_info":                   "task tag_id tag",
	"oms_task_status":                     "task status",
	"oms_task_stage_enabled":              "task stage",
	"oms_task_modifying":                  "task",
	"oms_task_merging":                    "task",
	"oms_task_created_timestamp_seconds":  "task",
	"oms_task_modified_timestamp_seconds": "task",
	"oms_task_started_timestamp_seconds":  "task",
	"oms_task_finished_timestamp_seconds": "task",
	"oms_task_failure_info":               "task code",
	"oms_task_failed_timestamp_seconds":   "task",
	"oms_task_log_retention_seconds":      "task",
	"oms_task_pause_limit_seconds":        "task",

	"oms_task_step_status":                     "task step order status",
	"oms_task_step_progress_ratio":             "task step",
	"oms_task_step_started_timestamp_seconds":  "task step",
	"oms_task_step_finished_timestamp_seconds": "task step",
	"oms_task_step_failed_timestamp_seconds":   "task step",
	"oms_task_step_failure_info":               "task step code",
	"oms_task_step_processed_records":          "task step",
	"oms_task_step_estimated_records":          "task step",
	"oms_task_step_records_per_second":         "task step side",
	"oms_task_step_bytes_per_second":           "task step side",
	"oms_task_step_seconds_per_record":         "task step side",

	"oms_task_sync_effective_delay_seconds":        "task direction",
	"oms_task_sync_delay_seconds":                  "task direction",
	"oms_task_sync_delay_sample_timestamp_seconds": "task direction",
	"oms_task_sync_checkpoint_timestamp_seconds":   "task direction",
	"oms_task_sync_delay_threshold_seconds":        "task direction",

	"oms_task_alarming":              "task",
	"oms_task_recent_alarms":         "task",
	"oms_task_recent_alarms_by_rule": "task rule",
}

func contractLabels(name string) []string {
	labels := strings.Fields(strings.Replace(contract[name], "task", "oms task_id type source_type sink_type", 1))
	slices.Sort(labels)
	return labels
}

// everything is a snapshot in which every metric has a series.
func everything() *Snapshot {
	snapshot := snapshotOf(usual("prod"), at(3000), fullTask())
	snapshot.Walk.Reported, snapshot.Walk.ClockOffset = oms.Some(int64(1)), oms.Some(at(3000).Sub(at(2999)))
	return snapshot
}

func TestEachSeriesHasExactlyTheLabelsOfTheContract(t *testing.T) {
	families := NewMetrics(AllParts).Families([]*Snapshot{everything()})
	got, want := metricNames(families), make([]string, 0, len(contract))
	for name := range contract {
		want = append(want, name)
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("metrics (- contract, + code):\n%s", diff)
	}
	for _, f := range families {
		if f.GetHelp() == "" {
			t.Errorf("%s has no help", f.GetName())
		}
		for _, m := range f.GetMetric() {
			var labels []string
			for _, l := range m.GetLabel() {
				labels = append(labels, l.GetName())
			}
			if diff := cmp.Diff(contractLabels(f.GetName()), labels); diff != "" {
				t.Errorf("labels of %s, sorted (- contract, + code):\n%s", f.GetName(), diff)
			}
		}
	}
}

func TestTheListOfMetricsIsTheContract(t *testing.T) {
	list := NewMetrics(AllParts).List()
	if len(list) != len(contract) {
		t.Errorf("%d metrics, want %d", len(list), len(contract))
	}
	for _, m := range list {
		if diff := cmp.Diff(contractLabels(m.Name), slices.Sorted(slices.Values(m.Labels))); diff != "" {
			t.Errorf("labels of %s (- contract, + list):\n%s", m.Name, diff)
		}
		if m.Labels[0] != "oms" {
			t.Errorf("%s: the identity does not come first: %v", m.Name, m.Labels)
		}
	}
}

func TestPartsThatAreSwitchedOffAreLeftOut(t *testing.T) {
	families := []struct {
		parts  Parts
		prefix []string // of what is left out
	}{
		{Parts{Steps: false, Sync: true, Alarms: true}, []string{"oms_task_step_"}},
		{Parts{Steps: true, Sync: false, Alarms: true}, []string{"oms_task_sync_"}},
		{Parts{Steps: true, Sync: true, Alarms: false}, []string{"oms_task_alarming", "oms_task_recent_alarms"}},
		{Parts{}, []string{"oms_task_step_", "oms_task_sync_", "oms_task_alarming", "oms_task_recent_alarms"}},
		{AllParts, nil},
	}
	for _, c := range families {
		var want []string
		for name := range contract {
			if !slices.ContainsFunc(c.prefix, func(prefix string) bool { return strings.HasPrefix(name, prefix) }) {
				want = append(want, name)
			}
		}
		slices.Sort(want)
		if diff := cmp.Diff(want, metricNames(NewMetrics(c.parts).Families([]*Snapshot{everything()}))); diff != "" {
			t.Errorf("%+v (- want, + got):\n%s", c.parts, diff)
		}
	}
}

func TestPromlintFindsNothing(t *testing.T) {
	registry := prometheus.NewPedanticRegistry()
	NewAPI(registry).Of("prod")
	registry.MustRegister(collectorOf(everything()))
	problems, err := promlint.NewWithMetricFamilies(gathered(t, registry)).Lint()
	if err != nil || len(problems) > 0 {
		t.Errorf("error %v, problems %v", err, problems)
	}
}
