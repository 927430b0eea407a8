package oms

import (
	"slices"
	"sync"
	"time"
)

// Progress is what is known of a walk while it is under way, and if it fails. It is safe for concurrent use; the zero value is ready.
type Progress struct {
	mu     sync.Mutex
	pages  int
	offset Opt[time.Duration]
	took   time.Duration // of the answer that offset is from

	deadlines []time.Time // of those who wait for the walk
}

// Await tells the walk that somebody waits for it, until deadline if there is one.
func (p *Progress) Await(deadline time.Time, ok bool) {
	if !ok {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.deadlines = append(p.deadlines, deadline)
}

// patient says whether all who wait do so for longer than pause. Whose time is up has left.
func (p *Progress) patient(pause time.Duration) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !slices.ContainsFunc(p.deadlines, func(deadline time.Time) bool {
		left := time.Until(deadline)
		return left > 0 && left <= pause
	})
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

func (p *Progress) page() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pages++
}

// answered takes the clock offset from the answer with the least time between question and answer: half of that is its error. The Date
// header has whole seconds: on average it lies half a second behind.
func (p *Progress) answered(a answered) {
	if a.date.IsZero() {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	took := a.received.Sub(a.sent)
	if p.offset.Valid && took >= p.took {
		return
	}
	p.took = took
	p.offset = Some(a.date.Add(time.Second / 2).Sub(a.sent.Add(took / 2)))
}
