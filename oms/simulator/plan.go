package simulator

import (
	"slices"
	"time"
)

// A plan has the steps of a task in order, and the times in which they stand still.
type plan struct {
	start time.Duration // after Epoch; may be negative
	every time.Duration // the plan repeats after this time; 0: never
	steps []planStep

	releaseAfter time.Duration // from the end to the release; 0: never
}

// planStep is one step of a plan.
type planStep struct {
	name     string
	mode     mode
	takes    time.Duration // work and waiting, without holds; forever: no end
	early    time.Duration // begins this long before the previous step ends
	rows     int64         // rows of a transfer or verification
	width    int64         // bytes per row
	lag      time.Duration // of monitoring: delay at the start
	gain     float64       // of monitoring: seconds of backlog per second; 0: defaultGain; negative: the backlog grows
	base     time.Duration // of monitoring: usual delay
	progress int           // of monitoring: progress after the first catch-up; 0: 100
	finishes bool          // of monitoring: after a switchover it is FINISHED, not SUSPEND
	holds    []hold
	bursts   []burst // of monitoring
}

type mode int

const (
	working    mode = iota // runs from 0 to 100 %
	monitoring             // runs beside all later steps
	waiting                // RUNNING at 0 % until a person acts
)

const (
	forever     = 10 * 365 * 24 * time.Hour
	defaultGain = 9
	stepGap     = 5 * time.Second // from one step to the next
)

// hold is a time in which a step stands still.
type hold struct {
	kind    holdKind
	at      float64       // of work: at this part of it, from 0 to 1
	after   time.Duration // time after the start of the step; newPlan sets it for work
	lasts   time.Duration
	every   time.Duration // of monitoring: repeats after this time
	failure failure       // of failing, failed, expired and dropped
}

type holdKind int

const (
	stalled holdKind = iota // RUNNING or MONITORING without progress
	blind                   // OMS does not sample: checkpoint and sample time stand still, the work goes on
	failing                 // OMS retries the step without a person
	failed
	expired // the pause was too long
	dropped // the task fails, and none of its steps does
	paused
)

// holdEffect has the statuses during a hold: of the task, of the step and of the other steps that run. An empty status
// is the usual one.
type holdEffect struct{ task, step, others string }

var holdEffects = map[holdKind]holdEffect{
	failing: {step: "FAILED"},
	failed:  {task: "FAILED", step: "FAILED"},
	expired: {task: "FAILED", step: "FAILED", others: "SUSPEND"},
	dropped: {task: "FAILED", step: "SUSPEND", others: "SUSPEND"},
	paused:  {task: "SUSPEND", step: "SUSPEND", others: "SUSPEND"},
}

// effect returns the effect of a hold, which may be nil.
func (h *hold) effect() holdEffect {
	if h == nil {
		return holdEffect{}
	}
	return holdEffects[h.kind]
}

// pauseLimit is the longest pause after which OMS can resume a task with incremental transfer: its stores have no older
// log.
const pauseLimit = 12 * time.Hour

// newPlan returns a plan of steps. It starts after Epoch and repeats after every.
func newPlan(start, every time.Duration, steps []planStep) plan {
	p := plan{start: start, every: every, steps: slices.Clone(steps)}
	limited := slices.ContainsFunc(steps, func(s planStep) bool { return isIncremental(s.name) })
	for i := range p.steps {
		p.steps[i].holds = p.steps[i].timedHolds(limited)
	}
	return p
}

// timedHolds returns the holds of a step with their times. If pauses are limited, a failure without an end follows a
// longer pause: OMS cannot resume the task.
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
			return append(holds, hold{kind: expired, at: h.at, after: h.after + h.lasts, lasts: forever,
				failure: errNoStore})
		}
	}
	return holds
}

// length returns the duration of work or waiting, including holds.
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

// partDone returns the part of the work that is done, from 0 to 1.
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

// holdAt returns the current hold of a step, or nil, and its start.
func (s *planStep) holdAt(elapsed time.Duration) (*hold, time.Duration) {
	for i := range s.holds {
		h := &s.holds[i]
		if begin, ok := h.lastBegin(elapsed); ok && elapsed < begin+h.lasts {
			return h, begin
		}
	}
	return nil, 0
}

// lastBegin returns the last start of a hold. It returns false before the first one.
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
