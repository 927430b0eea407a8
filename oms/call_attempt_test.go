package oms

import (
	"context"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestOnAttempt(t *testing.T) {
	// The server drops the connection after each request. The first attempt at page 2 uses the connection of page 1, so
	// it does not count as a try.
	t.Run("a request that is repeated on a new connection is an attempt of its own", func(t *testing.T) {
		var requests atomic.Int32
		attempts := 0
		url, hc := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if requests.Add(1) > 1 { // the first request leaves a connection to reuse
				panic(http.ErrAbortHandler)
			}
			_, _ = w.Write([]byte(`{"totalCount":4,"data":[{"id":"a"},{"id":"b"}]}`))
		}))
		w := newWalker(t, newClient(t, url, hc, Options{OnAttempt: func(Attempt) { attempts++ }}),
			WalkOptions{PageSize: 2})
		_, err := w.Walk(t.Context(), nil)
		if reasonOf(err) != Connect || requests.Load() != 2+maxAttempts ||
			attempts != 2+maxAttempts {
			t.Errorf("%v: %d requests, %d attempts", err, requests.Load(), attempts)
		}
	})
	t.Run("it receives each retry", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			var recorded recorder
			n := 0
			hc := &http.Client{Transport: roundTripFunc(func(*http.Request) (*http.Response, error) {
				time.Sleep(time.Second)
				n++
				return []*http.Response{answer(503, "busy"), answer(200, `{"data":[`),
					answer(200, `{"data":[{"id":"a"},null]}`)}[n-1], nil
			})}
			page, err := newClient(t, "http://oms.test", hc, recorded.options()).ListProjects(t.Context(),
				ListProjectsRequest{PageNumber: 5, PageSize: 2})
			if err != nil || len(page.Tasks) != 1 {
				t.Fatalf("%v, %v", page, err)
			}
			for i, want := range []struct {
				outcome string
				status  int
				bytes   int64
				rows    int
			}{{"http", 503, 4, 0}, {"decode", 200, 9, 0}, {"ok", 200, 26, 2}} {
				a := recorded.attempts[i]
				if a.Outcome() != want.outcome || a.Status != want.status || a.Bytes != want.bytes ||
					a.Rows != want.rows ||
					a.Number != i+1 || a.Page != 5 || a.Action != ActionListProjects || a.Duration != time.Second {
					t.Errorf("attempt %d: %+v", i+1, a)
				}
			}
			if len(recorded.attempts) != 3 {
				t.Errorf("%d attempts", len(recorded.attempts))
			}
		})
	})
	// All pages of a list but the first hang. OnAttempt receives the requests that were made, unless another page or
	// the caller canceled them.
	t.Run("it receives only requests that were made and not canceled", func(t *testing.T) {
		t.Parallel() // it mostly waits
		const concurrency = 4
		for _, c := range []struct {
			name string
			end  func(context.Context) (context.Context, context.CancelFunc)
			want []string
		}{
			{"at the deadline the running requests time out, and the other pages are not requested",
				func(ctx context.Context) (context.Context, context.CancelFunc) {
					return context.WithTimeout(ctx, 5*time.Second) // all five requests arrive long before
				},
				[]string{"ok", "timeout", "timeout", "timeout", "timeout"}},
			{"when no caller waits any more the running requests are canceled, which is no failure",
				context.WithCancel,
				[]string{"ok"}},
		} {
			t.Run(c.name, func(t *testing.T) {
				ctx, cancel := c.end(t.Context())
				defer cancel()
				var hanging atomic.Int32
				url, hc := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if pageNumber(t, r) == 1 {
						_, _ = w.Write([]byte(`{"totalCount":100,"data":[{"id":"a"},{"id":"b"}]}`))
						return
					}
					if _, atDeadline := ctx.Deadline(); hanging.Add(1) == concurrency && !atDeadline {
						cancel()
					}
					<-r.Context().Done()
				}))
				var recorded recorder
				w := newWalker(t, newClient(t, url, hc, recorded.options()),
					WalkOptions{PageSize: 2, Concurrency: concurrency})
				_, err := w.Walk(ctx, nil)
				if reasonOf(err) != Timeout {
					t.Errorf("the walk failed with %v, want a timeout", err)
				}
				if got := recorded.outcomes(); !slices.Equal(got, c.want) || hanging.Load() != concurrency {
					t.Errorf("recorded %q of 1 + %d requests, want %q", got, hanging.Load(), c.want)
				}
			})
		}
	})
}
