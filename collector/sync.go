package collector

import (
	"math"
	"slices"
	"time"

	"github.com/oms-exporter/oms_exporter/oms"
)

// The directions of incremental synchronization.
const (
	Forward = "forward"
	Reverse = "reverse"
)

// incrementalSteps are the names of incremental steps with their direction. OMS renamed them over its versions.
var incrementalSteps = map[string]string{
	"INCR_TRANSFER":         Forward,
	"INCR_SYNC":             Forward,
	"CONNECTOR_INCR_SYNC":   Forward,
	"REVERSE_INCR_TRANSFER": Reverse,
	"REVERSE_INCR_SYNC":     Reverse,
}

// atRest are the statuses of a task or a step in which nothing is synchronized: a checkpoint that stands still is then
// no delay.
var atRest = []string{"INIT", "SUSPEND", "FINISHED", "RELEASING", "RELEASED", "DELETED"}

// staleAfter is the age after which the sample of a running task is stale: OMS no longer measures the delay.
const staleAfter = 5 * time.Minute

// Sync is one direction of a task's incremental synchronization at the time of the walk, by the clock of OMS.
type Sync struct {
	Direction  string
	Delay      oms.Opt[float64] // at work only: seconds, as OMS measured them last; may be negative
	Sampled    time.Time        // at work only: when OMS measured Delay
	Effective  oms.Opt[float64] // at work only: whole seconds that the sink is behind, 0 at least
	Threshold  oms.Opt[float64] // at work only: seconds of delay allowed; missing without Effective or without a limit
	Checkpoint time.Time        // at work and at rest: source time up to which the sink has all changes

	AtWork bool // neither the task nor the step is at rest
	Over   bool // the step is finished or the switchover ended the direction: it never goes on
	// CatchingUp: the direction has not caught up since its step began. Until then OMS raises no alarm.
	CatchingUp bool
	Late       bool // the task is running, and the direction is behind by more than Threshold and not catching up
	Stale      bool // the task is running, and OMS measured the delay longer ago than staleAfter
}

// syncs returns the directions that have an effective delay or a checkpoint. now is the time of the walk by the clock
// of OMS.
func syncs(t *oms.Task, thresholds map[string]time.Duration, now time.Time) []Sync {
	forwardStep, reverseStep := incrementalStep(t, Forward), incrementalStep(t, Reverse)
	directions := make([]Sync, 0, 2)
	for _, s := range []Sync{forwardSync(t, forwardStep), stepSync(Reverse, t, reverseStep)} {
		s.setEffectiveDelay(t, now, threshold(t.Importance, thresholds))
		if s.Effective.Valid || !s.Checkpoint.IsZero() {
			directions = append(directions, s)
		}
	}
	return directions
}

// incrementalStep returns the step of a direction, or nil if none is listed. Of several steps it returns the one of the
// highest order, and of equal orders the last.
func incrementalStep(t *oms.Task, direction string) *oms.Step {
	var found *oms.Step
	for i := range t.Steps {
		step := &t.Steps[i]
		if incrementalSteps[step.Name] == direction && (found == nil || !higherOrder(found, step)) {
			found = step
		}
	}
	return found
}

// setEffectiveDelay sets the effective delay of a direction at work, its threshold, and whether it is late or stale.
func (s *Sync) setEffectiveDelay(t *oms.Task, now time.Time, threshold oms.Opt[float64]) {
	if !s.AtWork {
		return
	}
	switch {
	case !s.Checkpoint.IsZero():
		s.Effective = oms.Some(secondsFrom(s.Checkpoint, now))
	case s.Delay.Valid && !s.Sampled.IsZero():
		s.Effective = oms.Some(s.Delay.Value + secondsFrom(s.Sampled, now))
	case s.Delay.Valid:
		s.Effective = s.Delay
	default:
		return
	}
	s.Effective.Value = max(math.Round(s.Effective.Value), 0) // the clock of the OMS is known to about half a second
	s.Threshold = threshold
	if Running(t) {
		s.Late = !s.CatchingUp && threshold.Valid && s.Effective.Value > threshold.Value
		s.Stale = !s.Sampled.IsZero() && secondsFrom(s.Sampled, now) > staleAfter.Seconds()
	}
}

// higherOrder reports whether step a has a higher order than b. A step without an order is below all others.
func higherOrder(a, b *oms.Step) bool {
	if a.Order.Valid != b.Order.Valid {
		return a.Order.Valid
	}
	return a.Order.Value > b.Order.Value
}

// forwardSync takes the delay from the first source that has one: extraInfo, which current versions of OMS leave null,
// then the two times of the step, then the two times of extraInfo. The sample time comes from the same source.
func forwardSync(t *oms.Task, step *oms.Step) Sync {
	extra := t.ExtraInfo
	if extra == nil {
		extra = &oms.ExtraInfo{}
	}
	s := stepSync(Forward, t, step)
	if s.Checkpoint.IsZero() {
		s.Checkpoint = extra.IncrSyncTimestamp
	}
	switch {
	case !s.AtWork:
	case extra.SyncDelay.Valid:
		s.Delay, s.Sampled = extra.SyncDelay, extra.SyncDelaySampleTimestamp
	case s.Delay.Valid:
	case !extra.SyncDelaySampleTimestamp.IsZero() && !extra.IncrSyncTimestamp.IsZero():
		s.Sampled = extra.SyncDelaySampleTimestamp
		s.Delay = oms.Some(secondsFrom(extra.IncrSyncTimestamp, s.Sampled))
	}
	return s
}

// stepSync returns the figures of the step of a direction. The reverse direction has no other source: those of
// extraInfo are forward.
func stepSync(direction string, t *oms.Task, step *oms.Step) Sync {
	s := Sync{Direction: direction, AtWork: atWork(t, step)}
	if step == nil {
		return s
	}
	s.CatchingUp = s.AtWork && step.Status == "RUNNING"
	s.Over = step.Status == "FINISHED" || step.Status == "SUSPEND" && switchedOver(t)
	if step.Info == nil {
		return s
	}
	s.Checkpoint = step.Info.Checkpoint
	sampled := step.Info.CheckpointSampled
	if s.AtWork && !s.Checkpoint.IsZero() && !sampled.IsZero() {
		s.Delay, s.Sampled = oms.Some(secondsFrom(s.Checkpoint, sampled)), sampled
	}
	return s
}

// switchedOver reports whether the application has been switched over to the sink.
func switchedOver(t *oms.Task) bool {
	return slices.ContainsFunc(t.Steps, func(s oms.Step) bool { return IsSwitchover(s.Name) && s.Status == "FINISHED" })
}

// secondsFrom returns the time from a to b. A time.Duration cannot hold more than 292 years.
func secondsFrom(a, b time.Time) float64 {
	return float64(b.Unix()-a.Unix()) + float64(b.Nanosecond()-a.Nanosecond())/1e9
}

// atWork reports whether a direction synchronizes. If its step is not listed, the task's status decides. In an
// active-active task both directions are at work at the same time.
func atWork(t *oms.Task, step *oms.Step) bool {
	return !slices.Contains(atRest, t.Status) && (step == nil || !slices.Contains(atRest, step.Status))
}

// threshold returns the delay allowed for a task of this importance. Importance IGNORE has none: its owner wants no
// alert.
func threshold(importance string, thresholds map[string]time.Duration) oms.Opt[float64] {
	switch importance {
	case "HIGH", "MEDIUM", "LOW":
	case "IGNORE":
		return oms.Opt[float64]{}
	default: // OMS gives a new task the level LOW
		importance = "LOW"
	}
	if limit := thresholds[importance]; limit > 0 {
		return oms.Some(limit.Seconds())
	}
	return oms.Opt[float64]{}
}
