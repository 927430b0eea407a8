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

func TestStoriesAtStoryTime(t *testing.T) {
	before, now := tasksAt(StoryTime-40*time.Minute), tasksAt(StoryTime)
	step := func(tasks map[string]*task, id, name string) *step {
		t.Helper()
		return stepOf(t, tasks["np_"+id], name)
	}
	for _, id := range []string{"t01", "t02"} {
		a, b := step(before, id, "FULL_TRANSFER"), step(now, id, "FULL_TRANSFER")
		if b.status != "RUNNING" || records(a) != records(b) || a.progress != b.progress {
			t.Errorf("%s moves", id)
		}
	}
	a, b := step(before, "m16", "FULL_TRANSFER"), step(now, "m16", "FULL_TRANSFER")
	if a.progress != b.progress || records(a) >= records(b) {
		t.Errorf("m16: progress %v to %v, rows %d to %d", a.progress, b.progress, records(a), records(b))
	}
	frozen := func(id, name string, checkpoint, sample bool) {
		t.Helper()
		a, b := step(before, id, name), step(now, id, name)
		if a.checkpoint.Equal(b.checkpoint) != checkpoint || a.sample.Equal(b.sample) != sample ||
			b.status != "MONITORING" {
			t.Errorf("%s: checkpoint %v to %v, sample %v to %v", id, a.checkpoint, b.checkpoint, a.sample, b.sample)
		}
	}
	frozen("t05", "INCR_TRANSFER", true, false)
	frozen("t07", "REVERSE_INCR_TRANSFER", true, false)
	frozen("t06", "INCR_TRANSFER", true, true)
	frozen("m12", "INCR_TRANSFER", false, false)
	delay := func(tasks map[string]*task, id string) time.Duration {
		s := step(tasks, id, "INCR_TRANSFER")
		return s.sample.Sub(s.checkpoint)
	}
	soon := tasksAt(StoryTime + 5*time.Minute)
	if delay(now, "o11") >= 0 || delay(soon, "m08") >= delay(now, "m08")-30*mins ||
		delay(soon, "t08") >= delay(now, "t08")-2*mins ||
		delay(now, "t09") < delay(before, "t09")+35*mins {
		t.Error("delays: o11 negative, m08 and t08 fall, t09 grows nearly as fast as time")
	}
	if s := step(now, "m12", "TRANSFER_APP_SWITCH"); s.status != "RUNNING" || s.progress != 0 ||
		now["np_m12"].modified.Sub(s.started) < 2*day {
		t.Errorf("the switchover does not wait: %+v", s)
	}
	if s := step(now, "m10", "FULL_VERIFIER"); s.status != "RUNNING" || s.progress != 100 || s.finished.IsZero() {
		t.Errorf("the verifier is not RUNNING at 100 with an end: %+v", s)
	}
	if s := step(now, "o12", "INCR_TRANSFER"); s.info.(object)[0].value != "100,30" {
		t.Errorf("checkpoint %v", s.info)
	}
	if s := step(now, "p02", "INCR_TRANSFER"); testEpoch.Add(StoryTime).Sub(s.checkpoint) < 5*day+14*hrs {
		t.Errorf("paused only since %v", s.checkpoint)
	}
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
