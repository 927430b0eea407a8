package collector

import (
	"strconv"

	"github.com/oms-exporter/oms_exporter/oms"
)

// The values of the metrics of steps.

// eachStep returns a function that adds samples of each step of a task.
func eachStep(add func(*oms.Step, *samples)) func(*TaskView, *samples) {
	return func(v *TaskView, s *samples) {
		for _, step := range v.Steps {
			add(step, s)
		}
	}
}

// eachStepInfo returns a function that adds samples of each step that has figures.
func eachStepInfo(add func(name string, info *oms.StepInfo, s *samples)) func(*TaskView, *samples) {
	return eachStep(func(step *oms.Step, s *samples) {
		if step.Info != nil {
			add(step.Name, step.Info, s)
		}
	})
}

func addStepStatus(step *oms.Step, s *samples) {
	if step.Status == "" {
		return
	}
	order := ""
	if step.Order.Valid {
		order = strconv.FormatInt(step.Order.Value, 10)
	}
	s.Add(1, step.Name, order, step.Status)
}

func addStepFailed(step *oms.Step, s *samples) {
	if step.Failure != nil {
		s.time(step.Failure.Time, step.Name)
	}
}

func addStepFailure(step *oms.Step, s *samples) {
	if code := step.Failure.ErrorCode(); code != "" {
		s.Add(1, step.Name, code)
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
