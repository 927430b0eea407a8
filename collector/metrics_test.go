package collector

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/oms-exporter/oms_exporter/internal/exposition"
	"github.com/oms-exporter/oms_exporter/oms"
)

// fullSnapshot returns a snapshot in which every metric has a series.
func fullSnapshot() *Snapshot {
	snapshot := snapshotOf(defaultSettings("prod"), at(3000), fullTask())
	snapshot.Walk.Reported, snapshot.Walk.ClockOffset = oms.Some(int64(1)), oms.Some(at(3000).Sub(at(2999)))
	return snapshot
}

func TestMetrics(t *testing.T) {
	list := NewMetrics(AllCollectors).List()
	t.Run("the labels of the identity come first", func(t *testing.T) {
		for _, m := range list {
			identity := exposition.TargetLabels
			if strings.HasPrefix(m.Name, "oms_task_") {
				identity = exposition.TaskLabels
			}
			if len(m.Labels) < len(identity) || !slices.Equal(m.Labels[:len(identity)], identity) {
				t.Errorf("%s: labels %v, want %v first", m.Name, m.Labels, identity)
			}
		}
	})
	t.Run("each has a series, with its labels sorted by name", func(t *testing.T) {
		models := modelsOf(AllCollectors, fullSnapshot())
		if len(models) != len(list) {
			t.Errorf("%d families, want %d", len(models), len(list))
		}
		for i, f := range models {
			if f.GetName() != list[i].Name || f.GetHelp() == "" {
				t.Fatalf("family %d: %s, help %q, want %s with help", i, f.GetName(), f.GetHelp(), list[i].Name)
			}
			want := slices.Sorted(slices.Values(list[i].Labels))
			for _, m := range f.GetMetric() {
				var labels []string
				for _, l := range m.GetLabel() {
					labels = append(labels, l.GetName())
				}
				if diff := cmp.Diff(want, labels); diff != "" {
					t.Errorf("labels of %s (-want +got):\n%s", f.GetName(), diff)
				}
			}
		}
	})
	t.Run("promlint finds nothing", func(t *testing.T) {
		registry := prometheus.NewPedanticRegistry()
		NewRequestMetrics(registry).ForTarget("prod")
		registry.MustRegister(collectorOf(fullSnapshot()))
		problems, err := promlint.NewWithMetricFamilies(gathered(t, registry)).Lint()
		if err != nil || len(problems) > 0 {
			t.Errorf("error %v, problems %v", err, problems)
		}
	})
}

func TestCollectors(t *testing.T) {
	for _, c := range []struct {
		collectors Collectors
		prefixes   []string // of the metrics that are left out
	}{
		{Collectors{Step: false, Sync: true, Alarm: true}, []string{"oms_task_step_"}},
		{Collectors{Step: true, Sync: false, Alarm: true}, []string{"oms_task_sync_"}},
		{Collectors{Step: true, Sync: true, Alarm: false}, []string{"oms_task_alarming", "oms_task_recent_alarms"}},
		{Collectors{}, []string{"oms_task_step_", "oms_task_sync_", "oms_task_alarming", "oms_task_recent_alarms"}},
	} {
		var want []string
		for _, m := range NewMetrics(AllCollectors).List() {
			if !slices.ContainsFunc(c.prefixes, func(prefix string) bool { return strings.HasPrefix(m.Name, prefix) }) {
				want = append(want, m.Name)
			}
		}
		if diff := cmp.Diff(want, metricNames(modelsOf(c.collectors, fullSnapshot()))); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", c.collectors, diff)
		}
	}
}
