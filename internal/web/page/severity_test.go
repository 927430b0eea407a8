package page

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/oms-exporter/oms_exporter/collector"
	"github.com/oms-exporter/oms_exporter/oms"
)

// ago returns the time that is d before clock.
func ago(d time.Duration) time.Time { return clock.Add(-d) }

// syncing returns a running task whose incremental step has this checkpoint and sample time. A zero time is absent.
func syncing(checkpoint, sampled time.Time) *oms.Task {
	return &oms.Task{ID: "np_1", Name: "a", Status: "RUNNING", Importance: "MEDIUM", Steps: []oms.Step{{
		Name: "INCR_TRANSFER", Status: "MONITORING", Started: ago(48 * time.Hour),
		Info: &oms.StepInfo{Checkpoint: checkpoint, CheckpointSampled: sampled},
	}}}
}

// assessFirst assesses the first task of a complete walk.
func assessFirst(s *collector.Snapshot, now time.Time) *assessment {
	return printer{locale: english, now: now}.assess(&s.TaskViews().List[0], s.Walk.ClockOffset.Value)
}

func with(t *oms.Task, change func(*oms.Task)) *oms.Task {
	change(t)
	return t
}

func TestAssess(t *testing.T) {
	t.Run("troubles", func(t *testing.T) {
		healthy := func() *oms.Task { return syncing(ago(9*time.Second), ago(5*time.Second)) }
		behind := func() *oms.Task { return syncing(ago(time.Hour), ago(5*time.Second)) }
		frozen := func() *oms.Task { return syncing(ago(304*time.Second), ago(301*time.Second)) }
		status := func(s string) func(*oms.Task) { return func(t *oms.Task) { t.Status = s } }
		for _, c := range []struct {
			rule string
			task *oms.Task
			want []severity
		}{
			{"a healthy task has no trouble", healthy(), nil},
			{"a failed task needs attention", with(healthy(), status("FAILED")), []severity{failed}},
			{"a failed task is not late as well", with(behind(), status("FAILED")), []severity{failed}},
			{"a failed task is not stale as well", with(frozen(), status("FAILED")), []severity{failed}},
			{"a paused task has no trouble", with(behind(), status("SUSPEND")), nil},
			{"a task that was never started has no trouble", with(behind(), status("INIT")), nil},
			{"a failed step of a running task needs attention", with(healthy(), func(t *oms.Task) {
				t.Steps = append(t.Steps, oms.Step{Name: "FULL_VERIFIER", Status: "FAILED"})
			}), []severity{stepFailed}},
			{"a failed step of a paused task is no trouble", with(healthy(), func(t *oms.Task) {
				t.Status, t.Steps[0].Status = "SUSPEND", "FAILED"
			}), nil},
			{"a delay above the threshold is late", behind(), []severity{late}},
			{"a delay at the threshold is not late", syncing(ago(5*time.Minute), ago(5*time.Second)), nil},
			{"a first catch-up is not late",
				with(behind(), func(t *oms.Task) { t.Steps[0].Status = "RUNNING" }), nil},
			{"a failedTime without an error code is a past failure", with(healthy(), func(t *oms.Task) {
				t.Steps[0].Failure = &oms.Failure{Time: ago(time.Hour)}
			}), nil},
			{"RUNNING_MODIFYING is running", with(behind(), status("RUNNING_MODIFYING")), []severity{late}},
			{"a task of importance HIGH has a lower threshold",
				with(syncing(ago(2*time.Minute), ago(5*time.Second)), func(t *oms.Task) {
					t.Importance = "HIGH"
				}), []severity{late}},
			{"an OMS alarm needs attention", with(healthy(), func(t *oms.Task) {
				t.Alarms = &oms.AlarmStats{Alarming: oms.Some(true)}
			}), []severity{alarming}},
			{"an alarm that is over is no trouble", with(healthy(), func(t *oms.Task) {
				t.Alarms = &oms.AlarmStats{Alarming: oms.Some(false), Recent: oms.Some(7.0), Content: "over"}
			}), nil},
			{"RUNNING_ALARMING is an alarm", with(healthy(), status("RUNNING_ALARMING")), []severity{alarming}},
			{"the alarm of a released task is over", with(healthy(), func(t *oms.Task) {
				t.Status, t.Alarms = "RELEASED", &oms.AlarmStats{Alarming: oms.Some(true)}
			}), nil},
			{"a sample older than five minutes is stale", frozen(),
				[]severity{late, stale}},
			{"a sample of five minutes is not stale",
				with(syncing(ago(304*time.Second), ago(300*time.Second)), func(t *oms.Task) { t.Importance = "LOW" }),
				nil},
			{"a stale delay below the threshold is not late",
				with(frozen(), func(t *oms.Task) { t.Importance = "LOW" }),
				[]severity{stale}},
			{"the worst trouble is first", with(frozen(), func(t *oms.Task) {
				t.Alarms = &oms.AlarmStats{Alarming: oms.Some(true)}
				t.Steps = append(t.Steps, oms.Step{Name: "INCR_VERIFIER", Status: "FAILED"})
			}), []severity{stepFailed, late, stale, alarming}},
			{"a task of importance IGNORE has no trouble", with(frozen(), func(t *oms.Task) {
				t.Importance, t.Status, t.Alarms = "IGNORE", "FAILED", &oms.AlarmStats{Alarming: oms.Some(true)}
			}), nil},
			{"waiting for the switchover is no trouble", &oms.Task{ID: "np_1", Status: "RUNNING", Steps: []oms.Step{
				{Name: "TRANSFER_APP_SWITCH", Status: "RUNNING", Progress: oms.Some(0.0)},
			}}, nil},
			{"a reverse direction is late like a forward one",
				with(behind(), func(t *oms.Task) { t.Steps[0].Name = "REVERSE_INCR_TRANSFER" }), []severity{late}},
			{"after a switchover the forward direction has no delay",
				with(behind(), func(t *oms.Task) {
					t.Steps[0].Status = "SUSPEND"
					t.Steps = append(t.Steps, oms.Step{Name: "REVERSE_INCR_TRANSFER", Status: "MONITORING",
						Info: &oms.StepInfo{Checkpoint: ago(9 * time.Second), CheckpointSampled: ago(5 * time.Second)}})
				}), nil},
			{"a task without fields has no trouble", &oms.Task{ID: "np_1"}, nil},
		} {
			t.Run(c.rule, func(t *testing.T) {
				got := assessFirst(snapshot("prod", c.task), clock.Add(time.Minute)).troubles
				if !slices.Equal(got, c.want) {
					t.Errorf("troubles are %v, want %v", got, c.want)
				}
			})
		}
	})
	t.Run("delays", func(t *testing.T) {
		extra := func(delay float64, sampled, checkpoint time.Time) *oms.Task {
			return &oms.Task{ID: "np_1", Status: "RUNNING", ExtraInfo: &oms.ExtraInfo{
				SyncDelay: oms.Some(delay), SyncDelaySampleTimestamp: sampled, IncrSyncTimestamp: checkpoint,
			}}
		}
		none := time.Time{}
		for _, c := range []struct {
			rule             string
			task             *oms.Task
			offset           time.Duration // of the clock of the OMS
			behind, reported string
			catchingUp       bool
		}{
			{"the delay is the age of the checkpoint", syncing(ago(14*time.Second), ago(10*time.Second)), 0, "14 s", "",
				false},
			{"the clock of the OMS counts", syncing(ago(-46*time.Second), ago(-50*time.Second)), time.Minute, "14 s", "",
				false},
			{"the reported delay is shown when OMS has stopped measuring",
				syncing(ago(3*time.Hour+4*time.Second), ago(3*time.Hour)), 0, "3 h", "4 s", false},
			{"without a checkpoint it is the reported delay plus the age of its sample",
				extra(30, ago(20*time.Second), none), 0,
				"50 s", "", false},
			{"without a checkpoint and a sample time it is the reported delay", extra(30, none, none), 0, "30 s", "",
				false},
			{"the delay is never negative", syncing(ago(-8*time.Second), ago(0)), 0, "0 s", "", false},
			{"a negative reported delay counts as 0", extra(-8, none, none), 0, "0 s", "", false},
			{"a checkpoint without a sample counts while its step is at work", syncing(ago(time.Hour), none), 0, "1 h",
				"", false},
			{"a step that is RUNNING has not caught up yet",
				with(syncing(ago(3*time.Hour), ago(time.Second)), func(t *oms.Task) {
					t.Steps[0].Status = "RUNNING"
				}), 0, "3 h", "", true},
			{"a delay beyond the range of a duration is limited", extra(1e300, none, none), 0, "53375 d 23 h", "",
				false},
		} {
			t.Run(c.rule, func(t *testing.T) {
				s := snapshot("prod", c.task)
				s.Walk.ClockOffset = oms.Some(c.offset)
				delays := assessFirst(s, clock.Add(5*time.Hour)).delays
				if len(delays) != 1 || !delays[0].AtWork {
					t.Fatalf("delays are %+v, want one at work", delays)
				}
				if d := delays[0]; d.Behind() != c.behind || d.Reported() != c.reported ||
					d.CatchingUp != c.catchingUp {
					t.Errorf("behind %q, reported %q, catching up %v, want %q, %q, %v", d.Behind(), d.Reported(),
						d.CatchingUp, c.behind, c.reported, c.catchingUp)
				}
			})
		}
	})
	t.Run("a direction at rest has no delay", func(t *testing.T) {
		task := with(syncing(ago(time.Hour), ago(time.Second)), func(t *oms.Task) { t.Status = "SUSPEND" })
		d := assessFirst(snapshot("prod", task), clock).delays[0]
		if d.AtWork || d.Late || d.Stale || d.Checkpoint.Ago() != "1 h ago" {
			t.Errorf("got %+v", d)
		}
	})
}

func TestPause(t *testing.T) {
	paused := func() *oms.Task {
		return with(syncing(ago(time.Hour), time.Time{}),
			func(t *oms.Task) { t.Status, t.IncrTransfer = "SUSPEND", oms.Some(true) })
	}
	for _, c := range []struct {
		rule    string
		task    *oms.Task
		seen    time.Duration // paused
		text    string
		trouble bool
	}{
		{"the pause has lasted at least since the first walk that found it", paused(), 3 * time.Hour,
			"paused for at least 3 h; at most 9 h left to resume", false},
		{"after half the limit it needs attention", paused(), 7 * time.Hour,
			"paused for at least 7 h; at most 5 h left to resume", true},
		{"after the limit no time is left", paused(), 13 * time.Hour,
			"paused for at least 13 h; OMS can probably not resume a task after 12 h", true},
		{"a task without increments has no limit", &oms.Task{ID: "np_1", Name: "a", Status: "SUSPEND"}, 13 * time.Hour,
			"", false},
		{"a task whose directions are over has no limit",
			with(paused(), func(t *oms.Task) { t.Steps[0].Status = "FINISHED" }),
			13 * time.Hour, "", false},
		{"a running task is not paused", with(paused(), func(t *oms.Task) { t.Status = "RUNNING" }), 7 * time.Hour, "",
			false},
	} {
		t.Run(c.rule, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				walker := walkerFunc(func(context.Context, *oms.Progress) (*oms.Walk, error) {
					task := *c.task
					return &oms.Walk{Tasks: []*oms.Task{&task}}, nil
				})
				target := collector.NewTarget(settings("prod"), walker, nil)
				target.Scrape(t.Context())
				time.Sleep(c.seen)
				_, complete := target.Last()
				if c.seen > 10*time.Hour { // the first walk that found the task paused counts
					complete = target.Scrape(t.Context())
				}
				found := assessFirst(complete, time.Now())
				row := newRow(found)
				if got := slices.Contains(found.troubles, pausedLong); got != c.trouble {
					t.Errorf("needs attention: %t, want %t", got, c.trouble)
				}
				shown := row.Pause
				if c.trouble {
					shown = row.Troubles[0]
				}
				if shown != c.text {
					t.Errorf("shown is %q, want %q", shown, c.text)
				}
			})
		})
	}
}

// walkerFunc is a collector.Walker.
type walkerFunc func(context.Context, *oms.Progress) (*oms.Walk, error)

func (f walkerFunc) Walk(ctx context.Context, progress *oms.Progress) (*oms.Walk, error) {
	return f(ctx, progress)
}
