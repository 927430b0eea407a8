package simulator

import (
	"slices"
	"strings"
	"testing"
	"time"
)

var stories = allStories()

// tasksAt returns every task at a time after the epoch, including subtasks.
func tasksAt(after time.Duration) map[string]*task { return tasksOf(after, stories) }

func tasksOf(after time.Duration, stories []story) map[string]*task {
	tasks := map[string]*task{}
	for _, e := range (storyList{testEpoch, stories}).entries(testEpoch.Add(after)) {
		tasks[e.ID] = e.task()
	}
	return tasks
}

func TestStoriesComplete(t *testing.T) {
	seen := map[string]map[string]bool{}
	note := func(kind, value string) {
		if seen[kind] == nil {
			seen[kind] = map[string]bool{}
		}
		seen[kind][value] = true
	}
	tasks := tasksAt(StoryTime)
	names := map[string]int{}
	for _, k := range tasks {
		note("type", k.kind)
		note("status", k.status)
		note("importance", k.importance)
		note("source", k.source.kind)
		note("sink", k.sink.kind)
		names[k.name]++
		for _, r := range k.alarms.rules {
			note("rule", r.name)
		}
		for _, s := range k.steps {
			note("step", s.name)
			note("step status", s.status)
			note("active step", s.name+" "+s.status)
		}
		for flag, set := range map[string]bool{
			"failure": k.failure != nil, "figures": k.shape == ExtraFigures, "log hours": k.logHours > 0,
			"same name": names[k.name] > 1, "subtask": k.subtask,
			"modifying":   k.modifying && k.status == "RUNNING",
			"merging":     k.merging && k.status == "RUNNING",
			"labels":      len(k.labels) > 0,
			"labels null": len(k.labels) == 0 && !k.emptyLabels, "labels empty": len(k.labels) == 0 && k.emptyLabels,
			"steps null": k.nullSteps, "steps INIT": k.status == "INIT" && len(k.steps) > 0,
			"steps empty": k.status == "INIT" && len(k.steps) == 0 && !k.nullSteps,
		} {
			if set {
				note("flag", flag)
			}
		}
	}
	for kind, want := range map[string][]string{
		"type":       {"MIGRATION", "SYNC", "VERIFY"},
		"status":     append([]string{"UNCONFIGURED"}, statuses...),
		"importance": {"HIGH", "MEDIUM", "LOW", "IGNORE"},
		"source": {"MYSQL", "OB_ORACLE", "OB_MYSQL", "ORACLE", "TIDB", "DB2_LUW", "POSTGRESQL", "IDB", "DBP_OP_ROUTE",
			"POLARDB_X_2", "SYBASE"},
		"sink": {"MYSQL", "OB_ORACLE", "OB_MYSQL", "ORACLE", "DB2_LUW", "KAFKA", "DATAHUB", "ROCKETMQ", "ADB"},
		"rule": {"oms_migration_failed", "oms_migration_delay", "oms_sync_delay", "oms_sync_failed",
			"oms_sync_status_inconsistent"},
		"step status": {"INIT", "RUNNING", "FAILED", "FINISHED", "SUSPEND", "MONITORING"},
		"step": {"PRE_CHECK", "TRANSFER_PRECHECK", "PREPARE", "STRUCT_TRANSFER", "STRUCT_MIGRATION", "INDEX_MIGRATION",
			"INDEX_TRANSFER", "STRUCT_SYNC", "FULL_MIGRATION", "FULL_TRANSFER", "APP_SWITCH", "TRANSFER_APP_SWITCH",
			"REVERSE_INCR_SYNC", "REVERSE_INCR_TRANSFER", "FULL_VALIDATION", "FULL_VERIFIER", "INCR_LOG_PULL",
			"TRANSFER_INCR_LOG_PULL", "INCR_SYNC", "INCR_TRANSFER", "INCR_VERIFIER", "SYNC_PREPARE",
			"TRANSFER_PREPARE", "SYNC_INCR_LOG_PULL", "CONNECTOR_FULL_SYNC", "CONNECTOR_INCR_SYNC", "DATA_MASKING"},
		"active step": {"TRANSFER_PRECHECK RUNNING", "STRUCT_TRANSFER RUNNING", "TRANSFER_INCR_LOG_PULL RUNNING",
			"FULL_TRANSFER RUNNING", "INDEX_TRANSFER RUNNING", "INCR_TRANSFER RUNNING", "INCR_TRANSFER MONITORING",
			"FULL_VERIFIER RUNNING", "INCR_VERIFIER MONITORING", "TRANSFER_APP_SWITCH RUNNING",
			"REVERSE_INCR_TRANSFER MONITORING", "FULL_TRANSFER FAILED", "FULL_TRANSFER SUSPEND",
			"INCR_TRANSFER SUSPEND", "INCR_SYNC MONITORING", "FULL_VALIDATION RUNNING",
			"CONNECTOR_INCR_SYNC MONITORING", "REVERSE_INCR_SYNC MONITORING", "INCR_TRANSFER FAILED"},
		"flag": {"failure", "subtask", "modifying", "merging", "labels", "labels null", "labels empty", "steps null",
			"steps empty", "steps INIT", "figures", "log hours", "same name"},
	} {
		for _, value := range want {
			if !seen[kind][value] {
				t.Errorf("no task has %s %s", kind, value)
			}
		}
	}
	if len(tasks) < 60 || len(tasks) != len(stories) {
		t.Errorf("%d tasks of %d stories", len(tasks), len(stories))
	}
	for name := range names {
		if strings.Contains(name, " ") {
			t.Errorf("a name with a space: %q", name)
		}
	}
}

// stepOf returns a step of a task by name.
func stepOf(t *testing.T, k *task, name string) *step {
	t.Helper()
	i := slices.IndexFunc(k.steps, func(s step) bool { return s.name == name })
	if i < 0 {
		t.Fatalf("%s has no step %s", k.id, name)
	}
	return &k.steps[i]
}

func records(s *step) int64 { return s.info.(object)[0].value.(int64) }

// storyStep returns a step of a story's task at a time after StoryTime.
func storyStep(t *testing.T, story, name string, after time.Duration) *step {
	t.Helper()
	return stepOf(t, storyNamed(t, story).at(after), name)
}

func TestStoryTransfers(t *testing.T) {
	for _, c := range []struct {
		rule, story string
		moves       bool
	}{
		{"a stalled transfer is RUNNING and moves no rows", "orders_stalled_at_42", false},
		{"a transfer that stalls at the start is RUNNING and moves no rows", "stalled_at_the_start", false},
		{"a long transfer moves rows while its progress stays", "archive_rows_move_progress_does_not", true},
	} {
		t.Run(c.rule, func(t *testing.T) {
			a, b := storyStep(t, c.story, "FULL_TRANSFER", -40*mins), storyStep(t, c.story, "FULL_TRANSFER", 0)
			moved := records(b) - records(a)
			if b.status != "RUNNING" || a.progress != b.progress || moved < 0 || moved > 0 != c.moves {
				t.Errorf("%s, progress %v to %v, %d rows moved", b.status, a.progress, b.progress, moved)
			}
		})
	}
}

func TestStoryCheckpoints(t *testing.T) {
	for _, c := range []struct {
		rule, story, step string
		checkpoint        bool // the checkpoint moves
		sample            bool // the sample time moves
	}{
		{"a frozen checkpoint is sampled", "checkpoint_frozen", "INCR_TRANSFER", false, true},
		{"a frozen reverse checkpoint is sampled", "reverse_checkpoint_frozen", "REVERSE_INCR_TRANSFER", false, true},
		{"without a new sample the checkpoint does not move", "sampler_frozen", "INCR_TRANSFER", false, false},
		{"a healthy checkpoint moves with its samples", "ready_to_switch", "INCR_TRANSFER", true, true},
	} {
		t.Run(c.rule, func(t *testing.T) {
			a, b := storyStep(t, c.story, c.step, -40*mins), storyStep(t, c.story, c.step, 0)
			if b.status != "MONITORING" || b.checkpoint.After(a.checkpoint) != c.checkpoint ||
				b.sample.After(a.sample) != c.sample {
				t.Errorf("%s, checkpoint %v to %v, sample %v to %v", b.status, a.checkpoint, b.checkpoint, a.sample,
					b.sample)
			}
		})
	}
	t.Run("a checkpoint can be a position in the log", func(t *testing.T) {
		info := storyStep(t, "sybase_text_checkpoint", "INCR_TRANSFER", 0).info.(object)
		if info[0].value != "100,30" {
			t.Errorf("checkpoint %v", info)
		}
	})
}

func TestStoryDelays(t *testing.T) {
	for _, c := range []struct {
		rule, story string
		from, to    time.Duration // after StoryTime
		least, most time.Duration // of the change
	}{
		{"a first catch-up gains half an hour in five minutes", "payments_catching_up", 0, 5 * mins, -day, -30 * mins},
		{"the backlog of a nightly batch falls", "nightly_batch_backlog", 0, 5 * mins, -day, -2 * mins},
		{"the delay of a slow task grows nearly as fast as time", "never_catches_up", -40 * mins, 0, 35 * mins, 40 * mins},
	} {
		t.Run(c.rule, func(t *testing.T) {
			a := delayOf(storyStep(t, c.story, "INCR_TRANSFER", c.from))
			b := delayOf(storyStep(t, c.story, "INCR_TRANSFER", c.to))
			if b-a < c.least || b-a > c.most {
				t.Errorf("%v to %v behind, want a change of %v to %v", a, b, c.least, c.most)
			}
		})
	}
	t.Run("a source clock ahead of OMS makes the delay negative", func(t *testing.T) {
		if delay := delayOf(storyStep(t, "clock_ahead", "INCR_TRANSFER", 0)); delay >= 0 {
			t.Errorf("%v behind", delay)
		}
	})
	t.Run("a task can be paused for more than five days", func(t *testing.T) {
		s := storyStep(t, "paused_near_retention", "INCR_TRANSFER", 0)
		if pause := testEpoch.Add(StoryTime).Sub(s.checkpoint); pause < 5*day+14*hrs {
			t.Errorf("paused for %v", pause)
		}
	})
}

func TestStorySteps(t *testing.T) {
	t.Run("a switchover waits at 0 % for days", func(t *testing.T) {
		k := storyNamed(t, "ready_to_switch").at(0)
		s := stepOf(t, k, "TRANSFER_APP_SWITCH")
		if s.status != "RUNNING" || s.progress != 0 || k.modified.Sub(s.started) < 2*day {
			t.Errorf("at %v: %+v", k.modified, s)
		}
	})
	t.Run("a verification can be RUNNING at 100 % with a finish time", func(t *testing.T) {
		s := storyStep(t, "verify_counts_as_done", "FULL_VERIFIER", 0)
		if s.status != "RUNNING" || s.progress != 100 || s.finished.IsZero() {
			t.Errorf("%+v", s)
		}
	})
}

func TestFlickers(t *testing.T) {
	longest, times, run := 0, 0, 0
	s := storyNamed(t, "step_fails_now_and_then")
	for after := time.Duration(0); after < 4*hrs; after += 10 * secs {
		if stepOf(t, s.at(after), "FULL_TRANSFER").status == "FAILED" {
			run++
			longest = max(longest, run)
			continue
		}
		if run > 0 {
			times++
		}
		run = 0
	}
	if longest > 10 || times < 6 {
		t.Errorf("%d failures, the longest of %d samples", times, longest)
	}
}

func TestFlowFigures(t *testing.T) {
	rates := map[any]string{}
	for id, k := range tasksAt(StoryTime) {
		for _, s := range k.steps {
			info, _ := s.info.(object)
			if len(info) < 8 || info[2].value == nil || info[2].value == int64(0) {
				continue
			}
			if other, ok := rates[info[2].value]; ok {
				t.Errorf("%s and %s both move %v rows a second", id, other, info[2].value)
			}
			rates[info[2].value] = id
		}
	}
	if len(rates) < 10 {
		t.Errorf("only %d transfers move", len(rates))
	}
}
