package page

import (
	"testing"
	"time"

	"github.com/oms-exporter/oms_exporter/collector"
	"github.com/oms-exporter/oms_exporter/oms"
	"github.com/oms-exporter/oms_exporter/oms/simulator"
)

// states are targets in every state that a target can be in.
func states(t *testing.T) *Exporter {
	good := walked("prod", demoTasks(t, simulator.Options{})...)
	fallen := walked("stage", good.Complete.Walk.Tasks...)
	fallen.Complete.At = clock.Add(-3 * time.Hour)
	fallen.Last = &collector.Snapshot{
		Target: fallen.Complete.Target, At: clock, Err: oms.TimeoutError("stage", 30*time.Second, 2),
		Walk: &oms.Walk{Pages: 2, Duration: 30 * time.Second},
	}
	down := fallen
	down.Name, down.Complete = "测试", nil
	short := walked("short", &oms.Task{ID: "np_1", Name: "the only one", Status: "RUNNING"})
	short.Complete.Walk.Reported = oms.Some[int64](3)
	short.Complete.Walk.ClockOffset = oms.Some(-2 * time.Minute)
	return exporter(good, fallen, down, Target{Name: "new", URL: "http://new.example.com"}, short, walked("empty"))
}

func TestTheOverviewOfTargetsInEveryState(t *testing.T) {
	golden(t, "overview", overviewPage(t, states(t)))
}

func TestTheTasksOfTargetsInEveryState(t *testing.T) {
	e := states(t)
	for name, query := range map[string]string{
		"tasks_failed":            "target=prod&status=FAILED",
		"tasks_sync":              "target=prod&type=SYNC&text=kafka",
		"tasks_stalled":           "target=prod&text=frozen",
		"tasks_walk_failed":       "target=stage&text=数据库",
		"tasks_never_complete":    "target=测试",
		"tasks_before_any_scrape": "target=new",
		"tasks_incomplete":        "target=short",
		"tasks_none":              "target=empty",
		"tasks_no_match":          "target=prod&text=no such thing&status=FAILED",
	} {
		t.Run(name, func(t *testing.T) { golden(t, name, tasksPage(t, e, query)) })
	}
}
