package simulator

import (
	"cmp"
	"hash/fnv"
	"time"
)

// instant is a lap at one instant.
type instant struct {
	*lap
	now     time.Time     // time of the last sample
	elapsed time.Duration // since the start of the lap
}

// applyPlan sets status, times and steps of the task at an instant.
func (t *task) applyPlan(p *plan, epoch, now time.Time) {
	threshold, _ := alarmThreshold(t.importance)
	l := p.lapAt(epoch, now, hash(t.id), threshold)
	at := instant{lap: l, now: l.sampled(now), elapsed: now.Sub(l.start)}
	t.status, t.started, t.modified = "RUNNING", l.start, at.now
	if at.elapsed < 0 {
		t.status, t.started, t.modified = "INIT", time.Time{}, t.created
	}
	rests := false
	for i := range p.steps {
		s, h, since := at.step(i)
		t.steps = append(t.steps, s)
		t.hold(h, since)
		rests = rests || h.effect().others == "SUSPEND"
	}
	if rests {
		t.suspendSteps()
	}
	t.end(at)
}

// hold sets the status of the task from the hold of a step.
func (t *task) hold(h *hold, since time.Time) {
	switch status := h.effect().task; {
	case status == "FAILED":
		t.status, t.modified = status, since
		if h.kind == dropped {
			t.failure = h.failure.failedAt(since)
		}
	case status == "SUSPEND" && t.status == "RUNNING":
		t.status = status
	}
}

// suspendSteps pauses the running steps: a person pauses tasks, not steps.
func (t *task) suspendSteps() {
	for i := range t.steps {
		if s := &t.steps[i]; s.status == "RUNNING" || s.status == "MONITORING" {
			s.status = "SUSPEND"
		}
	}
}

// end ends a task after its last step. A released task stays in the list.
func (t *task) end(at instant) {
	over := time.Duration(0)
	for i := range at.spans {
		over = max(over, at.spans[i].end)
	}
	if at.elapsed < over || len(at.spans) == 0 {
		return
	}
	t.status, t.finished = "FINISHED", at.start.Add(over)
	t.modified = t.finished
	if after := at.plan.releaseAfter; after > 0 && at.elapsed >= over+after {
		t.status, t.modified = "RELEASED", t.finished.Add(after)
	}
}

// step returns a step of the row, its hold, or nil, and the start of the hold.
func (at instant) step(i int) (s step, h *hold, since time.Time) {
	p, in := &at.plan.steps[i], at.spans[i]
	s = step{order: i + 1, name: p.name, status: "INIT", progress: 0, info: p.emptyInfo()}
	if at.elapsed < in.begin {
		return s, nil, since
	}
	s.started = at.start.Add(in.begin)
	over := at.elapsed >= in.end
	elapsed := min(at.elapsed, in.end) - in.begin
	h, held := p.holdAt(elapsed)
	if over {
		h = nil
	}
	since = s.started.Add(held)
	s.failure = p.failureAt(elapsed, h, s.started)
	switch p.mode {
	case monitoring:
		at.monitor(p, in, &s)
	case waiting:
		s.status = "RUNNING"
	default:
		at.work(p, in, h, &s)
	}
	switch {
	case !over:
		s.status = cmp.Or(h.effect().step, s.status)
	case p.mode == monitoring && !p.finishes:
		s.status = "SUSPEND"
	default:
		s.status, s.progress, s.finished = "FINISHED", 100, at.start.Add(in.end)
	}
	return s, h, since
}

// failureAt returns the failure of a step. A step that failed and was resumed keeps only the time, as in OMS.
func (s *planStep) failureAt(elapsed time.Duration, present *hold, started time.Time) *failure {
	var last *hold
	latest := time.Duration(-1)
	for i := range s.holds {
		h := &s.holds[i]
		if begin, ok := h.lastBegin(elapsed); ok && begin > latest && h.effect().step == "FAILED" {
			last, latest = h, begin
		}
	}
	switch last {
	case nil:
		return nil
	case present:
		return last.failure.failedAt(started.Add(latest))
	default:
		return failure{}.failedAt(started.Add(latest))
	}
}

// failedAt returns the failure with its time. OMS reports milliseconds.
func (f failure) failedAt(at time.Time) *failure {
	f.at = at.Add(-time.Duration(1+hash("failed", at.Unix())%999) * time.Millisecond)
	return &f
}

// emptyInfo returns the stepInfo of a step that has not begun: for some steps an object of nulls, for others null.
func (s *planStep) emptyInfo() any {
	switch {
	case s.mode == waiting:
		return object{unusedMember("checkpointSampleTimestamp", nil)}
	case s.name == "FULL_VERIFIER":
		return emptyFlow()
	default:
		return nil
	}
}

// hash maps texts and numbers to evenly distributed numbers from 0.
func hash(text string, numbers ...int64) int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(text)) // a hash never fails
	sum := h.Sum64()
	for _, n := range numbers {
		sum ^= uint64(n) //nolint:gosec // the hash uses the bits, not the value
		sum *= 0x9e3779b97f4a7c15
		sum ^= sum >> 29
	}
	return int64(sum >> 1) //nolint:gosec // the shift leaves no sign
}
