// Package collector turns the tasks of an OMS into metrics. A scrape has two parts: Target.Scrape reads the list of tasks, with the deadline of
// the caller, and gives a Snapshot; Metrics.Exposition turns snapshots into samples. The text formats are written from them one family after
// the other; for protobuf, and for programs that embed the package, Collector is a prometheus.Collector over them. table.go lists all metrics.
package collector

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/oms-exporter/oms_exporter/oms"
)

// Walker reads the whole list of tasks of one OMS.
type Walker interface {
	Walk(ctx context.Context, progress *oms.Progress) (*oms.Walk, error)
}

// Settings of a target.
type Settings struct {
	Name           string                   // value of the label oms
	Timeout        time.Duration            // of a whole walk
	MinInterval    time.Duration            // a scrape within this time of the last complete walk is given that again; 0: never
	FinishedDetail time.Duration            // a task finished for longer keeps only what does not change any more
	LogRetention   time.Duration            // of tasks for which OMS tells none; 0: unknown
	PauseLimit     time.Duration            // after which OMS can no longer resume a paused task; 0: unknown
	Thresholds     map[string]time.Duration // of the sync delay, by importance; 0 or no entry: none
}

// Target is one OMS. Scrapes of it that overlap share one walk. It is safe for concurrent use.
type Target struct {
	Settings
	walker Walker
	report func(*Snapshot)

	mu       sync.Mutex
	walk     *sharedWalk // under way, nil if none
	last     *Snapshot   // of the walk that ended last
	complete *Snapshot   // of the walk that last reached the end
}

// NewTarget makes a target whose list walker reads. report, if it is not nil, is told once of each walk that ended while a scrape waited
// for it, before that scrape goes on, and of each scrape that could not wait for the end; from several goroutines, so at once, too. A
// walk that is shown again is no news.
func NewTarget(settings Settings, walker Walker, report func(*Snapshot)) *Target {
	if report == nil {
		report = func(*Snapshot) {}
	}
	return &Target{Settings: settings, walker: walker, report: report}
}

// sharedWalk is a walk under way and the scrapes that wait for it.
type sharedWalk struct {
	waiting  int // guarded by Target.mu
	cancel   context.CancelCauseFunc
	progress oms.Progress
	done     chan struct{}
	snapshot *Snapshot // set before done is closed
}

// Scrape gives the list of tasks as it is now, or as it was less than MinInterval ago. Whoever cannot wait longer than ctx gets a failure
// by timeout; the walk goes on for the others, and ends when nobody waits any more.
func (t *Target) Scrape(ctx context.Context) *Snapshot {
	t.mu.Lock()
	start := time.Now() // not before the lock: a walk that ended meanwhile would have a negative age
	if again := t.again(start); again != nil {
		t.mu.Unlock()
		return again
	}
	if t.walk == nil {
		t.walk = t.start(ctx)
	} else {
		t.walk.progress.Await(ctx.Deadline())
	}
	walk := t.walk
	walk.waiting++
	t.mu.Unlock()

	select {
	case <-walk.done:
		return walk.snapshot
	case <-ctx.Done():
		return t.leave(ctx, walk, start)
	}
}

// Last gives the walk that ended last, and the last one that reached the end; nil if there is none yet.
func (t *Target) Last() (last, complete *Snapshot) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.last, t.complete
}

// again is the last complete walk, if it is not older than a scrape may be given.
func (t *Target) again(now time.Time) *Snapshot {
	if t.complete == nil || now.Sub(t.complete.At) >= t.MinInterval {
		return nil
	}
	again := *t.complete
	again.Age = now.Sub(t.complete.At)
	return &again
}

// start begins a walk on a context of its own: the first scrape to go away must not fail the others.
func (t *Target) start(ctx context.Context) *sharedWalk {
	walk := &sharedWalk{done: make(chan struct{})}
	walk.progress.Await(ctx.Deadline())
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), t.Timeout)
	ctx, walk.cancel = context.WithCancelCause(ctx)
	go func() {
		defer stop()
		defer walk.cancel(nil)
		started := time.Now()
		read, err := t.read(ctx, &walk.progress)
		if read == nil {
			read = soFar(&walk.progress, started)
		}
		t.end(walk, &Snapshot{Target: t, Walk: read, Err: err, At: time.Now(), shared: new(sharedViews)})
	}()
	return walk
}

// read has the walker read the list. A target whose answers bring out a mistake of the exporter must not take the others down with it:
// a panic is a failure of this one walk.
func (t *Target) read(ctx context.Context, progress *oms.Progress) (read *oms.Walk, err error) {
	defer func() {
		if value := recover(); value != nil {
			read, err = nil, oms.FaultError(t.Name, 0, value)
		}
	}()
	return t.walker.Walk(ctx, progress)
}

// soFar is what there is to show of a walk without a list.
func soFar(progress *oms.Progress, started time.Time) *oms.Walk {
	return &oms.Walk{Pages: progress.Pages(), ClockOffset: progress.ClockOffset(), Duration: time.Since(started)}
}

func (t *Target) end(walk *sharedWalk, s *Snapshot) {
	t.mu.Lock()
	nobody := t.walk != walk
	if !nobody {
		t.walk = nil
		t.last = s
		if s.Err == nil {
			s.paused = s.pausedSince(t.complete)
			t.complete = s
		}
	}
	t.mu.Unlock()
	if !nobody {
		t.report(s)
	}
	walk.snapshot = s
	close(walk.done)
}

// leave gives up waiting for walk, because ctx ended. Nobody else waiting, the walk is cancelled and forgotten: the next scrape begins
// anew. That a client hung up says nothing of the OMS, and is told to nobody.
func (t *Target) leave(ctx context.Context, walk *sharedWalk, start time.Time) *Snapshot {
	select {
	case <-walk.done: // just in time
		return walk.snapshot
	default:
	}
	read := soFar(&walk.progress, start)
	s := &Snapshot{Target: t, Walk: read, Err: walk.progress.TimeoutError(t.Name, read.Duration), At: time.Now()}
	late := errors.Is(ctx.Err(), context.DeadlineExceeded)
	t.mu.Lock()
	walk.waiting--
	if walk.waiting == 0 && t.walk == walk {
		walk.cancel(ctx.Err()) // requests under way are the OMS' fault at a deadline, and nobody's when a client hung up
		t.walk = nil
		if late {
			t.last = s
		}
	}
	t.mu.Unlock()
	if late {
		t.report(s)
	}
	return s
}

func reasonOf(err error) oms.Reason {
	var failure *oms.Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &failure):
		return failure.Reason
	default: // no request was made
		return oms.Connect
	}
}
