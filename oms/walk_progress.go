package oms

import (
	"context"
	"sync"
	"time"
)

// Progress has the figures of a walk while it runs. It is safe for concurrent use. The zero value is ready to use.
type Progress struct {
	mu         sync.Mutex
	pages      int
	offset     Opt[time.Duration]
	offsetTook time.Duration // duration of the request that set offset
	idle       time.Duration // longest idle time of a connection used by the walk
	answered   bool          // an answer has arrived

	waiters map[*time.Time]struct{} // the deadlines of the callers that wait for the walk
}

// AddWaiter adds a caller that waits for the walk until deadline. It ignores a caller without a deadline (ok is false).
// Call leave when the caller stops waiting.
func (p *Progress) AddWaiter(deadline time.Time, ok bool) (leave func()) {
	if !ok {
		return func() {}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.waiters == nil {
		p.waiters = map[*time.Time]struct{}{}
	}
	p.waiters[&deadline] = struct{}{}
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.waiters, &deadline)
	}
}

// timeLeft returns the time until ctx or the first waiter ends. Waiters past their deadline no longer count. It returns
// false if there is no deadline.
func (p *Progress) timeLeft(ctx context.Context) (time.Duration, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	end, ok := ctx.Deadline()
	now := time.Now()
	for deadline := range p.waiters {
		if deadline.After(now) && (!ok || deadline.Before(end)) {
			end, ok = *deadline, true
		}
	}
	return end.Sub(now), ok
}

// Pages returns the number of pages read so far.
func (p *Progress) Pages() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.pages
}

// ClockOffset returns the clock offset so far: see Walk.
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

// addConnection records the idle time of the connection that a request uses.
func (p *Progress) addConnection(idle time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle = max(p.idle, idle)
}

// TimeoutError returns the error for a caller that waited for the walk of target, and stopped before its end.
func (p *Progress) TimeoutError(target string, waited time.Duration) *Error {
	p.mu.Lock()
	defer p.mu.Unlock()
	err := TimeoutError(target, waited, p.pages)
	if !p.answered && p.idle >= longIdle {
		err.what, err.hint = idleText(p.idle), idleHint
	}
	return err
}

// addAnswer records an answer. The clock offset comes from the answer with the least time between request and response:
// half of that time is its error. Date has whole seconds, so on average it is half a second behind.
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
