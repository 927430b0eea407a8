package collector

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/oms-exporter/oms_exporter/oms"
)

// A scrape that reaches its deadline is a failure of the OMS. A client that hangs up, such as a closed browser tab, is
// none.
func TestTargetAbandon(t *testing.T) {
	for _, c := range []struct {
		rule     string
		end      func(context.Context) (context.Context, context.CancelFunc)
		reported []oms.Reason
		cause    error // of the end of the walk: a deadline counts as a failure of the OMS
	}{
		{"the client hangs up", func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(time.Second, cancel)
			return ctx, cancel
		}, nil, context.Canceled},
		{"the deadline is reached", func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, time.Second)
		}, []oms.Reason{oms.Timeout}, context.DeadlineExceeded},
	} {
		t.Run(c.rule, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var reported reports
				walker := &slowOMS{takes: 10 * time.Second}
				target := NewTarget(Settings{Name: "prod", Timeout: time.Minute}, walker, reported.add)
				ctx, cancel := c.end(t.Context())
				defer cancel()
				if s := target.Scrape(ctx); s.Reason() != oms.Timeout {
					t.Errorf("reason %q", s.Reason())
				}
				synctest.Wait()
				last, _ := target.Last()
				if got := reported.reasons(); len(got) != len(c.reported) || (last != nil) != (len(c.reported) > 0) {
					t.Errorf("reported %v, want %v; last walk %v", got, c.reported, last)
				}
				if got := walker.cause.Load(); got != c.cause.Error() {
					t.Errorf("the cause is %v, want %v", got, c.cause)
				}
			})
		})
	}
}

// slowEnd is a Walker that takes some time to end after its context, for example to close connections.
type slowEnd struct {
	takes   time.Duration
	running atomic.Int32
	overlap atomic.Bool
}

func (w *slowEnd) Walk(ctx context.Context, _ *oms.Progress) (*oms.Walk, error) {
	if w.running.Add(1) > 1 {
		w.overlap.Store(true)
	}
	defer w.running.Add(-1)
	<-ctx.Done()
	time.Sleep(w.takes)
	return nil, ctx.Err()
}

func TestTargetAfterAbandon(t *testing.T) {
	for _, c := range []struct {
		rule    string
		takes   time.Duration
		overlap bool
	}{
		{"the next walk begins when the abandoned one has ended", 100 * time.Millisecond, false},
		{"an abandoned walk that does not end delays the next one until its deadline at most", time.Hour, true},
	} {
		t.Run(c.rule, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				walker := &slowEnd{takes: c.takes}
				target := NewTarget(Settings{Name: "prod", Timeout: time.Minute}, walker, nil)
				for range 2 {
					ctx, cancel := context.WithTimeout(t.Context(), time.Second)
					begin := time.Now()
					if s := target.Scrape(ctx); s.Reason() != oms.Timeout || time.Since(begin) != time.Second {
						t.Errorf("reason %q after %s", s.Reason(), time.Since(begin))
					}
					cancel()
				}
				synctest.Wait()
				if walker.overlap.Load() != c.overlap {
					t.Errorf("the walks overlap: %t", !c.overlap)
				}
				time.Sleep(2 * c.takes) // the walks end before the test
			})
		})
	}
}
