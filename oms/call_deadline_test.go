package oms

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestCallDeadline(t *testing.T) {
	const timeout = 10 * time.Second
	for _, tt := range []struct {
		rule    string
		oms     fakeOMS
		reason  Reason
		message string
	}{
		{"while it connects", noConnection,
			Timeout, "OMS prod: page 1: no connection in time: check url (or token_url of oauth2), and firewalls on the way"},
		{"before the headers", silentOMS(""), Timeout, "OMS prod: page 1: no answer in time: " + timeoutHint},
		{"within the body", silentOMS("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"data\":["),
			Timeout, "OMS prod: page 1: the answer was not complete in time: " + timeoutHint},
		{"within the body of an error",
			silentOMS("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 100\r\n\r\nout of memory"),
			HTTP, "OMS prod: page 1: 500 Internal Server Error: out of memory: check the log of the OMS, or of the proxy in front of it, at this time"},
		{"in a pause between attempts", func(*testing.T) (string, *http.Client) {
			return "http://oms.test", &http.Client{Transport: roundTripFunc(
				func(r *http.Request) (*http.Response, error) {
					time.Sleep(timeout - firstPause/2 - 1)
					return answer(503, ""), r.Context().Err()
				})}
		}, HTTP, "OMS prod: page 1: 503 Service Unavailable: " + unavailableHint},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // it fails if a goroutine is left over
				var recorded recorder
				url, hc := tt.oms(t)
				c := newClient(t, url, hc, recorded.options())
				w := newWalker(t, c, WalkOptions{})
				ctx, cancel := context.WithTimeout(t.Context(), timeout)
				defer cancel()
				start := time.Now()
				_, err := w.Walk(ctx, nil)
				if reasonOf(err) != tt.reason || err.Error() != tt.message {
					t.Errorf("failed with %v", err)
				}
				if took := time.Since(start); took != timeout {
					t.Errorf("ended after %v", took)
				}
				if got := recorded.outcomes(); !slices.Equal(got, []string{string(tt.reason)}) {
					t.Errorf("recorded %v", got)
				}
			})
		})
	}
}

func TestCancel(t *testing.T) {
	t.Run("a page that fails cancels the others", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			var recorded recorder
			hc := &http.Client{Transport: roundTripFunc(func(r *http.Request) (*http.Response, error) {
				page := pageNumber(t, r)
				wait, known := map[int]time.Duration{1: 0, 3: time.Second, 4: 500 * time.Millisecond}[page]
				if !known {
					wait = time.Hour
				}
				select {
				case <-time.After(wait):
				case <-r.Context().Done():
					return nil, r.Context().Err()
				}
				if page == 3 {
					return answer(500, ""), nil
				}
				return answer(200, fmt.Sprintf(`{"totalCount":20,"data":[{"id":"%d"}]}`, page)), nil
			})}
			w := newWalker(t, newClient(t, "http://oms.test", hc, recorded.options()),
				WalkOptions{PageSize: 1, Concurrency: 3})
			start := time.Now()
			walk, err := w.Walk(t.Context(), nil)
			var failure *Error
			if !errors.As(err, &failure) || failure.Page != 3 || failure.Status != 500 ||
				time.Since(start) != time.Second {
				t.Errorf("%v after %v", err, time.Since(start))
			}
			// Pages 1 and 4 are read and page 3 fails. Pages 2 and 5 are canceled. The others are not requested.
			if got := recorded.outcomes(); !slices.Equal(got, []string{"ok", "http", "ok"}) || walk.Pages != 2 {
				t.Errorf("recorded %v, %d pages", got, walk.Pages)
			}
		})
	})
	t.Run("a caller that stops waiting ends the walk", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(3*time.Second, cancel)
			c := newClient(t, "http://oms.test", pipes(t, func(net.Conn) {}), Options{Target: "prod"})
			start := time.Now()
			_, err := newWalker(t, c, WalkOptions{}).Walk(ctx, nil)
			if reasonOf(err) != Timeout || time.Since(start) != 3*time.Second || !errors.Is(err, context.Canceled) {
				t.Errorf("%v after %v", err, time.Since(start))
			}
		})
	})
}
