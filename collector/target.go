// Package collector turns the tasks of OMS into metrics. A scrape has two parts. Target.Scrape, or Scrape for several
// targets, reads the list of tasks with the deadline of its context and returns a Snapshot. Metrics.Families turns
// snapshots into families of samples, which the web server writes one after the other as text or protobuf. Collector is
// a prometheus.Collector over the same snapshots, for registries and for programs that embed the package. Both come
// from the table of metrics in table.go.
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
	MinInterval    time.Duration            // time in which the last complete walk is shown again; 0: never
	FinishedDetail time.Duration            // time after which a finished task counts as ended
	LogRetention   time.Duration            // of tasks for which OMS reports none; 0: unknown
	PauseLimit     time.Duration            // after which OMS can no longer resume a paused task; 0: unknown
	Thresholds     map[string]time.Duration // of the sync delay, by importance; 0 or no entry: none
}

// Target is one OMS. Scrapes of it that overlap share one walk. It is safe for concurrent use.
type Target struct {
	Settings
	walker Walker
	report func(*Snapshot)

	mu       sync.Mutex
	walk     *sharedWalk   // nil if none is running
	ending   chan struct{} // closed when the walk that was abandoned last has ended; nil if none was
	last     *Snapshot     // of the walk that ended last
	complete *Snapshot     // of the walk that last reached the end
}

// NewTarget returns a target whose list walker reads. report may be nil. It gets each walk that ended while a scrape
// waited for it, before that scrape returns, and the failure of each scrape that could not wait for the end. It does
// not get a walk that is shown again. Several goroutines may call it at the same time.
func NewTarget(settings Settings, walker Walker, report func(*Snapshot)) *Target {
	if report == nil {
		report = func(*Snapshot) {}
	}
	return &Target{Settings: settings, walker: walker, report: report}
}

// sharedWalk is a running walk with the scrapes that wait for it.
type sharedWalk struct {
	waiting  int // guarded by Target.mu
	cancel   context.CancelCauseFunc
	progress oms.Progress
	done     chan struct{}
	snapshot *Snapshot // set before done is closed
}

// Scrape returns the list of tasks as it is now, or as it was less than MinInterval ago. If ctx ends first, it returns
// a timeout: the walk goes on while other scrapes wait for it.
func (t *Target) Scrape(ctx context.Context) *Snapshot {
	t.mu.Lock()
	start := time.Now() // after the lock: the age of a walk that ended in between would be negative
	if recent := t.recentWalk(start); recent != nil {
		t.mu.Unlock()
		return recent
	}
	first := t.walk == nil
	if first {
		t.walk = &sharedWalk{done: make(chan struct{})}
	}
	walk := t.walk
	defer walk.progress.AddWaiter(ctx.Deadline())()
	if first {
		t.start(ctx, walk)
	}
	walk.waiting++
	t.mu.Unlock()

	select {
	case <-walk.done:
		return walk.snapshot
	case <-ctx.Done():
		return t.abandon(ctx, walk, start)
	}
}

// Last returns the walk that ended last and the last complete one; nil if there is none yet.
func (t *Target) Last() (last, complete *Snapshot) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.last, t.complete
}

// recentWalk returns the last complete walk with its age, or nil if it is older than MinInterval.
func (t *Target) recentWalk(now time.Time) *Snapshot {
	if t.complete == nil || now.Sub(t.complete.At) >= t.MinInterval {
		return nil
	}
	recent := *t.complete
	recent.Age = now.Sub(t.complete.At)
	return &recent
}

// start starts a walk with a context of its own: the end of the first scrape must not fail the others. The walk begins
// when an abandoned one has ended and closed its idle connections, which may be dead.
func (t *Target) start(ctx context.Context, walk *sharedWalk) {
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), t.Timeout)
	ctx, walk.cancel = context.WithCancelCause(ctx)
	ending := t.ending
	go func() {
		defer stop()
		defer walk.cancel(nil)
		started := time.Now()
		if ending != nil {
			select {
			case <-ending:
			case <-ctx.Done():
			}
		}
		read, err := t.read(ctx, &walk.progress)
		if read == nil {
			read = partialWalk(&walk.progress, started)
		}
		t.end(walk, &Snapshot{Target: t, Walk: read, Err: err, At: time.Now(), shared: new(sharedViews)})
	}()
}

// read lets the walker read the list. A panic fails this one walk and must not end the process, which has other
// targets.
func (t *Target) read(ctx context.Context, progress *oms.Progress) (read *oms.Walk, err error) {
	defer func() {
		if value := recover(); value != nil {
			read, err = nil, oms.PanicError(t.Name, 0, value)
		}
	}()
	return t.walker.Walk(ctx, progress)
}

// partialWalk returns the figures of a walk without a list.
func partialWalk(progress *oms.Progress, started time.Time) *oms.Walk {
	return &oms.Walk{Pages: progress.Pages(), ClockOffset: progress.ClockOffset(), Duration: time.Since(started)}
}

func (t *Target) end(walk *sharedWalk, s *Snapshot) {
	t.mu.Lock()
	abandoned := t.walk != walk
	if !abandoned {
		t.walk = nil
		t.last = s
		if s.Err == nil {
			s.paused = s.pausedSince(t.complete)
			t.complete = s
		}
	}
	t.mu.Unlock()
	if !abandoned {
		t.report(s)
	}
	walk.snapshot = s
	close(walk.done)
}

// abandon stops waiting for walk because ctx ended. The last scrape to stop cancels the walk, and the next scrape
// starts a new one. A deadline is reported. A client that hung up is not: that is no failure of OMS.
func (t *Target) abandon(ctx context.Context, walk *sharedWalk, start time.Time) *Snapshot {
	select {
	case <-walk.done: // just in time
		return walk.snapshot
	default:
	}
	read := partialWalk(&walk.progress, start)
	s := &Snapshot{Target: t, Walk: read, Err: walk.progress.TimeoutError(t.Name, read.Duration), At: time.Now()}
	late := errors.Is(ctx.Err(), context.DeadlineExceeded)
	t.mu.Lock()
	walk.waiting--
	if walk.waiting == 0 && t.walk == walk {
		walk.cancel(ctx.Err()) // the cause distinguishes a missed deadline, a failure of OMS, from a client that hung up
		t.walk, t.ending = nil, walk.done
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
