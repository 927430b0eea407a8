package collector

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	dto "github.com/prometheus/client_model/go"

	"github.com/oms-exporter/oms_exporter/internal/exposition"
	"github.com/oms-exporter/oms_exporter/oms"
)

// at returns a time with few digits: 1004 is easier to read than the date of today.
func at(unix int64) time.Time { return time.Unix(unix, 0) }

// walkerFunc is a Walker for tests that need no HTTP.
type walkerFunc func(context.Context, *oms.Progress) (*oms.Walk, error)

func (f walkerFunc) Walk(ctx context.Context, progress *oms.Progress) (*oms.Walk, error) {
	return f(ctx, progress)
}

// snapshotOf returns the snapshot of a complete walk.
func snapshotOf(settings Settings, now time.Time, tasks ...*oms.Task) *Snapshot {
	return &Snapshot{Target: NewTarget(settings, nil, nil), Walk: &oms.Walk{Tasks: tasks}, At: now}
}

// modelsOf returns the families of snapshots that have samples, in the client library's model.
func modelsOf(collectors Collectors, snapshots ...*Snapshot) []*dto.MetricFamily {
	var models []*dto.MetricFamily
	for _, f := range NewMetrics(collectors).Families(snapshots) {
		if model := f.Model(); model != nil {
			models = append(models, model)
		}
	}
	return models
}

// seriesOf returns the series of families as "name{labels} value", without the hidden labels. It fails the test if a
// series occurs twice.
func seriesOf(t *testing.T, families []*dto.MetricFamily, hidden ...string) []string {
	t.Helper()
	var lines []string
	seen := make(map[string]bool)
	for _, f := range families {
		for _, m := range f.GetMetric() {
			all, shown := make([]string, 0, len(m.GetLabel())), make([]string, 0, len(m.GetLabel()))
			for _, l := range m.GetLabel() {
				text := fmt.Sprintf("%s=%q", l.GetName(), l.GetValue())
				all = append(all, text)
				if !slices.Contains(hidden, l.GetName()) {
					shown = append(shown, text)
				}
			}
			name := f.GetName() + "{" + strings.Join(all, ",") + "}"
			if seen[name] {
				t.Errorf("%s occurs twice", name)
			}
			seen[name] = true
			lines = append(lines, fmt.Sprintf("%s{%s} %v", f.GetName(), strings.Join(shown, ","), m.GetGauge().GetValue()))
		}
	}
	return lines
}

// taskSeries returns the series of a task whose names begin with one of prefixes, without the labels of its identity.
func taskSeries(t *testing.T, settings Settings, now time.Time, task *oms.Task, prefixes ...string) []string {
	t.Helper()
	lines := seriesOf(t, modelsOf(AllCollectors, snapshotOf(settings, now, task)), exposition.TaskLabels...)
	return slices.DeleteFunc(lines, func(line string) bool {
		return !strings.HasPrefix(line, "oms_task_") ||
			!slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(line, prefix) })
	})
}

// metricNames returns the names of families, sorted.
func metricNames(families []*dto.MetricFamily) []string {
	names := make(map[string]bool)
	for _, f := range families {
		names[f.GetName()] = true
	}
	return slices.Sorted(maps.Keys(names))
}

func checkLines(t *testing.T, got, want []string) {
	t.Helper()
	got, want = slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("series (- want, + got):\n%s", diff)
	}
}
