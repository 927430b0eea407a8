package page

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/oms-exporter/oms_exporter/collector"
)

// gravity is how much a task needs a person: what is graver comes first.
type gravity int

const (
	failed gravity = iota
	stepFailed
	pausedLong
	late
	stale
	alarming
	fine
)

// assessed is a task and what is the matter with it.
type assessed struct {
	*collector.View
	now      time.Time // of the exporter
	delays   []delay
	troubles []gravity // gravest first; none if the task needs nobody
}

func (j *assessed) gravest() gravity {
	if len(j.troubles) == 0 {
		return fine
	}
	return j.troubles[0]
}

// assess finds the troubles of a task, as the alerts define them but at the time of the walk: an alert also requires that they last. The owner
// of a task of importance IGNORE wants no alert.
func assess(v *collector.View, now time.Time, offset time.Duration) *assessed {
	j := &assessed{View: v, now: now}
	for i := range v.Syncs {
		j.delays = append(j.delays, delayOf(&v.Syncs[i], now.Add(offset)))
	}
	if v.Importance == "IGNORE" {
		return j
	}
	for _, check := range []struct {
		gravity gravity
		found   bool
	}{
		{failed, v.Status == "FAILED"},
		{stepFailed, collector.Running(v.Task) && hasFailedStep(v)},
		{pausedLong, j.pausedFor() > seconds(j.Pause.Value)/2},
		{late, slices.ContainsFunc(j.delays, func(d delay) bool { return d.Late })},
		{stale, slices.ContainsFunc(j.delays, func(d delay) bool { return d.Stale })},
		{alarming, isAlarming(v)},
	} {
		if check.found {
			j.troubles = append(j.troubles, check.gravity)
		}
	}
	return j
}

// pausedFor is how long walks have found the task paused, or -1 if it can be paused as long as anybody likes: it has no incremental transfer, the
// config has no limit, or a switchover has ended all of its directions.
func (j *assessed) pausedFor() time.Duration {
	over := len(j.Syncs) > 0 && !slices.ContainsFunc(j.Syncs, func(s collector.Sync) bool { return !s.Over })
	if j.Status != "SUSPEND" || j.Paused.IsZero() || !j.Pause.Valid || over {
		return -1
	}
	return max(j.now.Sub(j.Paused), 0)
}

func hasFailedStep(v *collector.View) bool {
	for _, s := range v.Steps {
		if s.Status == "FAILED" {
			return true
		}
	}
	return false
}

// isAlarming says whether one of OMS's own alarms is active for the task.
func isAlarming(v *collector.View) bool {
	return v.Status == "RUNNING_ALARMING" || !v.Ended && v.Alarms != nil && v.Alarms.Alarming.Value
}

// assessAll assesses the tasks of a complete walk.
func assessAll(s *collector.Snapshot, now time.Time) []*assessed {
	views := s.Views()
	all := make([]*assessed, len(views))
	for i := range views {
		all[i] = assess(&views[i], now, s.Walk.ClockOffset.Value)
	}
	return all
}

// compare puts the tasks that need a person first, the gravest cases before the others, then goes by name.
func compare(a, b *assessed) int {
	return cmp.Or(
		cmp.Compare(a.gravest(), b.gravest()),
		strings.Compare(a.Name, b.Name),
		strings.Compare(a.ID, b.ID),
	)
}
