package page

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/oms-exporter/oms_exporter/collector"
)

// severity is how much a task needs a person: what is graver comes first.
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

// ranked is a task and its worst trouble. It is small: a page ranks all tasks and assesses only those that it shows.
type ranked struct {
	*collector.TaskView
	worst severity
}

// assessment is a task and what is the matter with it.
type assessment struct {
	*collector.TaskView
	now      time.Time // of the exporter
	delays   []delay
	troubles []severity // worst first; none if the task needs nobody
}

func (j *assessment) worst() severity {
	if len(j.troubles) == 0 {
		return healthy
	}
	return j.troubles[0]
}

// assess finds the troubles of a task, as the alerts define them but at the time of the walk: an alert also requires
// that they last. The owner of a task of importance IGNORE wants no alert.
func assess(v *collector.TaskView, now time.Time, offset time.Duration) *assessment {
	j := &assessment{TaskView: v, now: now}
	for i := range v.Syncs {
		j.delays = append(j.delays, delayOf(&v.Syncs[i], now.Add(offset)))
	}
	for g := range healthy {
		if g.isOf(v, now) {
			j.troubles = append(j.troubles, g)
		}
	}
	return j
}

// severityOf returns the first of the troubles that assess finds, or healthy.
func severityOf(v *collector.TaskView, now time.Time) severity {
	g := failed
	for g < healthy && !g.isOf(v, now) {
		g++
	}
	return g
}

// isOf reports whether a task has this trouble.
func (g severity) isOf(v *collector.TaskView, now time.Time) bool {
	if v.Importance == "IGNORE" {
		return false
	}
	switch g {
	case failed:
		return v.Status == "FAILED"
	case stepFailed:
		return collector.Running(v.Task) && hasFailedStep(v)
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

// pausedFor is how long walks have found the task paused, or -1 if it can be paused as long as anybody likes: it has no
// incremental transfer, the config has no limit, or a switchover has ended all of its directions.
func pausedFor(v *collector.TaskView, now time.Time) time.Duration {
	over := len(v.Syncs) > 0 && !slices.ContainsFunc(v.Syncs, func(s collector.Sync) bool { return !s.Over })
	if v.Status != "SUSPEND" || v.PausedSince.IsZero() || !v.PauseLimit.Valid || over {
		return -1
	}
	return max(now.Sub(v.PausedSince), 0)
}

func hasFailedStep(v *collector.TaskView) bool {
	for _, s := range v.Steps {
		if s.Status == "FAILED" {
			return true
		}
	}
	return false
}

// isAlarming says whether one of OMS's own alarms is active for the task.
func isAlarming(v *collector.TaskView) bool {
	return v.Status == "RUNNING_ALARMING" || !v.Ended && v.Alarms != nil && v.Alarms.Alarming.Value
}

// rank ranks the tasks that pass, which may be nil for all.
func rank(views []collector.TaskView, now time.Time, pass func(*collector.TaskView) bool) []ranked {
	all := make([]ranked, 0, len(views)) // to grow it costs four times the memory
	for i := range views {
		if pass == nil || pass(&views[i]) {
			all = append(all, ranked{&views[i], severityOf(&views[i], now)})
		}
	}
	return all
}

// compare puts the tasks that need a person first, the worst cases before the others, then goes by name.
func compare(a, b ranked) int {
	return cmp.Or(
		cmp.Compare(a.worst, b.worst),
		strings.Compare(a.Name, b.Name),
		strings.Compare(a.ID, b.ID),
	)
}
