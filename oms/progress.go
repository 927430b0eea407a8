package oms

import (
	"sync"
	"time"
)

// Progress is what is known of a walk while it is under way, and if it fails. It is safe for concurrent use; the zero value is ready.
type Progress struct {
	mu     sync.Mutex
	pages  int
	offset Opt[time.Duration]
	took   time.Duration // of the answer that offset is from
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
