package simulator

import "time"

// A plan is a task's life: its steps one after the other, and where they stand still.
type plan struct {
	start time.Duration // since Epoch; may be negative
	every time.Duration // begins anew after this time; 0: never
	steps []planStep

	releaseAfter time.Duration // how long after its end it is released; 0: never
}

// planStep is one step of a plan.
type planStep struct {
	name   string
	mode   mode
	takes  time.Duration // work and waiting, without holds; of monitoring: nothing. forever: never ends
	rows   int64         // that a transfer or verification moves
	width  int64         // bytes per row
	lag    time.Duration // of monitoring: how far behind the source it begins
	gain   float64       // of monitoring: seconds of backlog worked off per second; 0: defaultGain; negative: the backlog grows
	base   time.Duration // of monitoring: the usual delay
	holds  []hold
	bursts []burst // of monitoring
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
	why     why
	at      float64       // of work: at this part of it, from 0 to 1
	after   time.Duration // of monitoring and waiting: so long after its start
	lasts   time.Duration
	every   time.Duration // of monitoring: comes again and again
	failure failure       // of failed and failing
}

type why int

const (
	moving  why = iota
	stalled     // RUNNING or MONITORING, and nothing moves
	blind       // OMS does not measure any more: checkpoint and sample stand, the work goes on
	failing     // the step is FAILED, the task is not: OMS tries again by itself
	failed      // step and task are FAILED
	paused      // step and task are SUSPEND
)

// span is when a step runs: [begin, end), as time since the plan's start.
type span struct{ begin, end time.Duration }

// schedule gives each step's span. What comes after a step that never ends never begins.
func (p *plan) schedule() []span {
	spans := make([]span, len(p.steps))
	at := between
	for i := range p.steps {
		s := &p.steps[i]
		spans[i].begin = at
		spans[i].end = forever
		if at >= forever {
			spans[i].begin = forever
			continue
		}
		if s.mode == monitoring {
			at += s.catchUp() + between
			continue
		}
		length := s.takes
		for _, h := range s.holds {
			length += h.lasts
		}
		spans[i].end = min(at+length, forever)
		at = min(spans[i].end+between, forever)
	}
	// A switchover ends the monitoring before it: forward gives way to reverse.
	for i := range p.steps {
		if p.steps[i].mode != waiting {
			continue
		}
		for j := range i {
			if p.steps[j].mode == monitoring {
				spans[j].end = spans[i].end
			}
		}
	}
	return spans
}

// catchUp is how long the first backlog takes to be worked off, where it ever is.
func (s *planStep) catchUp() time.Duration {
	if s.gain < 0 {
		return 0
	}
	return time.Duration(float64(s.lag) / s.gainOr())
}

func (s *planStep) gainOr() float64 {
	if s.gain == 0 {
		return defaultGain
	}
	return s.gain
}

// lap gives the time since the plan's present start, and that start since Epoch.
func (p *plan) lap(since time.Duration) (elapsed, start time.Duration) {
	start = p.start
	if p.every > 0 && since > start {
		start += (since - start) / p.every * p.every
	}
	return since - start, start
}

// work gives how far work is after this time, from 0 to 1, and what holds it.
func (s *planStep) work(elapsed time.Duration) (float64, *hold) {
	for i := range s.holds {
		h := &s.holds[i]
		due := time.Duration(h.at * float64(s.takes))
		if elapsed < due {
			break
		}
		if elapsed < due+h.lasts {
			return h.at, h
		}
		elapsed -= h.lasts
	}
	if s.takes == 0 {
		return 1, nil
	}
	return min(float64(elapsed)/float64(s.takes), 1), nil
}

// held gives what holds a monitoring or waiting step after this time, and since when.
func (s *planStep) held(elapsed time.Duration) (*hold, time.Duration) {
	for i := range s.holds {
		h := &s.holds[i]
		begin := h.after
		if h.every > 0 && elapsed > begin {
			begin += (elapsed - begin) / h.every * h.every
		}
		if elapsed >= begin && elapsed < begin+h.lasts {
			return h, begin
		}
	}
	return nil, 0
}
