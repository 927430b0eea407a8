package page

import (
	"cmp"
	"math"
	"slices"

	"github.com/oms-exporter/oms_exporter/collector"
	"github.com/oms-exporter/oms_exporter/oms"
)

// step is a current step of a task.
type step struct {
	Name     Text
	State    Text
	Tone     string
	HasBar   bool    // false for a step that waits or never ends: its progress means nothing
	Progress float64 // percent, 0 to 100
	Percent  string
	Records  string // processed and estimated
}

// stepsLimit limits the current steps of a task; a task has one or two.
const stepsLimit = 8

// currentSteps returns the steps of a task that have begun and are not finished, by order.
func (l *locale) currentSteps(v *collector.TaskView) []step {
	var current []*oms.Step
	for _, s := range v.Steps {
		switch s.Status {
		case "", "INIT", "FINISHED":
		default:
			current = append(current, s)
		}
	}
	slices.SortStableFunc(current, func(a, b *oms.Step) int { return cmp.Compare(orderOf(a), orderOf(b)) })
	shown := make([]step, 0, len(current))
	for _, s := range current[:min(len(current), stepsLimit)] {
		shown = append(shown, l.newStep(s))
	}
	return shown
}

func orderOf(s *oms.Step) int64 {
	if s.Order.Valid {
		return s.Order.Value
	}
	return math.MaxInt64
}

func (l *locale) newStep(s *oms.Step) step {
	state, tone := l.stateOf(s)
	shown := step{Name: nameText(l.code(s.Name)), State: nameText(state), Tone: tone}
	if s.Progress.Valid && s.Status != "MONITORING" && !collector.IsIncremental(s.Name) && !waits(s) {
		shown.HasBar = true
		shown.Progress = max(0, min(s.Progress.Value, 100))
		shown.Percent = l.text("%.4g %%", shown.Progress)
	}
	if s.Info == nil || !s.Info.ProcessedRecords.Valid {
		return shown
	}
	processed, estimated := l.quantity(s.Info.ProcessedRecords.Value), s.Info.Capacity
	if estimated.Valid && estimated.Value > 0 {
		shown.Records = l.text("%s of about %s records", processed, l.quantity(estimated.Value))
	} else {
		shown.Records = l.text("%s records", processed)
	}
	return shown
}

// stateOf returns the state of a step and its colour. An incremental step is RUNNING until its first catch-up is
// complete.
func (l *locale) stateOf(s *oms.Step) (state, tone string) {
	switch s.Status {
	case "RUNNING":
		switch {
		case waits(s):
			return l.text("waiting for confirmation"), "calm"
		case collector.IsIncremental(s.Name):
			return l.text("catching up"), "good"
		}
		return l.text("running"), "good"
	case "MONITORING":
		if collector.IsIncremental(s.Name) {
			return l.text("synchronizing"), "good"
		}
		return l.text("monitoring"), "good"
	case "FAILED":
		return l.text("failed"), "bad"
	case "SUSPEND":
		return l.text("paused"), "wait"
	}
	return s.Status, "busy"
}

// waits reports whether a step waits for somebody to confirm the switchover. OMS shows such a step as RUNNING at 0 %
// for days, which is no problem.
func waits(s *oms.Step) bool {
	return s.Status == "RUNNING" && collector.IsSwitchover(s.Name) && s.Progress.Value == 0
}

// idle returns the reason for a task having no current step.
func (l *locale) idle(v *collector.TaskView) string {
	switch {
	case v.Status == "INIT":
		return l.text("not started")
	case v.Ended, v.Status == "FINISHED", v.Status == "RELEASING":
		return l.text("ended")
	case collector.Running(v.Task) && len(v.Steps) > 0:
		return l.text("no running step")
	}
	return l.text("no step listed")
}
