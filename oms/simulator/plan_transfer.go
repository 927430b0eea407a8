package simulator

import "math"

// work sets the status and the figures of a step that runs from 0 to 100 %.
func (at instant) work(p *planStep, in span, h *hold, s *step) {
	ratio := p.partDone(at.elapsed - in.begin)
	s.status = "RUNNING"
	done := curve(ratio)
	s.progress = int(done * 100)
	if h != nil && h.at >= 1 { // counted as done: only the result is not written yet
		s.finished = at.start.Add(in.begin + p.takes)
	}
	if p.rows == 0 {
		return
	}
	rate := 0.0
	if h == nil && at.elapsed < in.end {
		rate = float64(p.rows) / p.takes.Seconds() * slope(ratio) * at.noise()
	}
	s.info = p.flow(done, int64(rate), at.seed)
}

// curve returns the part of the rows that is done after a part of the time. Transfers are faster with large tables and
// slower with many small ones.
func curve(ratio float64) float64 {
	if ratio >= 1 {
		return 1
	}
	return ratio + 0.25*math.Sin(10*math.Pi*ratio)/(10*math.Pi)
}

// slope returns the rate of curve.
func slope(ratio float64) float64 { return 1 + 0.25*math.Cos(10*math.Pi*ratio) }

// noise returns a factor between 0.95 and 1.05, which changes with every sample.
func (at instant) noise() float64 {
	return 0.95 + float64(hash("rate", at.seed, at.now.Unix())%1000)/10000
}

// flow returns the stepInfo of a full transfer or verification.
func (s *planStep) flow(done float64, rate int64, seed int64) object {
	estimate := s.rows + s.rows*(seed%41-20)/1000 // wrong by at most two percent
	sinkRate := rate * 98 / 100
	wait := func(rate, ms int64) int64 {
		if rate == 0 {
			return 0
		}
		return ms
	}
	return object{
		member("processedRecords", int64(done*float64(s.rows))), member("capacity", estimate),
		member("srcRps", rate), member("srcRt", wait(rate, seed%3)), member("srcIops", rate*s.width),
		member("dstRps", sinkRate), member("dstRt", wait(rate, 1+seed%4)), member("dstIops", sinkRate*s.width*94/100),
		unusedMember("srcRpsRef", 4000), unusedMember("srcRtRef", 1), unusedMember("dstRpsRef", 4000),
		unusedMember("dstRtRef", 1), unusedMember("srcIopsRef", 4194304),
	}
}

// emptyFlow returns the stepInfo of a verification that has not begun.
func emptyFlow() object {
	info := (&planStep{}).flow(0, 0, 0)
	for i := range info {
		info[i].value = nil
	}
	return info
}
