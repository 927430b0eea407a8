package simulator

import "time"

// lap is one run of a plan by one task.
type lap struct {
	plan      *plan
	seed      int64         // makes tasks differ from each other; the same for the whole life of a task
	threshold time.Duration // the delay that ends the first catch-up
	start     time.Time
	spans     []span // of the steps
}

// span is when a step is under way: [begin, end), as time since the start of the lap.
type span struct {
	begin, end time.Duration
	caughtUp   time.Duration // of an incremental step: its first sample with a delay within the threshold; forever: there is none
}

const sampling = 10 * time.Second

// lapAt returns the lap of a plan that is under way at an instant. Before the first one it returns the first one.
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
	next := between
	for i := range l.spans {
		s, in := &l.plan.steps[i], &l.spans[i]
		*in = span{begin: min(next, forever), end: forever, caughtUp: forever}
		switch {
		case next >= forever:
		case s.mode == monitoring:
			in.caughtUp = l.caughtUp(s, in.begin)
			next = in.caughtUp + between
		default:
			if s.early > 0 {
				in.begin = max(in.begin-between-s.early, l.spans[i-1].begin)
			}
			in.end = min(in.begin+s.length(), forever)
			next = max(next, in.end+between)
		}
	}
	l.switchOver()
}

// switchOver ends the forward direction where a switchover step ends.
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

// caughtUp returns the first sample of a step that shows a delay within the threshold, forever if none does. Only
// incremental steps have to catch up.
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
		// The delay falls by gain a second, and 30 s by noise. It does not fall in a hold.
		wait := time.Duration(float64(missing-30*time.Second) / gain).Truncate(sampling)
		if h, since := s.holdAt(at.Sub(from)); h != nil {
			wait = from.Add(since + h.lasts + sampling - 1).Sub(at).Truncate(sampling)
		}
		at = at.Add(max(wait, sampling))
	}
	return forever
}

// sampled returns the last sample of a task up to an instant: OMS looks every 10 s, and not at all tasks at once.
func (l *lap) sampled(now time.Time) time.Time {
	phase := time.Duration(l.seed%10) * time.Second
	return now.Add(-phase).Truncate(sampling).Add(phase)
}
