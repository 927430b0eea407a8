package page

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/oms-exporter/oms_exporter/collector"
	"github.com/oms-exporter/oms_exporter/oms"
)

// step is a step that a task is in.
type step struct {
	Name     Text
	State    Text
	Tone     string
	HasBar   bool    // Progress means something: it does not where a step waits, or goes on for ever
	Progress float64 // percent, 0 to 100
	Percent  string
	Records  string // how many of how many
}

// stepsLimit bounds how many steps are shown as current; a task is in one or two.
const stepsLimit = 8

// currentSteps are the steps of a task that have begun and are not over, by order.
func currentSteps(v *collector.TaskView) []step {
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
		shown = append(shown, stepOf(s))
	}
	return shown
}

func orderOf(s *oms.Step) int64 {
	if s.Order.Valid {
		return s.Order.Value
	}
	return math.MaxInt64
}

func stepOf(s *oms.Step) step {
	state, tone := stateOf(s)
	shown := step{Name: nameText(s.Name), State: nameText(state), Tone: tone}
	if s.Progress.Valid && s.Status != "MONITORING" && !collector.IsIncremental(s.Name) && !waits(s) {
		shown.HasBar = true
		shown.Progress = max(0, min(s.Progress.Value, 100))
		shown.Percent = fmt.Sprintf("%.4g %%", shown.Progress)
	}
	if s.Info != nil && s.Info.ProcessedRecords.Valid {
		shown.Records = formatQuantity(s.Info.ProcessedRecords.Value) + " records"
		if estimated := s.Info.Capacity; estimated.Valid && estimated.Value > 0 {
			shown.Records = fmt.Sprintf("%s of about %s records", formatQuantity(s.Info.ProcessedRecords.Value), formatQuantity(estimated.Value))
		}
	}
	return shown
}

// stateOf names the state of a step. An incremental step is RUNNING until it has caught up for the first time.
func stateOf(s *oms.Step) (state, tone string) {
	switch s.Status {
	case "RUNNING":
		switch {
		case waits(s):
			return "waits for a person", "calm"
		case collector.IsIncremental(s.Name):
			return "catching up", "good"
		}
		return "running", "good"
	case "MONITORING":
		if collector.IsIncremental(s.Name) {
			return "synchronizing", "good"
		}
		return "monitoring", "good"
	case "FAILED":
		return "failed", "bad"
	case "SUSPEND":
		return "paused", "wait"
	}
	return s.Status, "busy"
}

// waits reports whether a step waits for a person to switch the application over: OMS shows it as RUNNING at 0 % for
// days, and nothing is wrong with that.
func waits(s *oms.Step) bool {
	return s.Status == "RUNNING" && collector.IsSwitchover(s.Name) && s.Progress.Value == 0
}

// idle says why a task is in no step, as far as that is known.
func idle(v *collector.TaskView) string {
	switch {
	case v.Status == "INIT":
		return "not started"
	case v.Ended, v.Status == "FINISHED", v.Status == "RELEASING":
		return "over"
	case collector.Running(v.Task) && len(v.Steps) > 0:
		return "no step at work"
	}
	return "no step known"
}
