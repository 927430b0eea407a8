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

// slowPages is an OMS in memory that reports one task more than it has. It takes a second for each of its four pages.
func slowPages(t *testing.T) *oms.Walker {
	t.Helper()
	s := simulator.New(simulator.Options{Generated: 65, Behaviour: simulator.Behaviour{TotalMore: 1}})
	answers := transport(func(r *http.Request) (*http.Response, error) {
		select {
		case <-time.After(time.Second):
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w.Result(), nil
	})
	client, err := oms.New("http://oms.test", &http.Client{Transport: answers}, oms.Options{Target: "prod"})
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

// The default timeout of Prometheus is 10 s, that of a target 30 s. If the list stays incomplete, scrapes with time for
// one pass only must not fail.
func TestTargetSecondPass(t *testing.T) {
	type scrape struct{ at, timeout, hangsUp time.Duration } // 0: none
	for _, c := range []struct {
		rule    string
		scrapes []scrape
		pages   int
	}{
		{"the timeout is long enough", []scrape{{timeout: 9 * time.Second}}, 8},
		{"the timeout is too short", []scrape{{timeout: 6 * time.Second}}, 4},
		{"there is no timeout", []scrape{{}}, 8},
		{"of two scrapes the shorter timeout counts", []scrape{{}, {at: time.Second, timeout: 6 * time.Second}}, 4},
		{"the shorter timeout counts if it came first",
			[]scrape{{timeout: 6 * time.Second}, {at: time.Second, timeout: 20 * time.Second}}, 4},
		{"a timeout in the first pass no longer counts",
			[]scrape{{timeout: 2 * time.Second}, {at: time.Second, timeout: 20 * time.Second}}, 8},
		{"nor does that of a client that hung up",
			[]scrape{{timeout: 6 * time.Second, hangsUp: 2 * time.Second}, {at: time.Second, timeout: 20 * time.Second}}, 8},
	} {
		t.Run(c.rule, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				target := NewTarget(defaultSettings("prod"), slowPages(t), nil)
				var all sync.WaitGroup
				for _, s := range c.scrapes {
					all.Go(func() {
						time.Sleep(s.at)
						ctx, cancel := t.Context(), context.CancelFunc(func() {})
						if s.timeout > 0 {
							ctx, cancel = context.WithTimeout(ctx, s.timeout)
						}
						defer cancel()
						if s.hangsUp > 0 {
							time.AfterFunc(s.hangsUp, cancel)
						}
						got := target.Scrape(ctx)
						if s.timeout == 2*time.Second || s.hangsUp > 0 { // it gets no list
							return
						}
						if got.Err != nil || got.Walk.Pages != c.pages {
							t.Errorf("timeout %s: %d pages, %v, want %d pages", s.timeout, got.Walk.Pages, got.Err, c.pages)
						}
					})
				}
				all.Wait()
			})
		})
	}
}
