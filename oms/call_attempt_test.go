package oms

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"time"
)

// An OMS whose last page always promises less than the others costs one second pass, not one on each scrape.
func TestAListThatAlwaysShrinksIsReadTwiceOnce(t *testing.T) {
	pages := []string{
		`{"totalCount":5,"data":[{"id":"a"},{"id":"b"}]}`,
		`{"totalCount":5,"data":[{"id":"c"},{"id":"d"}]}`,
		`{"totalCount":4,"data":[]}`,
	}
	url, hc := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var asked struct{ PageNumber int }
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
			t.Error(err)
		}
		_, _ = w.Write([]byte(pages[asked.PageNumber-1]))
	}))
	w := newWalker(t, newClient(t, url, hc, Options{}), WalkOptions{PageSize: 2})
	for scrape, want := range []int{6, 3, 3} {
		if walk, err := w.Walk(t.Context(), nil); err != nil || walk.Pages != want || len(walk.Tasks) != 4 {
			t.Errorf("scrape %d: %v, %d pages, %d tasks", scrape, err, walk.Pages, len(walk.Tasks))
		}
	}
}

// The server drops the connection after each request. The first attempt at page 2 is on a connection that had been used: it is no try.
func TestEachRequestForAPageIsAnAttemptThatIsCounted(t *testing.T) {
	var requests atomic.Int32
	attempts := 0
	url, hc := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if requests.Add(1) > 1 { // the first leaves a connection to use again
			panic(http.ErrAbortHandler)
		}
		_, _ = w.Write([]byte(`{"totalCount":4,"data":[{"id":"a"},{"id":"b"}]}`))
	}))
	w := newWalker(t, newClient(t, url, hc, Options{OnAttempt: func(Attempt) { attempts++ }}), WalkOptions{PageSize: 2})
	_, err := w.Walk(t.Context(), nil)
	var failure *Error
	if !errors.As(err, &failure) || failure.Reason != Connect || requests.Load() != 2+maxAttempts || attempts != 2+maxAttempts {
		t.Errorf("%v: %d requests, %d attempts", err, requests.Load(), attempts)
	}
}

// A list of fifty pages, all but the first of which hang: what is told is what was asked of the OMS, and whose fault it was that it ended.
func TestOnlyRequestsThatWereMadeAreTold(t *testing.T) {
	t.Parallel() // it waits more than it computes
	const concurrency = 4
	for _, c := range []struct {
		name string
		end  func(context.Context) (context.Context, context.CancelFunc)
		want []string
	}{
		{"at the deadline those under way have timed out, and the other pages were never asked for",
			func(ctx context.Context) (context.Context, context.CancelFunc) {
				return context.WithTimeout(ctx, 5*time.Second) // all five requests arrive long before
			},
			[]string{"ok", "timeout", "timeout", "timeout", "timeout"}},
		{"when nobody waits any more those under way are broken off, which is no failure",
			context.WithCancel,
			[]string{"ok"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx, cancel := c.end(t.Context())
			defer cancel()
			var hanging atomic.Int32
			url, hc := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				var asked struct{ PageNumber int }
				if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
					t.Error(err)
				}
				if asked.PageNumber == 1 {
					_, _ = w.Write([]byte(`{"totalCount":100,"data":[{"id":"a"},{"id":"b"}]}`))
					return
				}
				if _, atDeadline := ctx.Deadline(); hanging.Add(1) == concurrency && !atDeadline {
					cancel()
				}
				<-r.Context().Done()
			}))
			var told recorder
			w := newWalker(t, newClient(t, url, hc, told.options()), WalkOptions{PageSize: 2, Concurrency: concurrency})
			_, err := w.Walk(ctx, nil)
			var failure *Error
			if !errors.As(err, &failure) || failure.Reason != Timeout {
				t.Errorf("the walk failed with %v, want a timeout", err)
			}
			if got := told.outcomes(); !slices.Equal(got, c.want) || hanging.Load() != concurrency {
				t.Errorf("told %q of 1 + %d requests, want %q", got, hanging.Load(), c.want)
			}
		})
	}
}
