package simulator

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// documentedThresholds are the default thresholds of OMS' own alarms.
var documentedThresholds = map[string]time.Duration{"HIGH": 30 * secs, "MEDIUM": 300 * secs, "LOW": 900 * secs}

// at returns the task of a story at a time after StoryTime.
func (s story) at(after time.Duration) *task {
	return tasksOf(StoryTime+after, []story{s})["np_"+s.id]
}

// storyNamed returns a story of the demo.
func storyNamed(t *testing.T, name string) story {
	t.Helper()
	i := slices.IndexFunc(stories, func(s story) bool { return s.name == name })
	if i < 0 {
		t.Fatalf("no story is named %s", name)
	}
	return stories[i]
}

func delayOf(s *step) time.Duration { return s.sample.Sub(s.checkpoint) }

func TestFirstCatchUp(t *testing.T) {
	for level, threshold := range documentedThresholds {
		t.Run("a step of level "+level+" is RUNNING until its delay first falls to the threshold", func(t *testing.T) {
			s := story{id: "x", importance: level, plan: runOnce(2*hrs, full(hrs, million, 100),
				slowIncr(hrs, 3, hold{kind: stalled, after: 40 * mins, lasts: 30 * mins}), verify(hrs, million, 100))}
			var caughtUp time.Time
			late := false
			for after := -hrs; after < hrs; after += 5 * secs {
				k := s.at(after)
				step, next := stepOf(t, k, "INCR_TRANSFER"), stepOf(t, k, "FULL_VERIFIER")
				if step.sample.IsZero() {
					continue
				}
				if caughtUp.IsZero() && delayOf(step) <= threshold {
					caughtUp = step.sample
				}
				late = late || !caughtUp.IsZero() && delayOf(step) > threshold
				want, progress := "RUNNING", 0
				if !caughtUp.IsZero() {
					want, progress = "MONITORING", 100
				}
				if step.status != want || step.progress != progress || !step.finished.Equal(caughtUp) {
					t.Fatalf("after %v, %v behind: %s at %v, caught up %v, want %s at %d, %v",
						after, delayOf(step), step.status, step.progress, step.finished, want, progress, caughtUp)
				}
				if caughtUp.IsZero() && next.status != "INIT" {
					t.Fatalf("after %v: the verification is %s during the first catch-up", after, next.status)
				}
			}
			if caughtUp.IsZero() || !late {
				t.Errorf("caught up %v, late again %v: the story has to catch up and be late again", caughtUp, late)
			}
		})
	}
	t.Run("a stall in the first catch-up delays its end", func(t *testing.T) {
		caughtUp := func(holds ...hold) time.Time {
			s := story{id: "x", plan: runOnce(9*hrs, full(hrs, million, 100), slowIncr(6*hrs, 3, holds...))}
			return stepOf(t, s.at(0), "INCR_TRANSFER").finished
		}
		// The backlog of the 90 minutes is worked off at 3 seconds per second.
		late := caughtUp(hold{kind: stalled, after: hrs, lasts: 90 * mins}).Sub(caughtUp())
		if late < 119*mins || late > 121*mins {
			t.Errorf("%v later", late)
		}
	})
	hour := func(name string) (before, now, soon *step) {
		s := storyNamed(t, name)
		return stepOf(t, s.at(-20*mins), "INCR_TRANSFER"), stepOf(t, s.at(0), "INCR_TRANSFER"),
			stepOf(t, s.at(20*mins), "INCR_TRANSFER")
	}
	t.Run("a task with a delay of hours catches up", func(t *testing.T) {
		before, now, soon := hour("first_catch_up_takes_hours")
		if now.status != "RUNNING" || delayOf(now) < 3*hrs || delayOf(now) > delayOf(before)-50*mins ||
			delayOf(soon) > delayOf(now)-50*mins {
			t.Errorf("%s, %v to %v to %v behind", now.status, delayOf(before), delayOf(now), delayOf(soon))
		}
	})
	for _, name := range []string{"never_catches_up", "first_catch_up_stopped"} {
		t.Run("the delay grows in the first catch-up: "+name, func(t *testing.T) {
			before, now, soon := hour(name)
			if now.status != "RUNNING" || soon.status != "RUNNING" || delayOf(now) < 2*hrs ||
				delayOf(now) < delayOf(before)+17*mins {
				t.Errorf("%s, %v to %v behind", now.status, delayOf(before), delayOf(now))
			}
		})
	}
	t.Run("MONITORING can show 99 %", func(t *testing.T) {
		s := wireStep(t, rowOf(t, "monitoring_at_99_percent"), "INCR_TRANSFER")
		if s["status"] != "MONITORING" || s["progress"] != 99.0 || s["finishTime"] == nil {
			t.Errorf("%v at %v, finishTime %v", s["status"], s["progress"], s["finishTime"])
		}
	})
}

func TestPauseLimit(t *testing.T) {
	pausedFor := func(lasts time.Duration, then ...planStep) story {
		return story{id: "x", plan: runOnce(2*hrs,
			append([]planStep{full(2*hrs, million, 100, hold{kind: paused, at: 0.25, lasts: lasts})}, then...)...)}
	}
	for _, c := range []struct {
		rule   string
		story  story
		end    time.Duration // of the pause, after StoryTime
		status string
	}{
		{"a pause of 12 hours can be resumed", pausedFor(12*hrs, incr(hrs, 3*secs)), 10*hrs + 30*mins, "RUNNING"},
		{"a longer pause ends as FAILED", pausedFor(12*hrs+secs, incr(hrs, 3*secs)), 10*hrs + 31*mins, "FAILED"},
		{"a task without incremental transfer can be resumed after a longer pause", pausedFor(20 * hrs), 18*hrs +
			30*mins, "RUNNING"},
	} {
		t.Run(c.rule, func(t *testing.T) {
			for after, want := range map[time.Duration]string{0: "SUSPEND", c.end - 2*mins: "SUSPEND", c.end +
				2*mins: c.status} {
				k := c.story.at(after)
				if got := stepOf(t, k, "FULL_TRANSFER").status; k.status != want || got != want {
					t.Errorf("after %v: task %s, step %s, want %s", after, k.status, got, want)
				}
			}
		})
	}
	t.Run("the task is not resumed", func(t *testing.T) {
		s := pausedFor(13*hrs, incr(hrs, 3*secs))
		if k := s.at(300 * day); k.status != "FAILED" || stepOf(t, k, "INCR_TRANSFER").status != "INIT" {
			t.Errorf("%s", k.status)
		}
	})
	for _, c := range []struct {
		name        string
		since       time.Duration // of the pause, minimum
		atMost      time.Duration
		later       time.Duration
		laterStatus string
	}{
		{"paused_for_hours_can_be_resumed", 6 * hrs, 8 * hrs, 4 * hrs, "RUNNING"},
		{"paused_past_the_pause_limit", 12*hrs + 30*mins, 14 * hrs, 8 * hrs, "FAILED"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := storyNamed(t, c.name)
			k := s.at(0)
			step := stepOf(t, k, "INCR_TRANSFER")
			pause := testEpoch.Add(StoryTime).Sub(step.sample)
			if later := s.at(c.later).status; k.status != "SUSPEND" || step.status != "SUSPEND" || pause < c.since ||
				pause > c.atMost || later != c.laterStatus {
				t.Errorf("%s for %v, then %s", k.status, pause, later)
			}
		})
	}
	t.Run("the failure names the missing log, and the other steps stay paused", func(t *testing.T) {
		row := rowOf(t, "resumed_after_the_pause_limit")
		s := wireStep(t, row, "INCR_TRANSFER")
		if row["status"] != "FAILED" || s["status"] != "FAILED" ||
			s["extraInfo"].(map[string]any)["errorCode"] != "CM-RESOIE000201" ||
			wireStep(t, row, "TRANSFER_APP_SWITCH")["status"] != "SUSPEND" {
			t.Errorf("task %v, step %v", row["status"], s)
		}
	})
}

func TestActiveActive(t *testing.T) {
	for _, name := range []string{"active_active", "active_active_reverse_late"} {
		t.Run("both directions are at work: "+name, func(t *testing.T) {
			k := storyNamed(t, name).at(0)
			forward, backward, verifier := stepOf(t, k, "INCR_TRANSFER"), stepOf(t, k,
				"REVERSE_INCR_TRANSFER"), stepOf(t, k, "FULL_VERIFIER")
			if forward.status != "MONITORING" || backward.status != "MONITORING" ||
				!backward.started.Before(verifier.started) ||
				forward.checkpoint.IsZero() || backward.checkpoint.IsZero() || forward.sample.IsZero() ||
				backward.sample.IsZero() {
				t.Errorf("forward %+v, reverse %+v, verification since %v", forward, backward, verifier.started)
			}
			if slices.ContainsFunc(k.steps, func(s step) bool { return strings.Contains(s.name, "APP_SWITCH") }) ||
				!k.enabled.reverse {
				t.Error("a switchover step, or no reverse stage")
			}
		})
	}
	t.Run("one direction alone can be late", func(t *testing.T) {
		k := storyNamed(t, "active_active_reverse_late").at(0)
		forward, backward := delayOf(stepOf(t, k, "INCR_TRANSFER")), delayOf(stepOf(t, k, "REVERSE_INCR_TRANSFER"))
		if forward > 15*secs || backward < 30*mins || len(k.alarms.rules) != 1 {
			t.Errorf("forward %v, reverse %v, alarms %v", forward, backward, k.alarms.rules)
		}
	})
}
