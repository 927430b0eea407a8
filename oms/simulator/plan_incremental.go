package simulator

import "time"

// burst is a repeated time in which the source writes faster than the task reads.
type burst struct {
	after, every time.Duration
	rise, fall   time.Duration // times in which the delay grows and falls
	peak         time.Duration // largest delay; less than rise, because a delay does not grow faster than time
}

func (b burst) lag(elapsed time.Duration) time.Duration {
	if elapsed < b.after {
		return 0
	}
	in := (elapsed - b.after) % b.every
	switch {
	case in < b.rise:
		return time.Duration(float64(b.peak) * in.Seconds() / b.rise.Seconds())
	case in < b.rise+b.fall:
		return time.Duration(float64(b.peak) * (1 - (in-b.rise).Seconds()/b.fall.Seconds()))
	default:
		return 0
	}
}

// monitor sets the status and the figures of a step of incremental synchronization or verification. An incremental step
// is RUNNING until its delay first falls to the threshold. Then it is MONITORING, and its finishTime is that moment.
// The progress during the first catch-up is not documented; it is 0 here.
func (at instant) monitor(p *planStep, in span, s *step) {
	s.status, s.progress = "MONITORING", 100
	if !isIncremental(p.name) {
		return
	}
	last := at.now
	if in.end < forever {
		last = sampleBefore(at.now, at.start.Add(in.end))
	}
	if caughtUp := at.start.Add(in.caughtUp); last.Before(caughtUp) {
		s.status, s.progress = "RUNNING", 0
	} else {
		s.finished = caughtUp
		if p.progress > 0 {
			s.progress = p.progress
		}
	}
	if last.Before(s.started) { // there is no sample yet
		s.info = object{member("incrTimestampCheckpoint", nil), member("checkpointSampleTimestamp", nil),
			unusedMember("enableIncrStatistics", nil)}
		return
	}
	s.sample, s.checkpoint = p.position(s.started, last, at.seed)
	s.info = object{member("incrTimestampCheckpoint", s.checkpoint.Unix()),
		member("checkpointSampleTimestamp", s.sample.Unix()),
		unusedMember("enableIncrStatistics", nil)}
}

// position returns the last sample of an incremental step and its checkpoint: the source time up to which the sink is
// complete.
func (s *planStep) position(begin, now time.Time, seed int64) (sample, checkpoint time.Time) {
	sample = now
	standing := now
	if h, since := s.holdAt(now.Sub(begin)); h != nil {
		standing = sampleBefore(now, begin.Add(since))
		if h.kind != stalled && h.kind != failing {
			sample = standing
		}
	}
	return sample, standing.Add(-s.delay(standing.Sub(begin), standing, seed))
}

// sampleBefore returns the time of the last sample not after end. now must be the time of a sample.
func sampleBefore(now, end time.Time) time.Time {
	if !now.After(end) {
		return now
	}
	return now.Add(-(now.Sub(end) + sampling - 1) / sampling * sampling)
}

// delay returns the sync delay outside of holds.
func (s *planStep) delay(elapsed time.Duration, sample time.Time, seed int64) time.Duration {
	backlog := s.backlog(elapsed)
	for _, b := range s.bursts {
		backlog += b.lag(elapsed)
	}
	// A larger swing could move a checkpoint back from one sample to the next.
	swing := int64(8)
	switch {
	case s.gain < 0:
		swing = 1
	case len(s.bursts) > 0:
		swing = 4
	}
	noise := time.Duration(hash("lag", seed, sample.Unix())%swing) * time.Second
	return s.base + noise + backlog.Truncate(time.Second)
}

// backlog returns the rest of the initial lag and of the time spent in holds. A step has several holds in order, or one
// that repeats.
func (s *planStep) backlog(elapsed time.Duration) time.Duration {
	left, at := s.lag, time.Duration(0)
	drain := func(until time.Duration) {
		left = max(0, left-time.Duration(s.gainOrDefault()*float64(until-at)))
		at = until
	}
	for i := range s.holds {
		h := &s.holds[i]
		for begin := h.after; h.kind != blind && begin+h.lasts <= elapsed; begin += h.every {
			drain(begin)
			// Subtract two samples, otherwise the checkpoint moves back.
			left, at = left+max(0, h.lasts-2*sampling), begin+h.lasts
			if h.every == 0 {
				break
			}
		}
	}
	drain(elapsed)
	return left
}
