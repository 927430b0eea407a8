package collector

import (
	"fmt"
	"slices"
	"testing"

	"github.com/oms-exporter/oms_exporter/oms"
)

func TestStepStatus(t *testing.T) {
	order := func(n int64) oms.Opt[int64] { return oms.Some(n) }
	for _, c := range []struct {
		rule  string
		steps []oms.Step
		want  []string
	}{
		{"the present status, known or not, and no zeros", []oms.Step{
			{Name: "FULL_TRANSFER", Order: order(3), Status: "RUNNING"}, {Name: "NEW_STEP", Order: order(10), Status: "DREAMING"},
		}, []string{
			`oms_task_step_status{order="3",status="RUNNING",step="FULL_TRANSFER"} 1`, `oms_task_step_status{order="10",status="DREAMING",step="NEW_STEP"} 1`,
		}},
		{"order is empty where OMS sends none", []oms.Step{{Name: "FULL_TRANSFER", Status: "RUNNING"}},
			[]string{`oms_task_step_status{order="",status="RUNNING",step="FULL_TRANSFER"} 1`}},
		{"no status, no series; the rest of the step is shown", []oms.Step{{Name: "FULL_TRANSFER", Progress: oms.Some(7.0)}},
			[]string{`oms_task_step_progress_ratio{step="FULL_TRANSFER"} 0.07`}},
		{"a step without a name has no series at all", []oms.Step{
			{Status: "RUNNING", Order: order(1), Progress: oms.Some(7.0), Started: at(300), Finished: at(400), Failure: &oms.Failure{Code: "E1", Time: at(900)},
				Info: &oms.StepInfo{ProcessedRecords: oms.Some(1.0), Capacity: oms.Some(1.0), SrcRPS: oms.Some(1.0)}},
		}, nil},
		{"of two steps with one name the highest order counts", []oms.Step{
			{Name: "FULL_TRANSFER", Order: order(5), Status: "RUNNING", Progress: oms.Some(50.0)},
			{Name: "FULL_TRANSFER", Order: order(4), Status: "FINISHED", Progress: oms.Some(40.0)},
		}, []string{`oms_task_step_status{order="5",status="RUNNING",step="FULL_TRANSFER"} 1`,
			`oms_task_step_progress_ratio{step="FULL_TRANSFER"} 0.5`}},
		{"of equal orders the later", []oms.Step{
			{Name: "FULL_TRANSFER", Status: "FINISHED"}, {Name: "FULL_TRANSFER", Status: "RUNNING"},
		}, []string{`oms_task_step_status{order="",status="RUNNING",step="FULL_TRANSFER"} 1`}},
	} {
		t.Run(c.rule, func(t *testing.T) {
			checkTask(t, &oms.Task{Steps: c.steps}, "oms_task_step_", c.want...)
		})
	}
}

func TestStepsLongList(t *testing.T) {
	var steps []oms.Step
	for i := range 100 {
		steps = append(steps, oms.Step{Name: "FULL_TRANSFER", Order: oms.Some(int64(100 - i)), Status: "RUNNING"})
	}
	checkTask(t, &oms.Task{Steps: steps}, "oms_task_step_",
		`oms_task_step_status{order="100",status="RUNNING",step="FULL_TRANSFER"} 1`)
}

func TestStepFigures(t *testing.T) {
	figures := oms.StepInfo{
		ProcessedRecords: oms.Some(5.0), Capacity: oms.Some(9.0), SrcRPS: oms.Some(1.0), DstRPS: oms.Some(2.0),
		SrcIOPS: oms.Some(3.0), DstIOPS: oms.Some(4.0), SrcRT: oms.Some(57.0), DstRT: oms.Some(0.0),
	}
	amounts := []string{`oms_task_step_processed_records{step="S"} 5`, `oms_task_step_estimated_records{step="S"} 9`}
	rates := []string{
		`oms_task_step_records_per_second{side="source",step="S"} 1`,
		`oms_task_step_records_per_second{side="sink",step="S"} 2`,
		`oms_task_step_bytes_per_second{side="source",step="S"} 3`,
		`oms_task_step_bytes_per_second{side="sink",step="S"} 4`,
		`oms_task_step_seconds_per_record{side="source",step="S"} 0.057`,
		`oms_task_step_seconds_per_record{side="sink",step="S"} 0`,
	}
	for _, status := range []string{"RUNNING", "FAILED", "FINISHED", "SUSPEND", "MONITORING", ""} {
		t.Run("rates are of a step that is RUNNING, not "+status, func(t *testing.T) {
			want := slices.Clone(amounts)
			if status != "" {
				want = append(want, fmt.Sprintf(`oms_task_step_status{order="",status=%q,step="S"} 1`, status))
			}
			if status == "RUNNING" {
				want = append(want, rates...)
			}
			checkTask(t, &oms.Task{Steps: []oms.Step{{Name: "S", Status: status, Info: &figures}}}, "oms_task_step_", want...)
		})
	}
	t.Run("no figures: no series", func(t *testing.T) {
		checkTask(t, &oms.Task{Steps: []oms.Step{{Name: "S", Info: &oms.StepInfo{}}, {Name: "S2"}}}, "oms_task_step_")
	})
	t.Run("a negative figure counts as missing", func(t *testing.T) {
		minus := oms.Some(-1.0)
		checkTask(t, &oms.Task{Steps: []oms.Step{{Name: "S", Status: "RUNNING", Progress: minus, Info: &oms.StepInfo{
			ProcessedRecords: minus, Capacity: minus, SrcRPS: minus, DstIOPS: minus, SrcRT: minus,
		}}}}, "oms_task_step_", `oms_task_step_status{order="",status="RUNNING",step="S"} 1`)
	})
}

func TestStepTimesAndFailure(t *testing.T) {
	checkTask(t, &oms.Task{Steps: []oms.Step{
		{Name: "S", Started: at(300), Finished: at(400), Failure: &oms.Failure{Code: "E1", Message: "m", Time: at(900)}},
		{Name: "S2", Failure: &oms.Failure{Details: []oms.ErrorDetail{{Message: "m"}, {Code: "D1"}}}},
		{Name: "S3", Failure: &oms.Failure{Message: "m"}},
	}}, "oms_task_step_",
		`oms_task_step_started_timestamp_seconds{step="S"} 300`, `oms_task_step_finished_timestamp_seconds{step="S"} 400`,
		`oms_task_step_failed_timestamp_seconds{step="S"} 900`,
		`oms_task_step_failure_info{code="E1",step="S"} 1`, `oms_task_step_failure_info{code="D1",step="S2"} 1`)
}
