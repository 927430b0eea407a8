package oms

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// Walk is the whole task list of one OMS. After a failure it has only the figures of the pages read so far.
type Walk struct {
	Tasks    []*Task       // distinct by id, in the order of OMS; nil after a failure
	Pages    int           // pages read, including an empty one after the last
	Repeated int           // dropped rows: their id had been read already
	Invalid  int           // rows left out: null, no object, or without an id
	Reported Opt[int64]    // totalCount of the last page; missing if it counts pages
	Duration time.Duration // from the first request to the last answer, including retries

	// ClockOffset is the clock of OMS minus the local clock, from the Date header of the answer that took the least
	// time. Its error is about half a second. Any answer sets it, also an error of OMS.
	ClockOffset Opt[time.Duration]

	Hold *Hold // nil: further requests are not withheld
}

// WalkOptions configure a Walker.
type WalkOptions struct {
	Filter      Filter
	PageSize    int // 1 to MaxPageSize; 0 means MaxPageSize
	Concurrency int // pages requested at the same time; 0 means 4
	MaxPages    int // a longer list is an error; 0 means 10,000
}

// Walker reads the whole task list of one OMS, any number of times. It is safe for concurrent use.
type Walker struct {
	client  *Client
	options WalkOptions

	// confirmed is the shortfall that a second pass has confirmed. While it stays the same, there is no other second
	// pass.
	confirmed *atomic.Pointer[shortfall]
}

// NewWalker returns a Walker that requests pages with client. It returns an error for options that are invalid by the
// documentation of OMS.
func NewWalker(client *Client, options WalkOptions) (*Walker, error) {
	if options.PageSize == 0 {
		options.PageSize = MaxPageSize
	}
	if options.Concurrency == 0 {
		options.Concurrency = 4
	}
	if options.MaxPages == 0 {
		options.MaxPages = 10_000
	}
	if options.Concurrency < 0 || options.MaxPages < 0 {
		return nil, errors.New("the concurrency or the maximum of pages of a walk is negative")
	}
	w := &Walker{client: client, options: options, confirmed: new(atomic.Pointer[shortfall])}
	w.confirmed.Store(&shortfall{})
	if _, err := w.request(1).body(); err != nil {
		return nil, fmt.Errorf("walk of %s: %w", client.options.Target, err)
	}
	return w, nil
}

// With returns a Walker that requests pages with another client and shares the confirmed shortfall of w.
func (w *Walker) With(client *Client) *Walker {
	return &Walker{client: client, options: w.options, confirmed: w.confirmed}
}

func (w *Walker) request(page int) ListProjectsRequest {
	return ListProjectsRequest{
		Filter: w.options.Filter,
		// With this order new tasks do not change the pages that have been read.
		SortField: SortByCreated, Order: Ascending,
		PageNumber: page, PageSize: w.options.PageSize,
	}
}

// Walk reads all pages. After a failure the Walk is not nil but has no tasks, and the error is an *Error. If OMS
// reports more tasks than it lists, Walk makes a second pass, provided that ctx and all waiters leave the time for it.
// Tasks that are missing after that show as the difference between Reported and the rows. Callers that wait for the
// walk follow it through progress, which may be nil.
func (w *Walker) Walk(ctx context.Context, progress *Progress) (*Walk, error) {
	if progress == nil {
		progress = &Progress{}
	}
	start := time.Now()
	list, err := w.readPasses(ctx, progress)
	walk := &Walk{
		Pages: progress.Pages(), ClockOffset: progress.ClockOffset(), Duration: time.Since(start),
		Hold: w.client.options.Holdoff.hold(w.client.options.HoldTime),
	}
	if err != nil {
		w.client.http.CloseIdleConnections() // they may be dead, too
		return walk, err
	}
	walk.Tasks, walk.Repeated, walk.Invalid = list.tasks, list.repeated, list.invalid
	if !list.countsPages {
		walk.Reported = list.total
	}
	return walk, nil
}

// readPasses reads the list once, or twice if rows are missing.
func (w *Walker) readPasses(ctx context.Context, progress *Progress) (*taskList, error) {
	start := time.Now()
	first, err := w.readPass(ctx, progress)
	if err != nil {
		return nil, err
	}
	short := first.shortfall()
	if short == (shortfall{}) {
		w.confirmed.Store(&short) // a later shortfall is another one
		return first, nil
	}
	if short == *w.confirmed.Load() {
		return first, nil
	}
	again, cancel := ctx, context.CancelFunc(func() {})
	if left, ok := progress.timeLeft(ctx); ok {
		left = left * 9 / 10           // the rest is for the answer to the waiters
		if left <= time.Since(start) { // a second pass takes as long as the first
			return first, nil
		}
		again, cancel = context.WithTimeout(ctx, left)
	}
	defer cancel()
	w.logDecision("%d of %d tasks are missing, %d were deleted during the walk: reading the list again", short.missing,
		first.total.Value, short.vanished)
	second, err := w.readPass(again, progress)
	switch {
	case err != nil && again.Err() != nil && ctx.Err() == nil:
		w.logDecision("the second pass takes longer than the first: no time for the rest")
		return first, nil
	case err != nil:
		return nil, err
	}
	joined := first.join(second)
	confirmed := joined.shortfall()
	w.confirmed.Store(&confirmed)
	w.logDecision("%d tasks are missing from both passes", joined.missing())
	return joined, nil
}

func (w *Walker) logDecision(format string, args ...any) {
	if w.client.options.OnDecision != nil {
		w.client.options.OnDecision(fmt.Sprintf(format, args...))
	}
}

// newError returns an error of the walk, as opposed to one of a request.
func (w *Walker) newError(reason Reason, page int, what, hint string) *Error {
	return &Error{Reason: reason, Target: w.client.options.Target, Page: page, what: what, hint: hint}
}
