package collector

import (
	"slices"
	"time"

	"github.com/oms-exporter/oms_exporter/oms"
)

// The directions of incremental synchronization.
const (
	forward = "forward"
	reverse = "reverse"
)

// incrementalSteps are the names of the step that synchronizes increments, by direction; OMS renamed them over its versions.
var incrementalSteps = map[string]string{
	"INCR_TRANSFER":         forward,
	"INCR_SYNC":             forward,
	"CONNECTOR_INCR_SYNC":   forward,
	"REVERSE_INCR_TRANSFER": reverse,
	"REVERSE_INCR_SYNC":     reverse,
}

// atRest are the statuses of a task, and of a step, in which nothing is synchronized: a checkpoint that stands still there is no delay.
var atRest = []string{"INIT", "SUSPEND", "FINISHED", "RELEASING", "RELEASED", "DELETED"}

// Sync is how far one direction of a task's incremental synchronization is.
type Sync struct {
	Direction  string
	Delay      oms.Opt[float64] // seconds, as OMS measured it; may be negative. Only of a direction at work
	Sampled    time.Time        // when OMS measured Delay
	Checkpoint time.Time        // source time up to which the target is in step
	Threshold  oms.Opt[float64] // seconds of delay allowed; beside each delay, unless the config has none
}

// syncs tells how far each direction is of which anything is known.
func syncs(t *oms.Task, thresholds map[string]time.Duration) []Sync {
	var steps [2]*oms.Step // forward and reverse
	for i := range t.Steps {
		step := &t.Steps[i]
		var of **oms.Step
		switch incrementalSteps[step.Name] {
		case forward:
			of = &steps[0]
		case reverse:
			of = &steps[1]
		default:
			continue
		}
		if *of == nil || !above(*of, step) {
			*of = step
		}
	}
	known := make([]Sync, 0, len(steps))
	for _, s := range []Sync{forwardSync(t, steps[0]), reverseSync(t, steps[1])} {
		if s.Delay.Valid {
			s.Threshold = threshold(t.Importance, thresholds)
		}
		if s.Delay.Valid || !s.Checkpoint.IsZero() {
			known = append(known, s)
		}
	}
	return known
}

// above says whether step a has a higher order than b; of equal ones the later counts.
func above(a, b *oms.Step) bool {
	if a.Order.Valid != b.Order.Valid {
		return a.Order.Valid
	}
	return a.Order.Value > b.Order.Value
}

// forwardSync takes the first source that has a delay: extraInfo, which current versions of OMS leave null, the two times of the step,
// the two times of extraInfo. The sample time is of the same source.
func forwardSync(t *oms.Task, step *oms.Step) Sync {
	extra := t.ExtraInfo
	if extra == nil {
		extra = &oms.ExtraInfo{}
	}
	s := stepSync(forward, t, step)
	if s.Checkpoint.IsZero() {
		s.Checkpoint = extra.IncrSyncTimestamp
	}
	switch {
	case !atWork(t, step):
	case extra.SyncDelay.Valid:
		s.Delay, s.Sampled = extra.SyncDelay, extra.SyncDelaySampleTimestamp
	case s.Delay.Valid:
	case !extra.SyncDelaySampleTimestamp.IsZero() && !extra.IncrSyncTimestamp.IsZero():
		s.Sampled = extra.SyncDelaySampleTimestamp
		s.Delay = oms.Some(secondsFrom(extra.IncrSyncTimestamp, s.Sampled))
	}
	return s
}

// reverseSync has one source: what extraInfo says is of the forward direction.
func reverseSync(t *oms.Task, step *oms.Step) Sync {
	return stepSync(reverse, t, step)
}

// stepSync is what the step itself says.
func stepSync(direction string, t *oms.Task, step *oms.Step) Sync {
	s := Sync{Direction: direction}
	if step == nil || step.Info == nil {
		return s
	}
	s.Checkpoint = step.Info.Checkpoint
	sampled := step.Info.CheckpointSampled
	if atWork(t, step) && !s.Checkpoint.IsZero() && !sampled.IsZero() {
		s.Delay, s.Sampled = oms.Some(secondsFrom(s.Checkpoint, sampled)), sampled
	}
	return s
}

// secondsFrom is the time from a to b, which a time.Duration does not hold if it is longer than 292 years.
func secondsFrom(a, b time.Time) float64 {
	return float64(b.Unix()-a.Unix()) + float64(b.Nanosecond()-a.Nanosecond())/1e9
}

// atWork says whether a direction synchronizes; where its step is not listed, the task's status decides.
func atWork(t *oms.Task, step *oms.Step) bool {
	return !slices.Contains(atRest, t.Status) && (step == nil || !slices.Contains(atRest, step.Status))
}

// threshold is the delay allowed for a task of this importance. Its owner wants no alert where that is IGNORE.
func threshold(importance string, thresholds map[string]time.Duration) oms.Opt[float64] {
	switch importance {
	case "HIGH", "MEDIUM", "LOW":
	case "IGNORE":
		return oms.Opt[float64]{}
	default:
		importance = "MEDIUM"
	}
	if limit := thresholds[importance]; limit > 0 {
		return oms.Some(limit.Seconds())
	}
	return oms.Opt[float64]{}
}
