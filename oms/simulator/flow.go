package simulator

import (
	"math"
	"time"
)

// work fills in a step that goes from 0 to 100 %.
func (at moment) work(plan *planStep, in span, s *step) *hold {
	ratio, h := plan.work(at.elapsed - in.begin)
	s.status = statusOf(h, "RUNNING")
	done := curve(ratio)
	s.progress = int(done * 100)
	if h != nil && h.at >= 1 { // counted as done already: the work is, only the result is not written yet
		s.finished = at.start.Add(in.begin + plan.takes)
	}
	if plan.rows == 0 {
		return h
	}
	rate := 0.0
	if h == nil && at.elapsed < in.end {
		rate = float64(plan.rows) / plan.takes.Seconds() * slope(ratio) * at.noise()
	}
	s.info = plan.flow(done, int64(rate), at.seed)
	return h
}

// curve is how much is done after a part of the time: transfers are faster with large tables and slower with many small ones.
func curve(ratio float64) float64 {
	if ratio >= 1 {
		return 1
	}
	return ratio + 0.25*math.Sin(10*math.Pi*ratio)/(10*math.Pi)
}

// slope is how fast that is.
func slope(ratio float64) float64 { return 1 + 0.25*math.Cos(10*math.Pi*ratio) }

// noise is between 0.95 and 1.05, new with every sample.
func (at moment) noise() float64 {
	return 0.95 + float64(hash("rate", at.seed, at.now.Unix())%1000)/10000
}

// flow is the stepInfo of a full transfer or verification.
func (s *planStep) flow(done float64, rate int64, seed int64) object {
	estimate := s.rows + s.rows*(seed%41-20)/1000 // two percent off at most
	sinkRate := rate * 98 / 100
	wait := func(rate, ms int64) int64 {
		if rate == 0 {
			return 0
		}
		return ms
	}
	return object{
		m("processedRecords", int64(done*float64(s.rows))), m("capacity", estimate),
		m("srcRps", rate), m("srcRt", wait(rate, seed%3)), m("srcIops", rate*s.width),
		m("dstRps", sinkRate), m("dstRt", wait(rate, 1+seed%4)), m("dstIops", sinkRate*s.width*94/100),
		spare("srcRpsRef", 4000), spare("srcRtRef", 1), spare("dstRpsRef", 4000), spare("dstRtRef", 1), spare("srcIopsRef", 4194304),
	}
}

// burst is a time in which the source writes faster than the task reads, again and again.
type burst struct {
	after, every time.Duration
	rise, fall   time.Duration // the delay grows for one, and falls for the other
	peak         time.Duration // in between; less than rise, for no delay grows faster than time
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

// monitor fills in a step of incremental synchronization or verification.
func (at moment) monitor(plan *planStep, in span, s *step) *hold {
	s.status, s.progress = "MONITORING", 100
	elapsed := min(at.elapsed, in.end) - in.begin
	h, _ := plan.held(elapsed)
	if h != nil {
		s.status = statusOf(h, "MONITORING")
	}
	if !isIncremental(plan.name) {
		return h
	}
	begin := at.start.Add(in.begin)
	last := at.now
	if in.end < forever {
		last = sampleBefore(at.now, at.start.Add(in.end))
	}
	if last.Before(begin) { // not sampled yet
		s.info = object{m("incrTimestampCheckpoint", nil), m("checkpointSampleTimestamp", nil), spare("enableIncrStatistics", nil)}
		return h
	}
	s.sample, s.checkpoint = plan.position(begin, last, at.seed)
	s.info = object{m("incrTimestampCheckpoint", s.checkpoint.Unix()), m("checkpointSampleTimestamp", s.sample.Unix()),
		spare("enableIncrStatistics", nil)}
	return h
}

// position gives OMS's last sample of an incremental step and the source time up to which the sink is in step by then.
func (s *planStep) position(begin, now time.Time, seed int64) (sample, checkpoint time.Time) {
	sample = now
	standing := now
	if h, since := s.held(now.Sub(begin)); h != nil {
		standing = sampleBefore(now, begin.Add(since))
		if h.why != stalled && h.why != failing {
			sample = standing
		}
	}
	return sample, standing.Add(-s.behind(standing.Sub(begin), standing, seed))
}

// sampleBefore gives the last sample that is not after an end; now is a sample.
func sampleBefore(now, end time.Time) time.Time {
	if !now.After(end) {
		return now
	}
	return now.Add(-(now.Sub(end) + sampling - 1) / sampling * sampling)
}

// behind is the delay so long after the beginning, outside of holds.
func (s *planStep) behind(elapsed time.Duration, sample time.Time, seed int64) time.Duration {
	gain := s.gainOr()
	backlog := max(0, s.lag-time.Duration(gain*float64(elapsed)))
	for i := range s.holds {
		h := &s.holds[i]
		if h.why == blind || elapsed < h.after {
			continue
		}
		over := elapsed - h.after
		if h.every > 0 {
			over %= h.every
		}
		if over >= h.lasts {
			// A little less than it stood: it goes on from there, and not from before.
			backlog += max(0, h.lasts-2*sampling-time.Duration(math.Abs(gain)*float64(over-h.lasts)))
		}
	}
	for _, b := range s.bursts {
		backlog += b.lag(elapsed)
	}
	// Never so much that a checkpoint would go back from one sample to the next.
	swing := int64(8)
	switch {
	case gain < 0:
		swing = 1
	case len(s.bursts) > 0:
		swing = 4
	}
	noise := time.Duration(hash("lag", seed, sample.Unix())%swing) * time.Second
	return s.base + noise + backlog.Truncate(time.Second)
}
