package oms

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Walk is the whole list of tasks of one OMS, or how far the reading came before it failed.
type Walk struct {
	Tasks    []*Task       // distinct by id, in OMS' order; nil after a failure: half a list is no list
	Pages    int           // answers that were read as pages, the empty one past the end too
	Repeated int           // rows dropped because their id had been read already
	Invalid  int           // rows left out: null, no object, or without an id
	Reported Opt[int64]    // totalCount of the last page; missing if it proved to count pages
	Duration time.Duration // from the first request to the last answer, retries included

	// ClockOffset is the clock of OMS minus that of this host, from the HTTP Date of the answer that took least time. It is exact to
	// about half a second, and there as soon as any answer came, even one that says no.
	ClockOffset Opt[time.Duration]

	Hold *Hold // why further requests are withheld at the end of the walk; nil: they are not
}

// WalkOptions are how a Walker reads.
type WalkOptions struct {
	Filter      Filter
	PageSize    int // 1 to MaxPageSize; 0 means MaxPageSize
	Concurrency int // pages asked for at once; 0 means 4
	MaxPages    int // a list of more pages is an error; 0 means 10,000
}

// Walker reads the whole list of one OMS, again and again. It is safe for concurrent use.
type Walker struct {
	client  *Client
	options WalkOptions

	confirmed *confirmedShortfall
}

// confirmedShortfall is what a second pass has confirmed: while it stays the same, there is no other second pass.
type confirmedShortfall struct {
	mu sync.Mutex
	shortfall
}

// NewWalker makes a Walker that asks with client.
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
	w := &Walker{client: client, options: options, confirmed: new(confirmedShortfall)}
	if _, err := w.request(1).body(); err != nil {
		return nil, fmt.Errorf("walk of %s: %w", client.options.Target, err)
	}
	return w, nil
}

// With makes a Walker that asks with another client and shares what w has learned of the list.
func (w *Walker) With(client *Client) *Walker {
	return &Walker{client: client, options: w.options, confirmed: w.confirmed}
}

func (w *Walker) request(page int) ListProjectsRequest {
	return ListProjectsRequest{
		Filter: w.options.Filter,
		// Read pages stay as they are while tasks are added.
		SortField: SortByCreated, Order: Ascending,
		PageNumber: page, PageSize: w.options.PageSize,
	}
}

// Walk reads all pages. The list is complete or there is none: after a failure the Walk, which is never nil, has no tasks, and the error
// is an *Error. Where OMS promises more tasks than it gives, a second pass is made, if ctx and all who wait leave the time for it; what is
// missing after that shows as the difference between Reported and the rows. Whoever waits for the walk can follow it in progress, which
// may be nil, and tell it there until when.
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
		w.client.http.CloseIdleConnections() // they may be as dead as the one that failed
		return walk, err
	}
	walk.Tasks, walk.Repeated, walk.Invalid = list.tasks, list.repeated, list.invalid
	if !list.countsPages {
		walk.Reported = list.total
	}
	return walk, nil
}

// passes reads the list once, or twice if rows are missing.
func (w *Walker) readPasses(ctx context.Context, progress *Progress) (*taskList, error) {
	start := time.Now()
	first, err := w.readPass(ctx, progress)
	if err != nil {
		return nil, err
	}
	short := first.shortfall()
	if short == (shortfall{}) {
		w.confirmed.set(short) // should tasks be missing again, they are others
	}
	if took := time.Since(start); short == w.confirmed.get() || !beforeDeadline(ctx, took) || !progress.everyoneCanWait(took) {
		return first, nil
	}
	w.logDecision("%d of %d tasks are missing, %d vanished meanwhile: reading the list once more", short.missing, first.total.Value, short.vanished)
	second, err := w.readPass(ctx, progress)
	if err != nil {
		return nil, err
	}
	joined := first.join(second)
	w.confirmed.set(joined.shortfall())
	w.logDecision("both passes together miss %d tasks", joined.missing())
	return joined, nil
}

func (c *confirmedShortfall) get() shortfall {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.shortfall
}

func (c *confirmedShortfall) set(s shortfall) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.shortfall = s
}

func (w *Walker) logDecision(format string, args ...any) {
	if w.client.options.OnDecision != nil {
		w.client.options.OnDecision(fmt.Sprintf(format, args...))
	}
}

// fail is an error of the walk itself, not of one request.
func (w *Walker) newError(reason Reason, page int, what, hint string) *Error {
	return &Error{Reason: reason, Target: w.client.options.Target, Page: page, what: what, hint: hint}
}
