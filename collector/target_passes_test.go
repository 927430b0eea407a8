package collector

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/oms-exporter/oms_exporter/oms"
	"github.com/oms-exporter/oms_exporter/oms/simulator"
)

// slowPages is an OMS in memory that promises one task more than it has. It takes a second for each of its four pages.
func slowPages(t *testing.T) *oms.Walker {
	t.Helper()
	s := simulator.New(simulator.Options{Generated: 65, Behaviour: simulator.Behaviour{TotalMore: 1}})
	client, err := oms.New("http://oms.test", &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
		select {
		case <-time.After(time.Second):
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w.Result(), nil
	})}, oms.Options{Target: "prod"})
	if err != nil {
		t.Fatal(err)
	}
	walker, err := oms.NewWalker(client, oms.WalkOptions{PageSize: 20, Concurrency: 1})
	if err != nil {
		t.Fatal(err)
	}
	return walker
}

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// Prometheus waits for 10 s where nobody says otherwise, a target for 30: a list that is never whole must not fail each scrape that has the
// time for one pass only.
func TestNoSecondPassForWhichSomebodyCannotWait(t *testing.T) {
	type scrape struct{ at, patience time.Duration } // no patience: as long as it takes
	for rule, c := range map[string]struct {
		scrapes []scrape
		pages   int
	}{
		"who waits leaves the time for it":                         {[]scrape{{0, 9 * time.Second}}, 8},
		"who waits does not leave the time for it":                 {[]scrape{{0, 6 * time.Second}}, 4},
		"nobody says how long":                                     {[]scrape{{0, 0}}, 8},
		"of two the one that has less time counts":                 {[]scrape{{0, 0}, {time.Second, 6 * time.Second}}, 4},
		"the same, and it came first":                              {[]scrape{{0, 6 * time.Second}, {time.Second, 20 * time.Second}}, 4},
		"of one whose time was up before the first pass was ended": {[]scrape{{0, 2 * time.Second}, {time.Second, 20 * time.Second}}, 8},
	} {
		t.Run(rule, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				target := NewTarget(usual("prod"), slowPages(t), nil)
				var all sync.WaitGroup
				for _, s := range c.scrapes {
					all.Go(func() {
						time.Sleep(s.at)
						ctx, cancel := t.Context(), context.CancelFunc(func() {})
						if s.patience > 0 {
							ctx, cancel = context.WithTimeout(ctx, s.patience)
						}
						defer cancel()
						got := target.Scrape(ctx)
						if s.patience == 2*time.Second { // not even for one pass
							return
						}
						if got.Err != nil || got.Walk.Pages != c.pages {
							t.Errorf("who waits %s: %d pages, %v, want %d pages", s.patience, got.Walk.Pages, got.Err, c.pages)
						}
					})
				}
				all.Wait()
			})
		})
	}
}
