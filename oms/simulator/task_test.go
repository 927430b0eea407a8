package simulator

import (
	"strings"
	"testing"
	"time"
)

// rowOf returns the JSON of a demo task at StoryTime.
func rowOf(t *testing.T, name string) map[string]any {
	t.Helper()
	_, c := serve(t, fixedClock(StoryTime))
	for _, r := range c.list(allRows).envelope(t)["data"].([]any) {
		if row := r.(map[string]any); row["name"] == name {
			return row
		}
	}
	t.Fatalf("no row is named %s", name)
	return nil
}

// wireStep returns a step in the JSON of a row.
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

func TestNineSteps(t *testing.T) {
	s := storyNamed(t, "nine_steps_index_beside_full")
	const chain = "TRANSFER_PRECHECK STRUCT_TRANSFER TRANSFER_INCR_LOG_PULL FULL_TRANSFER INDEX_TRANSFER " +
		"INCR_TRANSFER FULL_VERIFIER " +
		"TRANSFER_APP_SWITCH REVERSE_INCR_TRANSFER"
	t.Run("the steps have the documented order", func(t *testing.T) {
		for i, name := range strings.Fields(chain) {
			if k := s.at(0); len(k.steps) != 9 || k.steps[i].name != name || k.steps[i].order != i+1 {
				t.Errorf("%d of %d: %+v, want %s", i, len(k.steps), k.steps[i], name)
			}
		}
	})
	t.Run("INDEX_TRANSFER starts before FULL_TRANSFER ends", func(t *testing.T) {
		k := s.at(0)
		if a, b := stepOf(t, k, "FULL_TRANSFER"), stepOf(t, k, "INDEX_TRANSFER"); a.status != "RUNNING" ||
			b.status != "RUNNING" || b.progress == 0 {
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
		for _, name := range []string{"TRANSFER_PRECHECK", "STRUCT_TRANSFER", "TRANSFER_INCR_LOG_PULL",
			"INDEX_TRANSFER", "REVERSE_INCR_TRANSFER"} {
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
		if pull := stepOf(t, s.at(0), "TRANSFER_INCR_LOG_PULL"); pull.status != "FINISHED" || pull.progress != 100 ||
			pull.finished.IsZero() {
			t.Errorf("%+v", pull)
		}
	})
}

func TestSwitchover(t *testing.T) {
	for name, forward := range map[string]string{"switched_reverse": "SUSPEND",
		"switched_reverse_finished_forward": "FINISHED"} {
		t.Run("the forward step is "+forward+" and reverse is MONITORING", func(t *testing.T) {
			k := storyNamed(t, name).at(0)
			step, change := stepOf(t, k, "INCR_TRANSFER"), stepOf(t, k, "TRANSFER_APP_SWITCH")
			if step.status != forward || change.status != "FINISHED" ||
				stepOf(t, k, "REVERSE_INCR_TRANSFER").status != "MONITORING" ||
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
		t.Run("a step that is "+status+" keeps only the time of its failure", func(t *testing.T) {
			s := wireStep(t, row, name)
			for key, value := range s["extraInfo"].(map[string]any) {
				text, _ := value.(string)
				if _, err := time.Parse("2006-01-02T15:04:05.000", text); (value != nil || key == "failedTime") &&
					(key != "failedTime" || err != nil) {
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
			_, c := serve(t, fixedClock(100*day))
			if body := string(c.list(allRows).body); storyNamed(t, name).at(100*day).status != "RELEASED" ||
				!strings.Contains(body, `"name":"`+name+`"`) {
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
		if _, ok := info["checkpointSampleTimestamp"]; ok || behind < 7000 || behind > 7400 ||
			s["status"] != "MONITORING" {
			t.Errorf("%v behind, %v", behind, s)
		}
	})
}

func TestTruth(t *testing.T) {
	t.Run("the truth equals the rows", func(t *testing.T) {
		s, c := serve(t, fixedClock(StoryTime))
		truth := s.TruthOf(s.Now(), Query{VisibleSubProject: true})
		for i, r := range c.list(allRows).envelope(t)["data"].([]any) {
			row := r.(map[string]any)
			if got := truth[i]; got.ID != row["id"] || got.Status != row["status"] ||
				got.Alarming != row["alarmStats"].(map[string]any)["alarming"] {
				t.Errorf("%+v, want %v %v %v", got, row["id"], row["status"], row["alarmStats"])
			}
		}
	})
}
