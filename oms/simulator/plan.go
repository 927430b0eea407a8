package simulator

import (
	"slices"
	"time"
)

// A plan is the life of a task: its steps in their order, and the times in which they stand still.
type plan struct {
	start time.Duration // since Epoch; may be negative
	every time.Duration // the plan starts again after this time; 0: never
	steps []planStep

	releaseAfter time.Duration // time from its end to its release; 0: never
}

// planStep is one step of a plan.
type planStep struct {
	name     string
	mode     mode
	takes    time.Duration // work and waiting, without holds; forever: never ends
	early    time.Duration // starts this long before the step above it ends
	rows     int64         // that a transfer or verification moves
	width    int64         // bytes per row
	lag      time.Duration // of monitoring: how far behind the source it starts
	gain     float64       // of monitoring: seconds of backlog worked off per second; 0: defaultGain; negative: the backlog grows
	base     time.Duration // of monitoring: the usual delay
	progress int           // of monitoring: shown after the first catch-up; 0: 100
	finishes bool          // of monitoring: a switchover leaves it FINISHED, not SUSPEND
	holds    []hold
	bursts   []burst // of monitoring
}

type mode int

const (
	working    mode = iota // runs from 0 to 100 %
	monitoring             // runs beside all that comes after it
	waiting                // RUNNING at 0 % until a person acts
)

const (
	forever     = 10 * 365 * 24 * time.Hour
	defaultGain = 9
	between     = 5 * time.Second // from one step to the next
)

// hold is a time in which a step stands still.
type hold struct {
	kind    holdKind
	at      float64       // of work: at this part of it, from 0 to 1
	after   time.Duration // so long after the start of the step; newPlan sets it for work
	lasts   time.Duration
	every   time.Duration // of monitoring: comes again and again
	failure failure       // of failing, failed, expired and dropped
}

type holdKind int

const (
	moving  holdKind = iota
	stalled          // RUNNING or MONITORING, and nothing moves
	blind            // OMS does not measure any more: checkpoint and sample stand, the work goes on
	failing          // the step is FAILED, the task is not: OMS tries again by itself
	failed           // step and task are FAILED
	expired          // step and task are FAILED and the other steps SUSPEND: the pause was too long
	dropped          // the task is FAILED, its steps are SUSPEND
	paused           // step and task are SUSPEND
)

// pauseLimit is the longest pause after which OMS can resume a task with incremental transfer: its stores keep no older
// log for it.
const pauseLimit = 12 * time.Hour

// newPlan returns the plan of steps that start a time after Epoch, and again every so often.
func newPlan(start, every time.Duration, steps []planStep) plan {
	p := plan{start: start, every: every, steps: slices.Clone(steps)}
	limited := slices.ContainsFunc(steps, func(s planStep) bool { return isIncremental(s.name) })
	for i := range p.steps {
		p.steps[i].holds = p.steps[i].timedHolds(limited)
	}
	return p
}

// timedHolds returns the holds of a step, each with the time of its beginning. Where pauses are limited, a longer one
// is followed by a failure that never ends: OMS cannot resume the task.
func (s *planStep) timedHolds(limited bool) []hold {
	var holds []hold
	stood := time.Duration(0)
	for _, h := range s.holds {
		if s.mode == working {
			h.after = time.Duration(h.at*float64(s.takes)) + stood
		}
		stood += h.lasts
		holds = append(holds, h)
		if limited && h.kind == paused && h.lasts > pauseLimit {
			return append(holds, hold{kind: expired, at: h.at, after: h.after + h.lasts, lasts: forever, failure: errNoStore})
		}
	}
	return holds
}

// length is how long work or waiting takes, holds included.
func (s *planStep) length() time.Duration {
	length := s.takes
	for _, h := range s.holds {
		length += h.lasts
	}
	return min(length, forever)
}

func (s *planStep) gainOrDefault() float64 {
	if s.gain == 0 {
		return defaultGain
	}
	return s.gain
}

// work returns how far work is after this time, from 0 to 1.
func (s *planStep) partDone(elapsed time.Duration) float64 {
	if h, _ := s.holdAt(elapsed); h != nil {
		return h.at
	}
	worked := elapsed
	for i := range s.holds {
		if h := &s.holds[i]; h.after+h.lasts <= elapsed {
			worked -= h.lasts
		}
	}
	if s.takes == 0 {
		return 1
	}
	return min(float64(worked)/float64(s.takes), 1)
}

// restsTask reports that no step of the task runs during the hold; h may be nil.
func (h *hold) restsTask() bool {
	return h != nil && (h.kind == paused || h.kind == expired || h.kind == dropped)
}

// failsStep reports that the step is FAILED during the hold.
func (h *hold) failsStep() bool { return h.kind == failing || h.kind == failed || h.kind == expired }

// held returns the hold of a step after this time, nil for none, and when it began.
func (s *planStep) holdAt(elapsed time.Duration) (*hold, time.Duration) {
	for i := range s.holds {
		h := &s.holds[i]
		if begin, ok := h.lastBegin(elapsed); ok && elapsed < begin+h.lasts {
			return h, begin
		}
	}
	return nil, 0
}

// begun returns when a hold began the last time. It reports false before the first time.
func (h *hold) lastBegin(elapsed time.Duration) (time.Duration, bool) {
	if elapsed < h.after {
		return 0, false
	}
	begin := h.after
	if h.every > 0 {
		begin += (elapsed - begin) / h.every * h.every
	}
	return begin, true
}
