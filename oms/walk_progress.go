package oms

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Progress is what is known of a walk while it is under way, and if it fails. It is safe for concurrent use; the zero value is ready.
type Progress struct {
	mu         sync.Mutex
	pages      int
	offset     Opt[time.Duration]
	offsetTook time.Duration // of the answer that offset is from
	idle       time.Duration // how long the connection of a request had been idle, as long as no answer came on any
	answered   bool          // an answer came

	deadlines []time.Time // of those who wait for the walk
}

// Await tells the walk that somebody waits for it, until deadline if there is one.
func (p *Progress) AddWaiter(deadline time.Time, ok bool) {
	if !ok {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.deadlines = append(p.deadlines, deadline)
}

// patient says whether all who wait do so for longer than pause. Whose time is up has left.
func (p *Progress) everyoneCanWait(pause time.Duration) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !slices.ContainsFunc(p.deadlines, func(deadline time.Time) bool {
		left := time.Until(deadline)
		return left > 0 && left <= pause
	})
}

// left returns the time until the walk or the first of those who wait for it ends; false: there is no deadline.
func (p *Progress) timeLeft(ctx context.Context) (time.Duration, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	end, ok := ctx.Deadline()
	now := time.Now()
	for _, deadline := range p.deadlines {
		if deadline.After(now) && (!ok || deadline.Before(end)) {
			end, ok = deadline, true
		}
	}
	return end.Sub(now), ok
}

// Pages is the number of answers read as pages so far.
func (p *Progress) Pages() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.pages
}

// ClockOffset is Walk.ClockOffset so far.
func (p *Progress) ClockOffset() Opt[time.Duration] {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.offset
}

func (p *Progress) addPage() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pages++
}

// connected takes note of a request on a connection that had been idle before.
func (p *Progress) addConnection(idle time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle = max(p.idle, idle)
}

// TimeoutError is for someone who stopped waiting for the walk of target after waited.
func (p *Progress) TimeoutError(target string, waited time.Duration) *Error {
	p.mu.Lock()
	defer p.mu.Unlock()
	err := TimeoutError(target, waited, p.pages)
	if !p.answered && p.idle >= longIdle {
		err.what, err.hint = idleText(p.idle), idleHint
	}
	return err
}

// answered takes note that an answer came, and takes the clock offset from the answer with the least time between question and answer: half of that is its error. The Date
// header has whole seconds: on average it lies half a second behind.
func (p *Progress) addAnswer(a answerTimes) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answered = true
	if a.date.IsZero() {
		return
	}
	took := a.received.Sub(a.sent)
	if p.offset.Valid && took >= p.offsetTook {
		return
	}
	p.offsetTook = took
	p.offset = Some(a.date.Add(time.Second / 2).Sub(a.sent.Add(took / 2)))
}
