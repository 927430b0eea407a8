package collector

import (
	"strconv"

	"github.com/oms-exporter/oms_exporter/oms"
)

// How the values of the steps' families come about.

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

// addSides shows a figure of both sides of the steps that run: what the OMS leaves standing for the others is of the past.
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

// divided is v in a unit so many times as large. Dividing keeps decimals short where multiplying by a fraction does not: 57 percent are 0.57.
func divided(v oms.Opt[float64], by float64) oms.Opt[float64] {
	v.Value /= by
	return v
}
