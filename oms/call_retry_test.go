package oms

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"
)

// answer returns a response. headers have the form "Name: value".
func answer(status int, body string, headers ...string) *http.Response {
	h := http.Header{}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		h.Set(name, value)
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), ContentLength: -1}
}

// attemptTimes requests a page in a bubble and returns the times of the attempts. give returns the answers.
func attemptTimes(t *testing.T, timeout time.Duration, give roundTripFunc) (begins []time.Duration, took time.Duration,
	err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		hc := &http.Client{Transport: roundTripFunc(func(r *http.Request) (*http.Response, error) {
			begins = append(begins, time.Since(start))
			return give(r)
		})}
		ctx, cancel := context.WithTimeout(t.Context(), timeout)
		defer cancel()
		_, err = newClient(t, "http://oms.test", hc, Options{}).ListProjects(ctx, ListProjectsRequest{})
		took = time.Since(start)
	})
	return begins, took, err
}

func TestRetry(t *testing.T) {
	fails := func(err error) roundTripFunc { return func(*http.Request) (*http.Response, error) { return nil, err } }
	answers := func(status int, body string) roundTripFunc {
		return func(*http.Request) (*http.Response, error) { return answer(status, body), nil }
	}
	ends := func(start string, err error) roundTripFunc {
		return func(*http.Request) (*http.Response, error) {
			res := answer(200, "")
			res.Body = io.NopCloser(io.MultiReader(strings.NewReader(start), iotest.ErrReader(err)))
			return res, nil
		}
	}
	reset := &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	for _, tt := range []struct {
		rule     string
		give     roundTripFunc
		reason   Reason
		attempts int
	}{
		{"refused", fails(&net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}), Connect, 3},
		{"unreachable", fails(&net.OpError{Op: "dial", Net: "tcp", Err: syscall.EHOSTUNREACH}), Connect, 3},
		{"the kernel gave up connecting", fails(&net.OpError{Op: "dial", Net: "tcp", Err: syscall.ETIMEDOUT}), Connect,
			3},
		{"no such host", fails(&net.DNSError{Err: "no such host", Name: "oms.test", IsNotFound: true}), Connect, 3},
		{"reset before the answer", fails(reset), Connect, 3},
		{"closed before the answer", fails(io.EOF), Connect, 3},
		{"an HTTP/2 stream that breaks", fails(errors.New("stream error: stream ID 3; INTERNAL_ERROR")), Connect, 3},
		{"reset in the body", ends(`{"data":[`, reset), Connect, 3},
		{"a body that ends early", ends(`{"data":[`, io.ErrUnexpectedEOF), Decode, 3},
		{"a body that ends early, as far as HTTP goes whole", answers(200, `{"data":[`), Decode, 3},
		{"an empty body", answers(200, ""), Decode, 3},
		{"429", answers(429, ""), HTTP, 3},
		{"502", answers(502, ""), HTTP, 3},
		{"503", answers(503, ""), HTTP, 3},
		{"504", answers(504, ""), HTTP, 3},

		{"204", answers(204, ""), HTTP, 1},
		{"302", answers(302, ""), HTTP, 1},
		{"400", answers(400, ""), HTTP, 1},
		{"401", answers(401, ""), Auth, 1},
		{"403", answers(403, ""), Auth, 1},
		{"404", answers(404, ""), HTTP, 1},
		{"407", answers(407, ""), Connect, 1},
		{"408", answers(408, ""), HTTP, 1},
		{"500", answers(500, ""), HTTP, 1},
		{"501", answers(501, ""), HTTP, 1},
		{"505", answers(505, ""), HTTP, 1},
		{"success false", answers(200, `{"success":false,"code":"INNER_ERROR"}`), API, 1},
		{"no data", answers(200, `{"success":true}`), API, 1},
		{"a web page", answers(200, `<html></html>`), Decode, 1},
		{"data that are no list", answers(200, `{"data":{}}`), Decode, 1},
		{"an answer too long", ends(`{"data":[`, &tooLongError{10}), Limit, 1},
		{"a certificate", fails(errors.New("tls: failed to verify certificate")), TLS, 1},
		{"a secret file", fails(fmt.Errorf("unable to read file: %w",
			&fs.PathError{Op: "open", Path: "/x", Err: fs.ErrPermission})), Auth, 1},
		{"a proxy that refuses the request", fails(errors.New("Forbidden")), Connect, 1},
		{"the transport's own time limits", fails(&net.OpError{Op: "dial", Net: "tcp", Err: timeLimit{}}), Timeout, 1},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			begins, _, err := attemptTimes(t, time.Hour, tt.give)
			if reasonOf(err) != tt.reason || len(begins) != tt.attempts {
				t.Errorf("%d attempts, %v", len(begins), err)
			}
		})
	}
}

// timeLimit is a net.Error, like the time limit of a dialer.
type timeLimit struct{}

func (timeLimit) Error() string   { return "i/o timeout" }
func (timeLimit) Timeout() bool   { return true }
func (timeLimit) Temporary() bool { return true }

func TestRetryPause(t *testing.T) {
	reset := &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	for _, tt := range []struct {
		rule    string
		timeout time.Duration
		give    roundTripFunc
		first   time.Duration
	}{
		{"a connection that breaks", 40 * time.Second,
			func(*http.Request) (*http.Response, error) { return nil, reset }, firstPause},
		{"a rate limit: the pause depends on the remaining time", 40 * time.Second,
			func(*http.Request) (*http.Response, error) { return answer(503, ""), nil }, 5 * time.Second},
		{"a rate limit and less time", 8 * time.Second, func(*http.Request) (*http.Response, error) { return answer(429, ""), nil },
			time.Second},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			seen := map[time.Duration]bool{}
			for range 50 {
				begins, _, _ := attemptTimes(t, tt.timeout, tt.give)
				if len(begins) != maxAttempts {
					t.Fatalf("attempts at %v", begins)
				}
				first, second := begins[1], begins[2]-begins[1]
				if first < tt.first/2 || first > 3*tt.first/2 || second < tt.first*3/4 || second > 3*tt.first {
					t.Errorf("pauses of %v and %v", first, second)
				}
				seen[first] = true
			}
			if len(seen) < 25 {
				t.Errorf("%d different pauses: they are not drawn at random", len(seen))
			}
		})
	}
}

func TestRetryAfter(t *testing.T) {
	const date, in7s = "Fri, 13 Sep 2024 09:08:34 GMT", "Fri, 13 Sep 2024 09:08:41 GMT"
	usual := [2]time.Duration{time.Minute / spread / 2, time.Minute / spread * 3 / 2}
	exactly := func(d time.Duration) [2]time.Duration { return [2]time.Duration{d, d} }
	for _, tt := range []struct {
		rule     string
		headers  []string
		attempts int
		pause    [2]time.Duration // minimum and maximum before the second attempt
	}{
		{"none", nil, 3, usual},
		{"seconds", []string{"Retry-After: 7"}, 3, exactly(7 * time.Second)},
		{"a date, by the server's clock", []string{"Retry-After: " + in7s, "Date: " + date}, 3,
			exactly(7 * time.Second)},
		{"a date that has passed", []string{"Retry-After: " + date, "Date: " + in7s}, 3, usual},
		{"zero", []string{"Retry-After: 0"}, 3, usual},
		{"an invalid value", []string{"Retry-After: soon"}, 3, usual},
		{"less than zero", []string{"Retry-After: -7"}, 3, usual},
		{"up to the deadline", []string{"Retry-After: 60"}, 1, exactly(0)},
		{"beyond the deadline", []string{"Retry-After: 3600"}, 1, exactly(0)},
		{"a date beyond the deadline", []string{"Retry-After: Sat, 13 Sep 2025 09:08:34 GMT", "Date: " + date}, 1,
			exactly(0)},
		{"out of range", []string{"Retry-After: 99999999999999999999"}, 1, exactly(0)},
	} {
		for _, status := range []int{429, 502, 503, 504} {
			t.Run(fmt.Sprintf("%d %s", status, tt.rule), func(t *testing.T) {
				begins, took, err := attemptTimes(t, time.Minute,
					func(*http.Request) (*http.Response, error) { return answer(status, "", tt.headers...), nil })
				var failure *Error
				if len(begins) != tt.attempts || !errors.As(err, &failure) || failure.Reason != HTTP ||
					failure.Status != status {
					t.Fatalf("%d attempts, %v", len(begins), err)
				}
				if pause := append(begins, took)[1]; pause < tt.pause[0] || pause > tt.pause[1] {
					t.Errorf("a pause of %v", pause)
				}
			})
		}
	}
	t.Run("beyond the deadline of a waiter, as long as it waits", func(t *testing.T) {
		for _, leaves := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				attempts := 0
				hc := &http.Client{Transport: roundTripFunc(func(*http.Request) (*http.Response, error) {
					attempts++
					return answer(503, "", "Retry-After: 15"), nil
				})}
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				var progress Progress
				leave := progress.AddWaiter(time.Now().Add(10*time.Second), true)
				want := 1
				if leaves {
					leave()
					want = maxAttempts
				}
				w := newWalker(t, newClient(t, "http://oms.test", hc, Options{}), WalkOptions{})
				if _, err := w.Walk(ctx, &progress); reasonOf(err) != HTTP || attempts != want {
					t.Errorf("leaves %t: %d attempts, %v", leaves, attempts, err)
				}
			})
		}
	})
	t.Run("without a Date header a date counts from the local clock", func(t *testing.T) {
		begins, _, _ := attemptTimes(t, time.Minute, func(*http.Request) (*http.Response, error) {
			return answer(503, "", "Retry-After: "+time.Now().Add(7*time.Second).UTC().Format(http.TimeFormat)), nil
		})
		if len(begins) != 3 || begins[1] != 7*time.Second {
			t.Errorf("attempts at %v", begins)
		}
	})
}
