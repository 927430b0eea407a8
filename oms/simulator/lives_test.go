package simulator

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// documentedThresholds are OMS' own defaults of alarm.thresholds.
var documentedThresholds = map[string]time.Duration{"HIGH": 30 * secs, "MEDIUM": 300 * secs, "LOW": 900 * secs}

// at returns the task of a story so long after StoryTime.
func (s story) at(after time.Duration) *task {
	return tellSome(StoryTime+after, []story{s})["np_"+s.id]
}

// storyNamed returns the story of the demo with a name.
func storyNamed(t *testing.T, name string) story {
	t.Helper()
	i := slices.IndexFunc(stories, func(s story) bool { return s.name == name })
	if i < 0 {
		t.Fatalf("no story is named %s", name)
	}
	return stories[i]
}

func delayOf(s *step) time.Duration { return s.sample.Sub(s.checkpoint) }

// rowOf returns the row of a demo task as it is on the wire at StoryTime.
func rowOf(t *testing.T, name string) map[string]any {
	t.Helper()
	_, c := serve(t, standing(StoryTime))
	for _, r := range c.list(allRows).envelope(t)["data"].([]any) {
		if row := r.(map[string]any); row["name"] == name {
			return row
		}
	}
	t.Fatalf("no row is named %s", name)
	return nil
}

// wireStep returns a step of a row on the wire.
func wireStep(t *testing.T, row map[string]any, name string) map[string]any {
	t.Helper()
	for _, s := range row["steps"].([]any) {
		if s := s.(map[string]any); s["name"] == name {
			return s
		}
	}
	t.Fatalf("%v has no step %s", row["name"], name)
	return nil
}

func TestFirstCatchUp(t *testing.T) {
	for level, threshold := range documentedThresholds {
		t.Run("a step of level "+level+" is RUNNING until its delay first falls to the threshold", func(t *testing.T) {
			s := story{id: "x", importance: level, plan: once(2*hrs, full(hrs, million, 100),
				slowIncr(hrs, 3, hold{why: stalled, after: 40 * mins, lasts: 30 * mins}), verify(hrs, million, 100))}
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
				t.Errorf("caught up %v, late again %v: this shows nothing", caughtUp, late)
			}
		})
	}
	t.Run("a stall in the first catch-up delays its end", func(t *testing.T) {
		caughtUp := func(holds ...hold) time.Time {
			s := story{id: "x", plan: once(9*hrs, full(hrs, million, 100), slowIncr(6*hrs, 3, holds...))}
			return stepOf(t, s.at(0), "INCR_TRANSFER").finished
		}
		// The backlog of the 90 minutes has to be worked off, too: at 3 seconds a second.
		late := caughtUp(hold{why: stalled, after: hrs, lasts: 90 * mins}).Sub(caughtUp())
		if late < 119*mins || late > 121*mins {
			t.Errorf("%v later", late)
		}
	})
	hour := func(name string) (before, now, soon *step) {
		s := storyNamed(t, name)
		return stepOf(t, s.at(-20*mins), "INCR_TRANSFER"), stepOf(t, s.at(0), "INCR_TRANSFER"), stepOf(t, s.at(20*mins), "INCR_TRANSFER")
	}
	t.Run("a task is hours behind and catches up", func(t *testing.T) {
		before, now, soon := hour("first_catch_up_takes_hours")
		if now.status != "RUNNING" || delayOf(now) < 3*hrs || delayOf(now) > delayOf(before)-50*mins || delayOf(soon) > delayOf(now)-50*mins {
			t.Errorf("%s, %v to %v to %v behind", now.status, delayOf(before), delayOf(now), delayOf(soon))
		}
	})
	for _, name := range []string{"never_catches_up", "first_catch_up_stopped"} {
		t.Run("the first catch-up does not gain: "+name, func(t *testing.T) {
			before, now, soon := hour(name)
			if now.status != "RUNNING" || soon.status != "RUNNING" || delayOf(now) < 2*hrs || delayOf(now) < delayOf(before)+17*mins {
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
		return story{id: "x", plan: once(2*hrs, append([]planStep{full(2*hrs, million, 100, hold{why: paused, at: 0.25, lasts: lasts})}, then...)...)}
	}
	for _, c := range []struct {
		rule   string
		story  story
		end    time.Duration // of the pause, after StoryTime
		status string
	}{
		{"a pause of 12 hours can be resumed", pausedFor(12*hrs, incr(hrs, 3*secs)), 10*hrs + 30*mins, "RUNNING"},
		{"a longer pause ends as FAILED", pausedFor(12*hrs+secs, incr(hrs, 3*secs)), 10*hrs + 31*mins, "FAILED"},
		{"a task without incremental transfer can be resumed after a longer pause", pausedFor(20 * hrs), 18*hrs + 30*mins, "RUNNING"},
	} {
		t.Run(c.rule, func(t *testing.T) {
			for after, want := range map[time.Duration]string{0: "SUSPEND", c.end - 2*mins: "SUSPEND", c.end + 2*mins: c.status} {
				k := c.story.at(after)
				if got := stepOf(t, k, "FULL_TRANSFER").status; k.status != want || got != want {
					t.Errorf("after %v: task %s, step %s, want %s", after, k.status, got, want)
				}
			}
		})
	}
	t.Run("nobody gets the task going again", func(t *testing.T) {
		s := pausedFor(13*hrs, incr(hrs, 3*secs))
		if k := s.at(300 * day); k.status != "FAILED" || stepOf(t, k, "INCR_TRANSFER").status != "INIT" {
			t.Errorf("%s", k.status)
		}
	})
	for _, c := range []struct {
		name        string
		since       time.Duration // of the pause, at least
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
			if later := s.at(c.later).status; k.status != "SUSPEND" || step.status != "SUSPEND" || pause < c.since || pause > c.atMost || later != c.laterStatus {
				t.Errorf("%s for %v, then %s", k.status, pause, later)
			}
		})
	}
	t.Run("the failure names the missing log, and the other steps stay paused", func(t *testing.T) {
		row := rowOf(t, "resumed_after_the_pause_limit")
		s := wireStep(t, row, "INCR_TRANSFER")
		if row["status"] != "FAILED" || s["status"] != "FAILED" || s["extraInfo"].(map[string]any)["errorCode"] != "CM-RESOIE000201" ||
			wireStep(t, row, "TRANSFER_APP_SWITCH")["status"] != "SUSPEND" {
			t.Errorf("task %v, step %v", row["status"], s)
		}
	})
}

func TestActiveActive(t *testing.T) {
	for _, name := range []string{"active_active", "active_active_reverse_late"} {
		t.Run("both directions are at work: "+name, func(t *testing.T) {
			k := storyNamed(t, name).at(0)
			forward, backward, verifier := stepOf(t, k, "INCR_TRANSFER"), stepOf(t, k, "REVERSE_INCR_TRANSFER"), stepOf(t, k, "FULL_VERIFIER")
			if forward.status != "MONITORING" || backward.status != "MONITORING" || !backward.started.Before(verifier.started) ||
				forward.checkpoint.IsZero() || backward.checkpoint.IsZero() || forward.sample.IsZero() || backward.sample.IsZero() {
				t.Errorf("forward %+v, reverse %+v, verification since %v", forward, backward, verifier.started)
			}
			if slices.ContainsFunc(k.steps, func(s step) bool { return strings.Contains(s.name, "APP_SWITCH") }) || !k.stages.reverse {
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

func TestAlarms(t *testing.T) {
	stall := hold{why: stalled, after: hrs, lasts: 40 * mins}
	delayed := func(importance string, h hold) story {
		return story{id: "x", kind: "SYNC", importance: importance, plan: once(8*hrs, precheck(8*secs), incr(0, 3*secs, h))}
	}
	t.Run("an alarm lingers for three hours after the last one", func(t *testing.T) {
		s := delayed("MEDIUM", stall)
		var last time.Time
		for after := -8 * hrs; after < 0; after += 3 * mins {
			now := testEpoch.Add(StoryTime + after)
			k := s.at(after)
			if delayOf(stepOf(t, k, "INCR_TRANSFER")) > 300*secs {
				last = now
			}
			want := !last.IsZero() && now.Sub(last) < 3*hrs
			if got := k.row().Alarming; got != want {
				t.Fatalf("after %v: alarming %v, last alarm %v", after, got, last)
			}
		}
		if last.IsZero() || testEpoch.Add(StoryTime).Sub(last) < 3*hrs {
			t.Errorf("last alarm %v: this shows nothing", last)
		}
	})
	for _, c := range []struct {
		rule  string
		story story
		want  string
	}{
		{"a stall raises the delay's", delayed("HIGH", hold{why: stalled, after: 7 * hrs, lasts: 9 * hrs}), "oms_sync_delay"},
		{"a failure raises its own", delayed("HIGH", hold{why: failed, after: 7 * hrs, lasts: 9 * hrs, failure: errSystem}), "oms_sync_failed"},
		{"a pause raises none", delayed("HIGH", hold{why: paused, after: 7 * hrs, lasts: 9 * hrs}), ""},
		{"a pause of another step raises none", story{id: "x", importance: "HIGH", plan: once(8*hrs, incr(0, 3*secs, hold{why: stalled, after: 7*hrs + 30*mins, lasts: 9 * hrs}),
			verify(8*hrs, million, 100, hold{why: paused, at: 0.875, lasts: 9 * hrs}))}, ""},
		{"a new start of the task does not end it", story{id: "x", plan: laps(4*hrs, hrs, full(2*hrs, million, 100,
			hold{why: failed, at: 0.75, lasts: 5 * hrs, failure: errSystem}))}, "oms_migration_failed"},
		{"level IGNORE has none", delayed("IGNORE", hold{why: stalled, after: 7 * hrs, lasts: 9 * hrs}), ""},
		{"the first catch-up raises none", storyNamed(t, "first_catch_up_stopped"), ""},
	} {
		t.Run(c.rule, func(t *testing.T) {
			rules := ""
			for _, r := range c.story.at(0).alarms.rules {
				rules += r.name
			}
			if rules != c.want {
				t.Errorf("rules %q, want %q", rules, c.want)
			}
		})
	}
	t.Run("a recovered task of the demo is still alarming", func(t *testing.T) {
		s := storyNamed(t, "alarm_lingers_after_recovery")
		k := s.at(0)
		if d := delayOf(stepOf(t, k, "INCR_TRANSFER")); d > 15*secs || !k.row().Alarming || s.at(3*hrs).row().Alarming {
			t.Errorf("%v behind, alarming %v", d, k.alarms)
		}
	})
}

func TestNineSteps(t *testing.T) {
	s := storyNamed(t, "nine_steps_index_beside_full")
	const chain = "TRANSFER_PRECHECK STRUCT_TRANSFER TRANSFER_INCR_LOG_PULL FULL_TRANSFER INDEX_TRANSFER INCR_TRANSFER FULL_VERIFIER " +
		"TRANSFER_APP_SWITCH REVERSE_INCR_TRANSFER"
	t.Run("the chain is the official one", func(t *testing.T) {
		for i, name := range strings.Fields(chain) {
			if k := s.at(0); len(k.steps) != 9 || k.steps[i].name != name || k.steps[i].order != i+1 {
				t.Errorf("%d of %d: %+v, want %s", i, len(k.steps), k.steps[i], name)
			}
		}
	})
	t.Run("INDEX_TRANSFER starts before FULL_TRANSFER ends", func(t *testing.T) {
		k := s.at(0)
		if a, b := stepOf(t, k, "FULL_TRANSFER"), stepOf(t, k, "INDEX_TRANSFER"); a.status != "RUNNING" || b.status != "RUNNING" || b.progress == 0 {
			t.Errorf("%s and %s at %v", a.status, b.status, b.progress)
		}
		if k := s.at(5 * hrs); !stepOf(t, k, "INCR_TRANSFER").started.After(stepOf(t, k, "INDEX_TRANSFER").finished) {
			t.Error("INCR_TRANSFER starts before INDEX_TRANSFER ends")
		}
	})
	t.Run("TRANSFER_APP_SWITCH is INIT until verification is done", func(t *testing.T) {
		seen := map[string]bool{}
		for after := time.Duration(0); after < 40*hrs; after += 7 * mins {
			k := s.at(after)
			verifier, change := stepOf(t, k, "FULL_VERIFIER"), stepOf(t, k, "TRANSFER_APP_SWITCH")
			seen[verifier.status+" "+change.status] = true
		}
		for _, pair := range []string{"INIT RUNNING", "RUNNING RUNNING", "INIT FINISHED", "RUNNING FINISHED"} {
			if seen[pair] {
				t.Errorf("verification and switchover are %s", pair)
			}
		}
		for _, pair := range []string{"INIT INIT", "RUNNING INIT", "FINISHED RUNNING", "FINISHED FINISHED"} {
			if !seen[pair] {
				t.Errorf("verification and switchover are never %s", pair)
			}
		}
	})
	t.Run("stepInfo is null or an object of nulls where OMS has nothing to show", func(t *testing.T) {
		row := rowOf(t, s.name)
		for _, name := range []string{"TRANSFER_PRECHECK", "STRUCT_TRANSFER", "TRANSFER_INCR_LOG_PULL", "INDEX_TRANSFER", "REVERSE_INCR_TRANSFER"} {
			if info, ok := wireStep(t, row, name)["stepInfo"]; info != nil || !ok {
				t.Errorf("%s: %v", name, info)
			}
		}
		info, _ := wireStep(t, row, "FULL_VERIFIER")["stepInfo"].(map[string]any)
		if value, ok := info["processedRecords"]; !ok || value != nil || len(info) != 13 {
			t.Errorf("FULL_VERIFIER: %v", info)
		}
		for key, value := range info {
			if value != nil {
				t.Errorf("FULL_VERIFIER: %s is %v", key, value)
			}
		}
	})
	t.Run("TRANSFER_INCR_LOG_PULL ends FINISHED at 100", func(t *testing.T) {
		if pull := stepOf(t, s.at(0), "TRANSFER_INCR_LOG_PULL"); pull.status != "FINISHED" || pull.progress != 100 || pull.finished.IsZero() {
			t.Errorf("%+v", pull)
		}
	})
}

func TestSwitchover(t *testing.T) {
	for name, forward := range map[string]string{"switched_reverse": "SUSPEND", "switched_reverse_finished_forward": "FINISHED"} {
		t.Run("the forward step is "+forward+" and reverse is MONITORING", func(t *testing.T) {
			k := storyNamed(t, name).at(0)
			step, change := stepOf(t, k, "INCR_TRANSFER"), stepOf(t, k, "TRANSFER_APP_SWITCH")
			if step.status != forward || change.status != "FINISHED" || stepOf(t, k, "REVERSE_INCR_TRANSFER").status != "MONITORING" ||
				step.sample.After(change.finished) {
				t.Errorf("forward %+v, switchover %+v", step, change)
			}
		})
	}
}

func TestFailedOnce(t *testing.T) {
	row := rowOf(t, "failed_once_and_resumed")
	if row["status"] != "RUNNING" {
		t.Errorf("the task is %v", row["status"])
	}
	for name, status := range map[string]string{"FULL_TRANSFER": "FINISHED", "INCR_TRANSFER": "MONITORING"} {
		t.Run("a step that is "+status+" keeps the time of its failure alone", func(t *testing.T) {
			s := wireStep(t, row, name)
			for key, value := range s["extraInfo"].(map[string]any) {
				text, _ := value.(string)
				if _, err := time.Parse("2006-01-02T15:04:05.000", text); (value != nil || key == "failedTime") && (key != "failedTime" || err != nil) {
					t.Errorf("%s is %v", key, value)
				}
			}
			if s["status"] != status {
				t.Errorf("%s is %v", name, s["status"])
			}
		})
	}
}

func TestReleased(t *testing.T) {
	for _, name := range []string{"released", "released_out_of_a_pause"} {
		t.Run("a task stays in the list: "+name, func(t *testing.T) {
			_, c := serve(t, standing(100*day))
			if body := string(c.list(allRows).body); storyNamed(t, name).at(100*day).status != "RELEASED" || !strings.Contains(body, `"name":"`+name+`"`) {
				t.Error("not RELEASED, or not listed")
			}
		})
	}
}

func TestMissingSampleTime(t *testing.T) {
	t.Run("only the checkpoint is known, two hours behind", func(t *testing.T) {
		s := wireStep(t, rowOf(t, "checkpoint_without_sample_time"), "INCR_TRANSFER")
		info := s["stepInfo"].(map[string]any)
		behind := testEpoch.Add(StoryTime).Unix() - int64(info["incrTimestampCheckpoint"].(float64))
		if _, ok := info["checkpointSampleTimestamp"]; ok || behind < 7000 || behind > 7400 || s["status"] != "MONITORING" {
			t.Errorf("%v behind, %v", behind, s)
		}
	})
}

func TestTruth(t *testing.T) {
	t.Run("the truth is what the rows have", func(t *testing.T) {
		s, c := serve(t, standing(StoryTime))
		truth := s.TruthOf(s.Now(), Query{VisibleSubProject: true})
		for i, r := range c.list(allRows).envelope(t)["data"].([]any) {
			row := r.(map[string]any)
			if got := truth[i]; got.ID != row["id"] || got.Status != row["status"] || got.Alarming != row["alarmStats"].(map[string]any)["alarming"] {
				t.Errorf("%+v, want %v %v %v", got, row["id"], row["status"], row["alarmStats"])
			}
		}
	})
}
