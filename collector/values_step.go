package collector

import (
	"strconv"

	"github.com/oms-exporter/oms_exporter/oms"
)

// The values of the metrics of steps.

func addStepStatus(v *TaskView, s *samples) {
	for _, step := range v.Steps {
		if step.Status == "" {
			continue
		}
		order := ""
		if step.Order.Valid {
			order = strconv.FormatInt(step.Order.Value, 10)
		}
		s.Add(1, step.Name, order, step.Status)
	}
}

func addStepProgress(v *TaskView, s *samples) {
	for _, step := range v.Steps {
		s.amount(divided(step.Progress, 100), step.Name)
	}
}

func addStepStarted(v *TaskView, s *samples) {
	for _, step := range v.Steps {
		s.time(step.Started, step.Name)
	}
}

func addStepFinished(v *TaskView, s *samples) {
	for _, step := range v.Steps {
		s.time(step.Finished, step.Name)
	}
}

func addStepFailed(v *TaskView, s *samples) {
	for _, step := range v.Steps {
		if step.Failure != nil {
			s.time(step.Failure.Time, step.Name)
		}
	}
}

func addStepFailure(v *TaskView, s *samples) {
	for _, step := range v.Steps {
		if code := step.Failure.ErrorCode(); code != "" {
			s.Add(1, step.Name, code)
		}
	}
}

func addProcessed(v *TaskView, s *samples) {
	for _, step := range v.Steps {
		if step.Info != nil {
			s.amount(step.Info.ProcessedRecords, step.Name)
		}
	}
}

func addEstimated(v *TaskView, s *samples) {
	for _, step := range v.Steps {
		if step.Info != nil {
			s.amount(step.Info.Capacity, step.Name)
		}
	}
}

func addRecordRates(v *TaskView, s *samples) {
	addSides(v, s, 1, func(i *oms.StepInfo) (src, dst oms.Opt[float64]) { return i.SrcRPS, i.DstRPS })
}

func addByteRates(v *TaskView, s *samples) {
	addSides(v, s, 1, func(i *oms.StepInfo) (src, dst oms.Opt[float64]) { return i.SrcIOPS, i.DstIOPS })
}

func addRecordTimes(v *TaskView, s *samples) {
	addSides(v, s, 1000, func(i *oms.StepInfo) (src, dst oms.Opt[float64]) { return i.SrcRT, i.DstRT })
}

// addSides adds a figure of the source and of the sink of each running step. The figures of other steps are old: OMS
// leaves them in the row.
func addSides(v *TaskView, s *samples, unit float64, figures func(*oms.StepInfo) (src, dst oms.Opt[float64])) {
	for _, step := range v.Steps {
		if step.Status != "RUNNING" || step.Info == nil {
			continue
		}
		src, dst := figures(step.Info)
		s.amount(divided(src, unit), step.Name, source)
		s.amount(divided(dst, unit), step.Name, sink)
	}
}

// divided returns v divided by a number. A division keeps decimals short, unlike a multiplication by a fraction: 57
// percent are 0.57.
func divided(v oms.Opt[float64], by float64) oms.Opt[float64] {
	v.Value /= by
	return v
}
