package collector

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/oms-exporter/oms_exporter/oms"
)

// slowOMS is a Walker whose walks take some time. It ends with its context.
type slowOMS struct {
	takes   time.Duration
	failure error // of the next walks
	walks   atomic.Int32
	broken  atomic.Int32 // walks whose context ended
	cause   atomic.Value // why the last of these did
}

func (s *slowOMS) Walk(ctx context.Context, _ *oms.Progress) (*oms.Walk, error) {
	s.walks.Add(1)
	select {
	case <-ctx.Done():
		s.broken.Add(1)
		s.cause.Store(context.Cause(ctx).Error())
		return &oms.Walk{}, &oms.Error{Reason: oms.Timeout}
	case <-time.After(s.takes):
	}
	if s.failure != nil {
		return &oms.Walk{Pages: 1, Duration: s.takes}, s.failure
	}
	tasks := []*oms.Task{{ID: "np_1"}}
	return &oms.Walk{Tasks: tasks, Pages: 3, Duration: s.takes, ClockOffset: oms.Some(time.Second)}, nil
}

// reports collects the snapshots that a target reports.
type reports struct {
	mu  sync.Mutex
	all []*Snapshot
}

func (r *reports) add(s *Snapshot) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, s)
}

func (r *reports) reasons() (reasons []oms.Reason) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.all {
		reasons = append(reasons, s.Reason())
	}
	return reasons
}

func TestTargetSharedWalk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var reported reports
		walker := &slowOMS{takes: 10 * time.Second}
		target := NewTarget(defaultSettings("prod"), walker, reported.add)
		snapshots := make([]*Snapshot, 5)
		var all sync.WaitGroup
		for i := range snapshots {
			all.Go(func() {
				time.Sleep(time.Duration(i) * time.Second)
				snapshots[i] = target.Scrape(t.Context())
			})
		}
		all.Wait()
		for _, s := range snapshots {
			if s != snapshots[0] || s.Err != nil || s.Age != 0 {
				t.Errorf("got %+v, want the snapshot of the first scrape", s)
			}
		}
		if n := walker.walks.Load(); n != 1 {
			t.Errorf("%d walks, want 1", n)
		}
		if reasons := reported.reasons(); len(reasons) != 1 || reasons[0] != "" || reported.all[0] != snapshots[0] {
			t.Errorf("reported %q, want the one walk, once", reasons)
		}
		if target.Scrape(t.Context()); walker.walks.Load() != 2 {
			t.Error("a scrape after the end started no new walk")
		}
	})
}

// The walk goes on when the first of two scrapes ends.
func TestTargetFirstScrape(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var reported reports
		walker := &slowOMS{takes: 10 * time.Second}
		target := NewTarget(defaultSettings("prod"), walker, reported.add)
		var first, second *Snapshot
		var both sync.WaitGroup
		both.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
			defer cancel()
			first = target.Scrape(ctx)
		})
		both.Go(func() {
			time.Sleep(time.Second)
			second = target.Scrape(t.Context())
		})
		time.Sleep(5 * time.Second)
		if last, complete := target.Last(); last != nil || complete != nil {
			t.Errorf("the walk is not over: last %v, complete %v", last, complete)
		}
		both.Wait()
		if first.Reason() != oms.Timeout || first.Walk.Duration != 3*time.Second || len(first.Walk.Tasks) != 0 {
			t.Errorf("first: %v after %s, want a timeout after 3s", first.Err, first.Walk.Duration)
		}
		if second.Err != nil || len(second.Walk.Tasks) != 1 || walker.walks.Load() != 1 {
			t.Errorf("second: %v, %d walks; want the list of the one walk", second.Err, walker.walks.Load())
		}
		if reasons := reported.reasons(); len(reasons) != 2 || reasons[0] != oms.Timeout || reasons[1] != "" {
			t.Errorf("reported %q, want the abandoned scrape, then the walk", reasons)
		}
		if last, complete := target.Last(); last != second || complete != second {
			t.Error("the last walk is not the one that ended")
		}
	})
}

func TestTargetAbandonedWalk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var reported reports
		stubborn := make(chan struct{})
		var walks atomic.Int32
		target := NewTarget(defaultSettings("prod"), walkerFunc(func(ctx context.Context, _ *oms.Progress) (*oms.Walk, error) {
			if walks.Add(1) == 1 {
				<-ctx.Done()
				<-stubborn // it ends late
				return &oms.Walk{Tasks: []*oms.Task{{ID: "late"}}}, nil
			}
			return &oms.Walk{Tasks: []*oms.Task{{ID: "np_1"}}}, nil
		}), reported.add)
		var both sync.WaitGroup
		for _, timeout := range []time.Duration{time.Second, 2 * time.Second} {
			both.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), timeout)
				defer cancel()
				if s := target.Scrape(ctx); s.Reason() != oms.Timeout {
					t.Errorf("timeout %s: %v, want a timeout", timeout, s.Err)
				}
			})
		}
		both.Wait()
		gaveUp, complete := target.Last()
		if gaveUp.Reason() != oms.Timeout || complete != nil {
			t.Errorf("last %v, complete %v; want the timeout of the last scrape", gaveUp.Err, complete)
		}
		next := target.Scrape(t.Context())
		if next.Err != nil || next.Walk.Tasks[0].ID != "np_1" || walks.Load() != 2 {
			t.Errorf("the next scrape got %v, want a walk of its own", next.Err)
		}
		close(stubborn)
		synctest.Wait()
		if last, complete := target.Last(); last != next || complete != next {
			t.Error("an abandoned walk replaced a later one")
		}
		if reasons := reported.reasons(); len(reasons) != 3 || reasons[0] != oms.Timeout || reasons[1] != oms.Timeout ||
			reasons[2] != "" {
			t.Errorf("reported %q, want two timeouts and a walk", reasons)
		}
	})
}

func TestTargetTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		walker := &slowOMS{takes: time.Hour}
		s := NewTarget(defaultSettings("prod"), walker, nil).Scrape(t.Context())
		if took := time.Since(start); s.Reason() != oms.Timeout || took != 30*time.Second || walker.broken.Load() != 1 {
			t.Errorf("%v after %s, want the walk's own timeout after 30s", s.Err, took)
		}
	})
}

// A target that hangs does not delay the others.
func TestScrape(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		hanging := NewTarget(defaultSettings("hanging"), &slowOMS{takes: time.Hour}, nil)
		var ended time.Time
		quick := NewTarget(defaultSettings("quick"), &slowOMS{takes: 4 * time.Second}, func(*Snapshot) { ended = time.Now() })
		failing := NewTarget(defaultSettings("failing"), &slowOMS{failure: errors.New("no")}, nil)
		start := time.Now()
		snapshots := Scrape(ctx, []*Target{hanging, quick, failing})
		if took := time.Since(start); took != 5*time.Second || ended.Sub(start) != 4*time.Second {
			t.Errorf("all %s, quick %s; want them at the same time, until the caller's deadline", took, ended.Sub(start))
		}
		for i, want := range []oms.Reason{oms.Timeout, "", oms.Connect} {
			if got := snapshots[i].Reason(); got != want {
				t.Errorf("%s: reason %q, want %q", snapshots[i].Target.Name, got, want)
			}
		}
	})
}

func TestTargetRandomScrapes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		walker := &slowOMS{takes: 10 * time.Second}
		target := NewTarget(defaultSettings("prod"), walker, func(s *Snapshot) { _, _ = s.Target.Last() }) // a report may look at the target
		var all sync.WaitGroup
		for i := range 500 {
			all.Go(func() {
				time.Sleep(time.Duration(i*7919%60_000) * time.Millisecond)
				timeout := time.Duration(i*104729%20_000) * time.Millisecond
				ctx, cancel := context.WithTimeout(t.Context(), timeout)
				defer cancel()
				s := target.Scrape(ctx)
				if waited := s.Walk.Duration; s.Err != nil && waited != timeout && waited > 0 {
					t.Errorf("a scrape with timeout %s ended after %s", timeout, waited)
				}
				if s.Err == nil && len(s.Walk.Tasks) != 1 {
					t.Error("no failure, and no list")
				}
			})
		}
		all.Wait()
		if target.walk != nil {
			t.Error("a walk goes on without a scrape")
		}
	})
}
