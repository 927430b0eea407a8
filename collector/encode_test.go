package collector

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/oms-exporter/oms_exporter/internal/exposition"
	"github.com/oms-exporter/oms_exporter/oms"
)

// collectorOf returns a Collector over snapshots.
func collectorOf(snapshots ...*Snapshot) *Collector {
	return NewCollector(NewMetrics(AllCollectors), snapshots)
}

// mixedSnapshots returns snapshots with every metric and every kind of text, and one of a failed walk.
func mixedSnapshots() []*Snapshot {
	second, failed := fullSnapshot(), snapshotOf(defaultSettings("failed"), at(3000))
	second.Target = NewTarget(defaultSettings("other"), nil, nil) // the same ids as in the first
	second.Walk.Tasks = append(second.Walk.Tasks, &oms.Task{ID: "np_2"}, hostile("np_3"))
	failed.Err = &oms.Error{Reason: oms.Auth}
	return []*Snapshot{fullSnapshot(), second, failed}
}

const (
	nasty    = "line\nquote\"backslash\\ tab\t nul\x00 {a=\"b\"} 1\n# EOF\n任务 \u2028"
	repaired = "bad\uFFFDbytes"
)

// hostile returns a task with texts that could break an exposition.
func hostile(id string) *oms.Task {
	long := strings.Repeat("任", 350_000) // above a megabyte
	side := &oms.Endpoint{Name: nasty, ID: nasty, Engine: nasty, Version: nasty, Region: nasty, Cluster: nasty,
		Tenant: nasty}
	return &oms.Task{
		ID: id + nasty, Type: nasty, Name: long, Owner: nasty, Importance: nasty, Status: nasty,
		SourceType: nasty, SinkType: nasty, Source: side, Sink: side,
		Tags: []oms.Tag{{ID: nasty, Name: nasty}, {ID: nasty, Name: "again"}},
		Steps: []oms.Step{
			{Name: nasty, Status: nasty, Failure: &oms.Failure{Code: nasty}},
			{Name: nasty, Status: "again"},
		},
		ExtraInfo: &oms.ExtraInfo{Failure: oms.Failure{Code: nasty}},
		Alarms:    &oms.AlarmStats{ByRule: []oms.RuleCount{{Rule: nasty, Count: 1}, {Rule: nasty, Count: 2}}},
	}
}

// gathered returns the families of a gatherer.
func gathered(t *testing.T, from prometheus.Gatherer) []*dto.MetricFamily {
	t.Helper()
	families, err := from.Gather()
	if err != nil {
		t.Fatal(err)
	}
	return families
}

// collected returns the families that a registry collects from snapshots, with all its checks.
func collected(t *testing.T, snapshots ...*Snapshot) []*dto.MetricFamily {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(collectorOf(snapshots...))
	return gathered(t, registry)
}

func TestCollector(t *testing.T) {
	fromRegistry, fromMetrics := collected(t, mixedSnapshots()...), modelsOf(AllCollectors, mixedSnapshots()...)
	for _, families := range [][]*dto.MetricFamily{fromRegistry, fromMetrics} {
		byName := func(a, b *dto.MetricFamily) int { return strings.Compare(a.GetName(), b.GetName()) }
		if !slices.IsSortedFunc(families, byName) {
			t.Error("the families are not sorted by name")
		}
		byLabels := func(a, b *dto.Metric) int { return strings.Compare(fmt.Sprint(a.Label), fmt.Sprint(b.Label)) }
		for _, f := range families { // a registry sorts the series
			slices.SortFunc(f.Metric, byLabels)
		}
	}
	if diff := cmp.Diff(fromRegistry, fromMetrics, protocmp.Transform()); diff != "" {
		t.Errorf("(- registry, + exposition):\n%s", diff)
	}
}

// The text is the one that the client library writes.
func TestFamilyWriteText(t *testing.T) {
	for _, c := range []struct {
		collectors  Collectors
		openMetrics bool
		format      expfmt.Format
	}{
		{AllCollectors, false, expfmt.NewFormat(expfmt.TypeTextPlain)},
		{AllCollectors, true, expfmt.NewFormat(expfmt.TypeOpenMetrics)},
		{Collectors{}, false, expfmt.NewFormat(expfmt.TypeTextPlain)},
		{Collectors{}, true, expfmt.NewFormat(expfmt.TypeOpenMetrics)},
	} {
		got := strings.Split(written(t, c.collectors, c.openMetrics, mixedSnapshots()...), "\n")
		models := modelsOf(c.collectors, mixedSnapshots()...)
		seriesOf(t, models) // no series occurs twice
		want := strings.Split(strings.TrimSuffix(encoded(t, models, c.format), "# EOF\n"), "\n")
		if len(got) != len(want) {
			t.Errorf("%s: %d lines, want %d", c.format, len(got), len(want))
		}
		for i := range min(len(got), len(want)) {
			if got[i] != want[i] { // a diff of lines of a megabyte would take too long
				t.Fatalf("%s: line %d is\n%.500s\nwant\n%.500s", c.format, i+1, got[i], want[i])
			}
		}
	}
}

// written returns the text of snapshots, without the last line of OpenMetrics.
func written(t *testing.T, collectors Collectors, openMetrics bool, snapshots ...*Snapshot) string {
	t.Helper()
	var text strings.Builder
	w := exposition.NewTextWriter(&text, openMetrics)
	for _, f := range NewMetrics(collectors).Families(snapshots) {
		_ = f.WriteText(w)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

// Names that differ only in invalid bytes become equal by the repair of UTF-8.
func TestFamiliesInvalidUTF8(t *testing.T) {
	const bad1, bad2 = "bad\xffbytes", "bad\xfebytes"
	page := `{"success":true,"totalCount":1,"data":[{"id":"np_` + bad1 + `","name":"` + bad2 + `","status":"` + bad1 + `",
		"labels":[{"id":"` + bad1 + `","name":"one"},{"id":"` + bad2 + `","name":"two"}],
		"steps":[{"name":"` + bad1 + `","order":2,"status":"RUNNING"},{"name":"` + bad2 + `","order":1,"status":"FINISHED"}],
		"alarmStats":{"ruleToRecentlyTriggerCount":{"` + bad1 + `":1,"` + bad2 + `":2}}}]}`
	options := serveList(t, at(3000), []byte(page), nil)
	snapshots := Scrape(context.Background(), []*Target{NewTarget(defaultSettings("prod"), walkerOf(t, options), nil)})
	for _, families := range [][]*dto.MetricFamily{collected(t, snapshots...), modelsOf(AllCollectors, snapshots...)} {
		for _, f := range families {
			for _, m := range f.GetMetric() {
				for _, l := range m.GetLabel() {
					if !model.LabelValue(l.GetValue()).IsValid() {
						t.Errorf("%s: %s is %q", f.GetName(), l.GetName(), l.GetValue())
					}
				}
			}
		}
		lines := slices.DeleteFunc(seriesOf(t, families, exposition.TaskLabels...), func(line string) bool {
			return !strings.HasPrefix(line, "oms_task_tag") && !strings.HasPrefix(line, "oms_task_step_status") &&
				!strings.HasPrefix(line, "oms_task_recent_alarms_by")
		})
		checkLines(t, lines, []string{
			`oms_task_tag_info{tag="two",tag_id="` + repaired + `"} 1`,
			`oms_task_step_status{order="2",status="RUNNING",step="` + repaired + `"} 1`,
			`oms_task_recent_alarms_by_rule{rule="` + repaired + `"} 2`,
		})
	}
}
