package page

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/oms-exporter/oms_exporter/collector"
	"github.com/oms-exporter/oms_exporter/oms"
)

// severity is a reason why a task needs attention, the most severe first.
type severity int

const (
	failed severity = iota
	stepFailed
	pausedLong
	late
	stale
	alarming
	healthy
)

// ranked is a task with its worst severity. It is small: a page ranks all tasks, but assesses only those that it shows.
type ranked struct {
	*collector.TaskView
	worst severity
}

// assessment is a task with everything that is wrong with it.
type assessment struct {
	*collector.TaskView
	printer
	omsPrinter printer // by the clock of the OMS
	delays     []delay
	troubles   []severity // the worst first; none for a healthy task
}

func (a *assessment) worst() severity {
	if len(a.troubles) == 0 {
		return healthy
	}
	return a.troubles[0]
}

// assess finds the troubles of a task. The clock of the OMS is ahead by offset. The conditions are those of the alerts,
// but at the time of the walk: an alert also requires that the condition lasts. The owner of a task of importance
// IGNORE wants no alert.
func (p printer) assess(v *collector.TaskView, offset time.Duration) *assessment {
	a := &assessment{TaskView: v, printer: p, omsPrinter: p.at(offset)}
	for i := range v.Syncs {
		a.delays = append(a.delays, newDelay(&v.Syncs[i], a.omsPrinter))
	}
	for s := range healthy {
		if s.isOf(v, p.now) {
			a.troubles = append(a.troubles, s)
		}
	}
	return a
}

// severityOf returns the first of the troubles that assess finds, or healthy.
func severityOf(v *collector.TaskView, now time.Time) severity {
	s := failed
	for s < healthy && !s.isOf(v, now) {
		s++
	}
	return s
}

// isOf reports whether a task has this trouble.
func (s severity) isOf(v *collector.TaskView, now time.Time) bool {
	if v.Importance == "IGNORE" {
		return false
	}
	switch s {
	case failed:
		return v.Status == "FAILED"
	case stepFailed:
		return collector.Running(v.Task) &&
			slices.ContainsFunc(v.Steps, func(s *oms.Step) bool { return s.Status == "FAILED" })
	case pausedLong:
		return pausedFor(v, now) > seconds(v.PauseLimit.Value)/2
	case late:
		return slices.ContainsFunc(v.Syncs, func(s collector.Sync) bool { return s.Late })
	case stale:
		return slices.ContainsFunc(v.Syncs, func(s collector.Sync) bool { return s.Stale })
	case alarming:
		return isAlarming(v)
	}
	return false
}

// pausedFor returns the time since the first walk that found the task paused. It returns -1 for a task that is not
// paused, or whose pause has no limit: the task has no incremental transfer, the config has no limit, or all of its
// directions are over.
func pausedFor(v *collector.TaskView, now time.Time) time.Duration {
	over := len(v.Syncs) > 0 && !slices.ContainsFunc(v.Syncs, func(s collector.Sync) bool { return !s.Over })
	if v.Status != "SUSPEND" || v.PausedSince.IsZero() || !v.PauseLimit.Valid || over {
		return -1
	}
	return max(now.Sub(v.PausedSince), 0)
}

// isAlarming reports whether an alarm of the OMS is active for the task.
func isAlarming(v *collector.TaskView) bool {
	return v.Status == "RUNNING_ALARMING" || !v.Ended && v.Alarms != nil && v.Alarms.Alarming.Value
}

// rank ranks the tasks that match.
func rank(views []collector.TaskView, now time.Time, match func(*collector.TaskView) bool) []ranked {
	all := make([]ranked, 0, len(views)) // growing the slice would take four times the memory
	for i := range views {
		if match(&views[i]) {
			all = append(all, ranked{TaskView: &views[i], worst: severityOf(&views[i], now)})
		}
	}
	return all
}

// compare orders tasks by severity, then by name and ID.
func compare(a, b ranked) int {
	return cmp.Or(
		cmp.Compare(a.worst, b.worst),
		strings.Compare(a.Name, b.Name),
		strings.Compare(a.ID, b.ID),
	)
}
