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
	late
	stale
	alarming
	fine
)

// judged is a task and what is the matter with it.
type judged struct {
	*collector.View
	delays   []delay
	troubles []gravity // gravest first; none if the task needs nobody
}

func (j *judged) gravest() gravity {
	if len(j.troubles) == 0 {
		return fine
	}
	return j.troubles[0]
}

// judge finds out what is the matter with a task, in the sense of the alerts and for the instant of the walk: an alert also wants it to
// last. The owner of a task of importance IGNORE wants nobody to be called.
func judge(v *collector.View, walked, now time.Time) *judged {
	j := &judged{View: v}
	for i := range v.Syncs {
		j.delays = append(j.delays, delayOf(v, &v.Syncs[i], walked, now))
	}
	if v.Importance == "IGNORE" {
		return j
	}
	for _, check := range []struct {
		gravity gravity
		found   bool
	}{
		{failed, v.Status == "FAILED"},
		{stepFailed, running(v.Task) && hasFailedStep(v)},
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

// judgeAll judges the tasks of a complete walk.
func judgeAll(s *collector.Snapshot, now time.Time) []*judged {
	offset := s.Walk.ClockOffset.Value
	views := s.Views()
	all := make([]*judged, len(views))
	for i := range views {
		all[i] = judge(&views[i], s.At.Add(offset), now.Add(offset))
	}
	return all
}

// compare puts the tasks that need a person first, the gravest cases before the others, then goes by name.
func compare(a, b *judged) int {
	return cmp.Or(
		cmp.Compare(a.gravest(), b.gravest()),
		strings.Compare(a.Name, b.Name),
		strings.Compare(a.ID, b.ID),
	)
}
