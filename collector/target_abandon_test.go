package collector

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/oms-exporter/oms_exporter/oms"
)

// A browser tab that is closed is no failure of the OMS; a scrape whose time is up is one.
func TestWhoLeavesAWalkIsReportedOnlyWhenItsTimeWasUp(t *testing.T) {
	for rule, c := range map[string]struct {
		end   func(context.Context) (context.Context, context.CancelFunc)
		told  []oms.Reason
		cause error // of the end of the requests under way: a deadline is held against the OMS
	}{
		"the client hangs up": {func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(time.Second, cancel)
			return ctx, cancel
		}, nil, context.Canceled},
		"its time is up": {func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, time.Second)
		}, []oms.Reason{oms.Timeout}, context.DeadlineExceeded},
	} {
		t.Run(rule, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var told reports
				walker := &slowOMS{takes: 10 * time.Second}
				target := NewTarget(Settings{Name: "prod", Timeout: time.Minute}, walker, told.add)
				ctx, cancel := c.end(t.Context())
				defer cancel()
				if s := target.Scrape(ctx); s.Reason() != oms.Timeout {
					t.Errorf("reason %q", s.Reason())
				}
				synctest.Wait()
				last, _ := target.Last()
				if got := told.reasons(); len(got) != len(c.told) || (last != nil) != (len(c.told) > 0) {
					t.Errorf("told %v, want %v; last walk %v", got, c.told, last)
				}
				if got := walker.cause.Load(); got != c.cause.Error() {
					t.Errorf("the walk ended because %v, want %v", got, c.cause)
				}
			})
		})
	}
}
