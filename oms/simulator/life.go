package simulator

import (
	"hash/fnv"
	"time"
)

// moment is a plan looked at at one instant.
type moment struct {
	plan    *plan
	seed    int64         // makes tasks differ from each other, and stays a task's life long
	now     time.Time     // the last sample: OMS looks every 10 s
	start   time.Time     // of the plan's present lap
	elapsed time.Duration // since then
}

const sampling = 10 * time.Second

// live sets what the plan says of the task at an instant: status, times, steps. It says whether the task exists by then.
func (t *task) live(p *plan, epoch, now time.Time) {
	seed := hash(t.id)
	phase := time.Duration(seed%10) * time.Second
	sampled := now.Add(-phase).Truncate(sampling).Add(phase)
	elapsed, start := p.lap(now.Sub(epoch))
	at := moment{plan: p, seed: seed, now: sampled, start: epoch.Add(start), elapsed: elapsed}
	t.status, t.started = "RUNNING", at.start
	t.modified = sampled
	if elapsed < 0 {
		t.status, t.started, t.modified = "INIT", time.Time{}, t.created
	}
	spans := p.schedule()
	for i := range p.steps {
		s, h := at.step(i, spans[i])
		s.order = i + 1
		t.steps = append(t.steps, s)
		t.heed(h, s)
	}
	if t.status == "SUSPEND" {
		t.suspend()
	}
	t.end(at, spans)
}

// heed lets a step's hold decide over the whole task.
func (t *task) heed(h *hold, s step) {
	switch {
	case h == nil:
	case h.why == failed:
		t.status = "FAILED"
		t.modified = s.failure.at
	case h.why == paused:
		t.status = "SUSPEND"
	}
}

// suspend pauses what else would run: a person pauses tasks, not steps.
func (t *task) suspend() {
	for i := range t.steps {
		if s := &t.steps[i]; s.status == "RUNNING" || s.status == "MONITORING" {
			s.status = "SUSPEND"
		}
	}
}

// end is what becomes of a task whose last step is over.
func (t *task) end(at moment, spans []span) {
	over := time.Duration(0)
	for i := range spans {
		over = max(over, spans[i].end)
	}
	if at.elapsed < over || len(spans) == 0 {
		return
	}
	t.status, t.finished = "FINISHED", at.start.Add(over)
	t.modified = t.finished
	if after := at.plan.releaseAfter; after > 0 && at.elapsed >= over+after {
		t.status, t.modified = "RELEASED", t.finished.Add(after)
	}
}

func (at moment) step(i int, in span) (step, *hold) {
	plan := &at.plan.steps[i]
	s := step{name: plan.name, status: "INIT", progress: 0, info: plan.emptyInfo()}
	if at.elapsed < in.begin {
		return s, nil
	}
	s.started = at.start.Add(in.begin)
	over := at.elapsed >= in.end
	if over {
		s.finished = at.start.Add(in.end)
	}
	var h *hold
	switch plan.mode {
	case monitoring:
		h = at.monitor(plan, in, &s)
		if over {
			s.status, h = "SUSPEND", nil
		}
	case waiting:
		s.status = "RUNNING"
		if h, _ = plan.held(at.elapsed - in.begin); h != nil {
			s.status = statusOf(h, "RUNNING")
		}
		if over {
			s.status, s.progress, h = "FINISHED", 100, nil
		}
	default:
		h = at.work(plan, in, &s)
		if over {
			s.status, s.progress, h = "FINISHED", 100, nil
		}
	}
	if h != nil && (h.why == failed || h.why == failing) {
		f := h.failure
		f.at = at.start.Add(in.begin + at.since(plan, in, h))
		s.failure = &f
	}
	return s, h
}

// since gives when, after the step's beginning, its present hold began.
func (at moment) since(s *planStep, in span, h *hold) time.Duration {
	if s.mode != working {
		_, begin := s.held(at.elapsed - in.begin)
		return begin
	}
	begin := time.Duration(h.at * float64(s.takes))
	for i := range s.holds {
		if &s.holds[i] == h {
			break
		}
		begin += s.holds[i].lasts
	}
	return begin
}

// statusOf gives the status of a step in a hold.
func statusOf(h *hold, usual string) string {
	if h == nil {
		return usual
	}
	switch h.why {
	case failing, failed:
		return "FAILED"
	case paused:
		return "SUSPEND"
	default:
		return usual
	}
}

// emptyInfo is the stepInfo of a step that has not begun.
func (s *planStep) emptyInfo() any {
	if s.mode == waiting {
		return object{spare("checkpointSampleTimestamp", nil)}
	}
	return nil
}

// hash spreads texts and numbers evenly over the numbers from 0 up.
func hash(text string, numbers ...int64) int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(text)) // a hash never fails
	sum := h.Sum64()
	for _, n := range numbers {
		sum ^= uint64(n) //nolint:gosec // bits are bits
		sum *= 0x9e3779b97f4a7c15
		sum ^= sum >> 29
	}
	return int64(sum >> 1) //nolint:gosec // the shift leaves no sign
}
