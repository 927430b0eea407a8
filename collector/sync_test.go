package collector

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/oms-exporter/oms_exporter/oms"
)

// incr is an incremental step at work.
func incr(name string, order, checkpoint, sampled int64) oms.Step {
	step := oms.Step{Name: name, Order: oms.Some(order), Status: "MONITORING", Info: &oms.StepInfo{}}
	if checkpoint != 0 {
		step.Info.Checkpoint = at(checkpoint)
	}
	if sampled != 0 {
		step.Info.CheckpointSampled = at(sampled)
	}
	return step
}

func withStatus(step oms.Step, status string) oms.Step {
	step.Status = status
	return step
}

func extra(delay oms.Opt[float64], sampled, checkpoint int64) *oms.ExtraInfo {
	e := &oms.ExtraInfo{SyncDelay: delay}
	if sampled != 0 {
		e.SyncDelaySampleTimestamp = at(sampled)
	}
	if checkpoint != 0 {
		e.IncrSyncTimestamp = at(checkpoint)
	}
	return e
}

// syncOf returns the series of a task's incremental synchronization, one line for each direction.
func syncOf(t *testing.T, task *oms.Task) string {
	t.Helper()
	figures := map[string][]string{}
	for _, line := range taskSeries(t, defaultSettings("prod"), at(3000), task, "oms_task_sync_") {
		var name, direction string
		for _, label := range []string{Forward, Reverse} {
			if before, _, ok := strings.Cut(line, fmt.Sprintf("{direction=%q} ", label)); ok {
				name, direction = before, label
			}
		}
		short := map[string]string{
			"oms_task_sync_delay_seconds": "delay", "oms_task_sync_delay_sample_timestamp_seconds": "sampled",
			"oms_task_sync_checkpoint_timestamp_seconds": "checkpoint", "oms_task_sync_delay_threshold_seconds": "threshold",
			"oms_task_sync_effective_delay_seconds": "effective",
		}[name]
		if short == "" {
			t.Fatalf("unexpected series: %s", line)
		}
		figures[direction] = append(figures[direction], short+"="+line[strings.LastIndex(line, " ")+1:])
	}
	var lines []string
	for _, direction := range []string{Forward, Reverse} {
		if len(figures[direction]) > 0 {
			lines = append(lines, direction+" "+strings.Join(figures[direction], " "))
		}
	}
	return strings.Join(lines, "; ")
}

var none = oms.Opt[float64]{}

func TestSyncDelaySources(t *testing.T) {
	steps := func(steps ...oms.Step) []oms.Step { return steps }
	for _, c := range []struct {
		rule  string
		steps []oms.Step
		extra *oms.ExtraInfo
		want  string
	}{
		{"nothing known: nothing shown", nil, nil, ""},
		{"extraInfo is null: the two times of the step", steps(incr("INCR_TRANSFER", 4, 1000, 1004)), nil,
			"forward checkpoint=1000 sampled=1004 delay=4 threshold=300 effective=2000"},
		{"extraInfo's delay and sample time take precedence over those of the step; the checkpoint is the step's",
			steps(incr("INCR_TRANSFER", 4, 1000, 1004)), extra(oms.Some(7.0), 2000, 1990),
			"forward checkpoint=1000 sampled=2000 delay=7 threshold=300 effective=2000"},
		{"extraInfo's delay without a sample time has none, although the step has one",
			steps(incr("INCR_TRANSFER", 4, 1000, 1004)), extra(oms.Some(7.0), 0, 0),
			"forward checkpoint=1000 delay=7 threshold=300 effective=2000"},
		{"the step takes precedence over the two times of extraInfo", steps(incr("INCR_TRANSFER", 4, 1000, 1004)), extra(none, 2000, 1990),
			"forward checkpoint=1000 sampled=1004 delay=4 threshold=300 effective=2000"},
		{"the step without a sample time: the two times of extraInfo", steps(incr("INCR_TRANSFER", 4, 1000, 0)), extra(none, 2000, 1990),
			"forward checkpoint=1000 sampled=2000 delay=10 threshold=300 effective=2000"},
		{"the step without a checkpoint: the two times of extraInfo", steps(incr("INCR_TRANSFER", 4, 0, 1004)), extra(none, 2000, 1990),
			"forward checkpoint=1990 sampled=2000 delay=10 threshold=300 effective=1010"},
		{"a checkpoint and a sample time from different sources give no reported delay, but the effective one",
			steps(incr("INCR_TRANSFER", 4, 0, 1004)), extra(none, 0, 1000), "forward checkpoint=1000 threshold=300 effective=2000"},
		{"a checkpoint alone gives the effective delay", steps(incr("INCR_TRANSFER", 4, 1000, 0)), nil, "forward checkpoint=1000 threshold=300 effective=2000"},
		{"both directions of an active-active task are at work", steps(incr("INCR_TRANSFER", 4, 2900, 2904), incr("REVERSE_INCR_TRANSFER", 6, 1000, 2905)), nil,
			"forward checkpoint=2900 sampled=2904 delay=4 threshold=300 effective=100; reverse checkpoint=1000 sampled=2905 delay=1905 threshold=300 effective=2000"},
		{"a step that is RUNNING catches up, and is at work", steps(withStatus(incr("INCR_TRANSFER", 4, 1000, 2990), "RUNNING")), nil,
			"forward checkpoint=1000 sampled=2990 delay=1990 threshold=300 effective=2000"},
		{"a sample time alone gives nothing", steps(incr("INCR_TRANSFER", 4, 0, 1004)), extra(none, 2000, 0), ""},
		{"no step listed: extraInfo counts as forward", nil, extra(oms.Some(3.0), 2000, 1997),
			"forward checkpoint=1997 sampled=2000 delay=3 threshold=300 effective=1003"},
		{"a delay of 0 is a delay", nil, extra(oms.Some(0.0), 2000, 0), "forward sampled=2000 delay=0 threshold=300 effective=1000"},
		{"clock skew: the delay that OMS reports stays negative", nil, extra(oms.Some(-8.0), 2000, 0),
			"forward sampled=2000 delay=-8 threshold=300 effective=992"},
		{"clock skew: the delay of two times stays negative", steps(incr("INCR_TRANSFER", 4, 1008, 1000)), nil,
			"forward checkpoint=1008 sampled=1000 delay=-8 threshold=300 effective=1992"},
		{"a delay of the step's two times is not cut to 292 years", steps(incr("INCR_TRANSFER", 4, 99999999999, 1000)), extra(none, 1000, 99999999999),
			"forward checkpoint=9.9999999999e+10 sampled=1000 delay=-9.9999998999e+10 threshold=300 effective=0"},
		{"a delay of the two times of extraInfo is not cut to 292 years", nil, extra(none, 1000, 99999999999),
			"forward checkpoint=9.9999999999e+10 sampled=1000 delay=-9.9999998999e+10 threshold=300 effective=0"},
		{"reverse alone", steps(incr("REVERSE_INCR_TRANSFER", 6, 1000, 1005)), nil,
			"reverse checkpoint=1000 sampled=1005 delay=5 threshold=300 effective=2000"},
		{"extraInfo never counts as reverse", steps(incr("REVERSE_INCR_TRANSFER", 6, 0, 0)), extra(none, 2000, 1990),
			"forward checkpoint=1990 sampled=2000 delay=10 threshold=300 effective=1010"},
		{"extraInfo counts as forward beside a reverse step",
			steps(incr("REVERSE_INCR_TRANSFER", 6, 1000, 1005)), extra(oms.Some(7.0), 2000, 1990),
			"forward checkpoint=1990 sampled=2000 delay=7 threshold=300 effective=1010; reverse checkpoint=1000 sampled=1005 delay=5 threshold=300 effective=2000"},
		{"after the switchover the forward checkpoint stands still without a delay",
			steps(withStatus(incr("INCR_TRANSFER", 4, 1000, 1004), "SUSPEND"), incr("REVERSE_INCR_TRANSFER", 6, 2000, 2005)),
			extra(oms.Some(7.0), 1004, 1000),
			"forward checkpoint=1000; reverse checkpoint=2000 sampled=2005 delay=5 threshold=300 effective=1000"},
		{"of several steps the highest order counts, at any place and with any name",
			steps(incr("CONNECTOR_INCR_SYNC", 9, 1000, 1009), incr("INCR_TRANSFER", 4, 1000, 1004),
				incr("INCR_SYNC", 5, 1000, 1005)), nil,
			"forward checkpoint=1000 sampled=1009 delay=9 threshold=300 effective=2000"},
		{"of equal orders the later counts", steps(incr("INCR_SYNC", 4, 1000, 1004), incr("INCR_TRANSFER", 4, 1000, 1005)), nil,
			"forward checkpoint=1000 sampled=1005 delay=5 threshold=300 effective=2000"},
		{"a step without an order is below all others",
			steps(incr("INCR_SYNC", 0, 1000, 1004), oms.Step{Name: "INCR_TRANSFER", Info: &oms.StepInfo{Checkpoint: at(900)}}), nil,
			"forward checkpoint=1000 sampled=1004 delay=4 threshold=300 effective=2000"},
		{"the step of the highest order decides whether the direction is at work",
			steps(incr("INCR_SYNC", 4, 1000, 1004), withStatus(incr("INCR_TRANSFER", 5, 1000, 1005), "SUSPEND")), nil,
			"forward checkpoint=1000"},
		{"without stepInfo extraInfo counts", steps(oms.Step{Name: "INCR_TRANSFER", Status: "MONITORING"}),
			extra(oms.Some(3.0), 2000, 1997), "forward checkpoint=1997 sampled=2000 delay=3 threshold=300 effective=1003"},
		{"steps with other names do not count", steps(incr("TRANSFER_APP_SWITCH", 7, 1000, 1004), incr("INCR_VERIFIER", 8, 1000, 1004)), nil, ""},
	} {
		t.Run(c.rule, func(t *testing.T) {
			task := &oms.Task{ID: "np_1", Status: "RUNNING", Importance: "MEDIUM", Steps: c.steps, ExtraInfo: c.extra}
			if diff := cmp.Diff(c.want, syncOf(t, task)); diff != "" {
				t.Errorf("(- want, + got):\n%s", diff)
			}
		})
	}
}

func TestSyncDirections(t *testing.T) {
	for _, c := range []struct{ step, direction string }{
		{"INCR_TRANSFER", "forward"}, {"INCR_SYNC", "forward"}, {"CONNECTOR_INCR_SYNC", "forward"},
		{"REVERSE_INCR_TRANSFER", "reverse"}, {"REVERSE_INCR_SYNC", "reverse"},
	} {
		got := syncOf(t, &oms.Task{ID: "np_1", Status: "RUNNING", Steps: []oms.Step{incr(c.step, 4, 1000, 1004)}})
		if want := c.direction + " checkpoint=1000 sampled=1004 delay=4 threshold=900 effective=2000"; got != want {
			t.Errorf("%s: got %q, want %q", c.step, got, want)
		}
	}
}

func TestSyncAtRest(t *testing.T) {
	const resting, working = "checkpoint=1000", "checkpoint=1000 sampled=1004 delay=4 threshold=900 effective=2000"
	for _, status := range []string{
		"INIT", "SUSPEND", "FINISHED", "RELEASING", "RELEASED", "DELETED",
		"RUNNING", "FAILED", "MONITORING", "RUNNING_MODIFYING", "RUNNING_MERGING", "RUNNING_ALARMING", "UNHEARD_OF", "",
	} {
		want := working
		if slices.Contains([]string{"INIT", "SUSPEND", "FINISHED", "RELEASING", "RELEASED", "DELETED"}, status) {
			want = resting
		}
		for _, c := range []struct{ direction, step string }{{Forward, "INCR_TRANSFER"}, {Reverse, "REVERSE_INCR_TRANSFER"}} {
			step := incr(c.step, 4, 1000, 1004)
			byStep := &oms.Task{ID: "np_1", Status: "RUNNING", Steps: []oms.Step{withStatus(step, status)}}
			if got := syncOf(t, byStep); got != c.direction+" "+want {
				t.Errorf("step %s: got %q, want %q", status, got, c.direction+" "+want)
			}
			if status == "RELEASED" || status == "DELETED" {
				continue // an ended task does not have the checkpoint, either
			}
			byTask := &oms.Task{ID: "np_1", Status: status, Steps: []oms.Step{step}}
			if got := syncOf(t, byTask); got != c.direction+" "+want {
				t.Errorf("task %s: got %q, want %q", status, got, c.direction+" "+want)
			}
		}
		if status == "RELEASED" || status == "DELETED" {
			continue
		}
		stepless := &oms.Task{ID: "np_1", Status: status, ExtraInfo: extra(oms.Some(4.0), 1004, 1000)}
		if got := syncOf(t, stepless); got != "forward "+want {
			t.Errorf("task %s without a step: got %q, want %q", status, got, "forward "+want)
		}
	}
}

func TestSyncThreshold(t *testing.T) {
	for _, c := range []struct {
		rule, importance string
		thresholds       map[string]time.Duration
		want             oms.Opt[float64]
	}{
		{"HIGH", "HIGH", defaultSettings("prod").Thresholds, oms.Some(60.0)},
		{"MEDIUM", "MEDIUM", defaultSettings("prod").Thresholds, oms.Some(300.0)},
		{"LOW", "LOW", defaultSettings("prod").Thresholds, oms.Some(900.0)},
		{"IGNORE has none", "IGNORE", defaultSettings("prod").Thresholds, none},
		{"IGNORE has none, even if the config has one", "IGNORE", map[string]time.Duration{"IGNORE": time.Hour, "MEDIUM": time.Hour}, none},
		{"missing: LOW's", "", defaultSettings("prod").Thresholds, oms.Some(900.0)},
		{"unknown: LOW's", "URGENT", defaultSettings("prod").Thresholds, oms.Some(900.0)},
		{"unknown: LOW's, even if the config has one", "URGENT", map[string]time.Duration{"URGENT": time.Hour, "LOW": time.Minute}, oms.Some(60.0)},
		{"0 means none", "HIGH", map[string]time.Duration{"HIGH": 0, "MEDIUM": time.Minute}, none},
		{"no entry means none", "HIGH", map[string]time.Duration{"MEDIUM": time.Minute}, none},
	} {
		t.Run(c.rule, func(t *testing.T) {
			settings := defaultSettings("prod")
			settings.Thresholds = c.thresholds
			task := &oms.Task{ID: "np_1", Status: "RUNNING", Importance: c.importance,
				Steps: []oms.Step{incr("INCR_TRANSFER", 4, 1000, 1004)}}
			var want []string
			if c.want.Valid {
				want = []string{fmt.Sprintf(`oms_task_sync_delay_threshold_seconds{direction="forward"} %v`, c.want.Value)}
			}
			checkLines(t, taskSeries(t, settings, at(3000), task, "oms_task_sync_delay_threshold_seconds"), want)
			if got := taskSeries(t, settings, at(3000), task, "oms_task_sync_delay_seconds"); len(got) != 1 {
				t.Errorf("the delay itself does not depend on a threshold: got %q", got)
			}
		})
	}
}
