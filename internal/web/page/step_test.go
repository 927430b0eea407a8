package page

import (
	"slices"
	"testing"

	"github.com/oms-exporter/oms_exporter/collector"
	"github.com/oms-exporter/oms_exporter/oms"
)

// view returns the view of a task.
func view(t *oms.Task) *collector.TaskView { return &snapshot("prod", t).TaskViews().List[0] }

func TestCurrentSteps(t *testing.T) {
	step := func(order int64, name, status string, progress float64) oms.Step {
		return oms.Step{Order: oms.Some(order), Name: name, Status: status, Progress: oms.Some(progress)}
	}
	unordered := step(0, "A", "RUNNING", 1)
	unordered.Order = oms.Opt[int64]{}
	counted := step(1, "FULL_TRANSFER", "RUNNING", 42)
	counted.Info = &oms.StepInfo{ProcessedRecords: oms.Some(4.2e6), Capacity: oms.Some(1e7)}
	for _, c := range []struct {
		rule  string
		steps []oms.Step
		want  []string // name, state, percent, records
	}{
		{"steps that have not begun or are finished are not current",
			[]oms.Step{step(1, "A", "FINISHED", 100), step(2, "B", "INIT", 0), step(3, "C", "", 0)}, nil},
		{"a running one shows its progress", []oms.Step{counted},
			[]string{"FULL_TRANSFER running 42 % 4.2 M of about 10.0 M records"}},
		{"several steps are sorted by order, steps without an order are last",
			[]oms.Step{unordered, step(3, "C", "RUNNING", 3), step(2, "B", "RUNNING", 2)},
			[]string{"B running 2 % ", "C running 3 % ", "A running 1 % "}},
		{"an incremental step synchronizes and has no progress",
			[]oms.Step{step(1, "INCR_TRANSFER", "MONITORING", 100)}, []string{"INCR_TRANSFER synchronizing  "}},
		{"its old names and the reverse direction do the same",
			[]oms.Step{step(1, "CONNECTOR_INCR_SYNC", "MONITORING", 100),
				step(2, "REVERSE_INCR_TRANSFER", "MONITORING", 100)},
			[]string{"CONNECTOR_INCR_SYNC synchronizing  ", "REVERSE_INCR_TRANSFER synchronizing  "}},
		{"an incremental step that is RUNNING is in its first catch-up",
			[]oms.Step{step(1, "INCR_TRANSFER", "RUNNING", 0), step(2, "REVERSE_INCR_SYNC", "RUNNING", 12)},
			[]string{"INCR_TRANSFER catching up  ", "REVERSE_INCR_SYNC catching up  "}},
		{"an incremental step at 99 % has no progress",
			[]oms.Step{step(1, "INCR_TRANSFER", "MONITORING", 99)}, []string{"INCR_TRANSFER synchronizing  "}},
		{"a verifier does not synchronize", []oms.Step{step(1, "INCR_VERIFIER", "MONITORING", 100)},
			[]string{"INCR_VERIFIER monitoring  "}},
		{"a switchover at 0 % waits for confirmation",
			[]oms.Step{step(1, "TRANSFER_APP_SWITCH", "RUNNING", 0), step(2, "APP_SWITCH", "RUNNING", 0)},
			[]string{"TRANSFER_APP_SWITCH waiting for confirmation  ", "APP_SWITCH waiting for confirmation  "}},
		{"a switchover above 0 % runs", []oms.Step{step(1, "TRANSFER_APP_SWITCH", "RUNNING", 10)},
			[]string{"TRANSFER_APP_SWITCH running 10 % "}},
		{"failed and paused steps are current", []oms.Step{step(1, "A", "FAILED", 12.5), step(2, "B", "SUSPEND", 7)},
			[]string{"A failed 12.5 % ", "B paused 7 % "}},
		{"an unknown status is shown unchanged", []oms.Step{step(1, "A", "DREAMING", 7)},
			[]string{"A DREAMING 7 % "}},
		{"progress stays within 0 and 100", []oms.Step{step(1, "A", "RUNNING", 1e9), step(2, "B", "RUNNING", -5)},
			[]string{"A running 100 % ", "B running 0 % "}},
	} {
		t.Run(c.rule, func(t *testing.T) {
			var got []string
			for _, s := range english.currentSteps(view(&oms.Task{ID: "np_1", Status: "RUNNING", Steps: c.steps})) {
				got = append(got, s.Name.Value+" "+s.State.Value+" "+s.Percent+" "+s.Records)
				if s.HasBar != (s.Percent != "") {
					t.Errorf("%s: bar %v beside %q", s.Name.Value, s.HasBar, s.Percent)
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestIdle(t *testing.T) {
	steps := []oms.Step{{Name: "A", Status: "FINISHED"}}
	for _, c := range []struct {
		task oms.Task
		want string
	}{
		{oms.Task{Status: "INIT"}, "not started"},
		{oms.Task{Status: "FINISHED", Steps: steps}, "ended"},
		{oms.Task{Status: "RELEASED", Steps: steps}, "ended"},
		{oms.Task{Status: "RUNNING", Steps: steps}, "no running step"},
		{oms.Task{Status: "RUNNING"}, "no step listed"},
	} {
		if got := english.idle(view(&c.task)); got != c.want {
			t.Errorf("%s with %d steps: %q, want %q", c.task.Status, len(c.task.Steps), got, c.want)
		}
	}
}
