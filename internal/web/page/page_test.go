package page

import (
	"slices"
	"testing"
	"time"

	"github.com/oms-exporter/oms_exporter/collector"
	"github.com/oms-exporter/oms_exporter/oms"
	"github.com/oms-exporter/oms_exporter/oms/simulator"
)

// shown are the names of the tasks on the golden pages. A new story in the simulator changes no golden page.
var shown = []string{
	"mysql_to_ob_failed", "precheck_failed", "increment_failed", "datahub_failed", "verify_failed",
	"task_failed_without_step",
	"step_failed_task_runs", "ob_to_kafka", "orders_to_kafka", "kafka_delay_alarm", "route_to_kafka",
	"alarming_as_status",
	"checkpoint_frozen", "sampler_frozen", "reverse_checkpoint_frozen", "orders_stalled_at_42", "数据库迁移_华东_生产",
	"<script>alert('oms')</script>",
	"duplicate_name", "ready_to_switch", "paused_in_full_transfer", "unknown_status",
	"first_catch_up_takes_hours", "active_active", "active_active_reverse_late", "failed_once_and_resumed",
	"monitoring_at_99_percent", "not_started", "finished_today", "released",
}

// shownTasks returns the tasks of the simulator whose names are in shown.
func shownTasks(t *testing.T) []*oms.Task {
	t.Helper()
	missing := slices.Clone(shown)
	tasks := slices.DeleteFunc(demoTasks(t, simulator.Options{}), func(task *oms.Task) bool {
		missing = slices.DeleteFunc(missing, func(name string) bool { return name == task.Name })
		return !slices.Contains(shown, task.Name)
	})
	if len(missing) > 0 {
		t.Fatalf("the simulator has no tasks %q: change the names in shown", missing)
	}
	return tasks
}

// states returns targets in every state.
func states(t *testing.T) *Exporter {
	good := scrapedTarget("prod", shownTasks(t)...)
	fallen := scrapedTarget("stage", good.Complete.Walk.Tasks...)
	fallen.Complete.At = clock.Add(-3 * time.Hour)
	fallen.Last = &collector.Snapshot{
		Target: fallen.Complete.Target, At: clock, Err: oms.TimeoutError("stage", 30*time.Second, 2),
		Walk: &oms.Walk{Pages: 2, Duration: 30 * time.Second},
	}
	fallen.Recent = []RecentWalk{
		{ID: 1_748_764_800_002, At: clock, Took: 30 * time.Second, Pages: 2, Reason: oms.Timeout},
		{ID: 1_748_764_800_001, At: clock.Add(-3 * time.Hour), Took: 1200 * time.Millisecond, Pages: 1, Tasks: 30},
	}
	down := fallen
	down.Name, down.Complete = "测试", nil
	short := scrapedTarget("short", &oms.Task{ID: "np_1", Name: "the only one", Status: "RUNNING"})
	short.Complete.Walk.Reported = oms.Some[int64](3)
	short.Complete.Walk.ClockOffset = oms.Some(-2 * time.Minute)
	return exporter(good, fallen, down, Target{Name: "new", URL: "http://new.example.com"}, short, scrapedTarget("empty"))
}

func TestOverview(t *testing.T) {
	golden(t, "overview", overviewPage(t, states(t)))
}

func TestTasks(t *testing.T) {
	e := states(t)
	for _, c := range []struct{ name, query string }{
		{"tasks_failed", "target=prod&status=FAILED"},
		{"tasks_sync", "target=prod&type=SYNC&text=kafka"},
		{"tasks_stalled", "target=prod&text=frozen"},
		{"tasks_catching_up", "target=prod&text=first_catch_up"},
		{"tasks_active_active", "target=prod&text=active_active"},
		{"tasks_failed_once", "target=prod&text=failed_once"},
		{"tasks_walk_failed", "target=stage&text=数据库"},
		{"tasks_never_complete", "target=测试"},
		{"tasks_before_any_scrape", "target=new"},
		{"tasks_incomplete", "target=short"},
		{"tasks_none", "target=empty"},
		{"tasks_no_match", "target=prod&text=no such thing&status=FAILED"},
	} {
		t.Run(c.name, func(t *testing.T) { golden(t, c.name, tasksPage(t, e, c.query)) })
	}
}
