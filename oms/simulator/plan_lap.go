package simulator

import "time"

// lap is one run of a plan by a task.
type lap struct {
	plan      *plan
	seed      int64         // differs from task to task, and stays the same for one task
	threshold time.Duration // delay at which the first catch-up ends
	start     time.Time
	spans     []span // of the steps
}

// span is the time of a step, [begin, end), since the start of the lap.
type span struct {
	begin, end time.Duration
	caughtUp   time.Duration // of an incremental step: first sample with a delay within the threshold; forever: none
}

const sampling = 10 * time.Second

// lapAt returns the lap of a plan at an instant, or the first lap before it starts.
func (p *plan) lapAt(epoch, now time.Time, seed int64, threshold time.Duration) *lap {
	start, since := p.start, now.Sub(epoch)
	if p.every > 0 && since > start {
		start += (since - start) / p.every * p.every
	}
	l := &lap{plan: p, seed: seed, threshold: threshold, start: epoch.Add(start)}
	l.schedule()
	return l
}

// schedule sets the span of each step. The steps after one that never ends, or never catches up, never begin.
func (l *lap) schedule() {
	l.spans = make([]span, len(l.plan.steps))
	next := stepGap
	for i := range l.spans {
		s, in := &l.plan.steps[i], &l.spans[i]
		*in = span{begin: min(next, forever), end: forever, caughtUp: forever}
		switch {
		case next >= forever:
		case s.mode == monitoring:
			in.caughtUp = l.caughtUp(s, in.begin)
			next = in.caughtUp + stepGap
		default:
			if s.early > 0 {
				in.begin = max(in.begin-stepGap-s.early, l.spans[i-1].begin)
			}
			in.end = min(in.begin+s.length(), forever)
			next = max(next, in.end+stepGap)
		}
	}
	l.switchOver()
}

// switchOver ends the forward direction at the end of a switchover step.
func (l *lap) switchOver() {
	for i := range l.spans {
		if l.plan.steps[i].mode != waiting {
			continue
		}
		for j := range i {
			if l.plan.steps[j].mode == monitoring {
				l.spans[j].end = l.spans[i].end
			}
		}
	}
}

// caughtUp returns the first sample of a step with a delay within the threshold, or forever. Only incremental steps
// have to catch up.
func (l *lap) caughtUp(s *planStep, begin time.Duration) time.Duration {
	gain := s.gainOrDefault()
	switch {
	case !isIncremental(s.name):
		return begin
	case s.base > l.threshold, gain < 0 && s.base+s.lag > l.threshold:
		return forever
	}
	from := l.start.Add(begin)
	at := l.sampled(from.Add(sampling - 1))
	for at.Sub(l.start) < forever {
		sample, checkpoint := s.position(from, at, l.seed)
		missing := sample.Sub(checkpoint) - l.threshold
		if missing <= 0 {
			return at.Sub(l.start)
		}
		// The delay falls by gain per second, and by up to 30 s through noise. It does not fall in a hold.
		wait := time.Duration(float64(missing-30*time.Second) / gain).Truncate(sampling)
		if h, since := s.holdAt(at.Sub(from)); h != nil {
			wait = from.Add(since + h.lasts + sampling - 1).Sub(at).Truncate(sampling)
		}
		at = at.Add(max(wait, sampling))
	}
	return forever
}

// sampled returns the last sample of a task. OMS samples every 10 s, and not all tasks at the same time.
func (l *lap) sampled(now time.Time) time.Time {
	phase := time.Duration(l.seed%10) * time.Second
	return now.Add(-phase).Truncate(sampling).Add(phase)
}
