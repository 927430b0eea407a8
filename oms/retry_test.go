package oms

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// answer is a response of this status and body, with headers given as "Name: value".
func answer(status int, body string, headers ...string) *http.Response {
	h := http.Header{}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		h.Set(name, value)
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), ContentLength: -1}
}

// try asks for a page over a transport that gives the same each time, in a bubble. It returns when the attempts began.
func try(t *testing.T, timeout time.Duration, give transport) (begins []time.Duration, took time.Duration, err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		hc := &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
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

func TestWhichFailuresAreRetried(t *testing.T) {
	fails := func(err error) transport { return func(*http.Request) (*http.Response, error) { return nil, err } }
	answers := func(status int, body string) transport {
		return func(*http.Request) (*http.Response, error) { return answer(status, body), nil }
	}
	ends := func(start string, err error) transport {
		return func(*http.Request) (*http.Response, error) {
			res := answer(200, "")
			res.Body = io.NopCloser(io.MultiReader(strings.NewReader(start), errReader{err}))
			return res, nil
		}
	}
	reset := &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	for _, tt := range []struct {
		rule     string
		give     transport
		reason   Reason
		attempts int
	}{
		{"refused", fails(&net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}), Connect, 3},
		{"unreachable", fails(&net.OpError{Op: "dial", Net: "tcp", Err: syscall.EHOSTUNREACH}), Connect, 3},
		{"the kernel gave up connecting", fails(&net.OpError{Op: "dial", Net: "tcp", Err: syscall.ETIMEDOUT}), Connect, 3},
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
		{"an answer too long", ends(`{"data":[`, &tooLargeError{10}), Limit, 1},
		{"a certificate", fails(errors.New("tls: failed to verify certificate")), TLS, 1},
		{"a secret file", fails(fmt.Errorf("unable to read file: %w", &fs.PathError{Op: "open", Path: "/x", Err: fs.ErrPermission})), Auth, 1},
		{"a proxy that says no", fails(errors.New("Forbidden")), Connect, 1},
		{"the transport's own time limits", fails(&net.OpError{Op: "dial", Net: "tcp", Err: timeLimit{}}), Timeout, 1},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			begins, _, err := try(t, time.Hour, tt.give)
			var failure *Error
			if !errors.As(err, &failure) || failure.Reason != tt.reason || len(begins) != tt.attempts {
				t.Errorf("%d attempts, %v", len(begins), err)
			}
		})
	}
}

type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }

// timeLimit is a net.Error as a dialer's own limit gives it.
type timeLimit struct{}

func (timeLimit) Error() string   { return "i/o timeout" }
func (timeLimit) Timeout() bool   { return true }
func (timeLimit) Temporary() bool { return true }

func TestPausesDoubleAndDiffer(t *testing.T) {
	seen := map[time.Duration]bool{}
	for range 50 {
		begins, _, _ := try(t, time.Hour, func(*http.Request) (*http.Response, error) { return answer(503, ""), nil })
		first, second := begins[1], begins[2]-begins[1]
		if first < firstPause/2 || first > 3*firstPause/2 || second < firstPause || second > 3*firstPause {
			t.Errorf("pauses of %v and %v", first, second)
		}
		seen[first] = true
	}
	if len(seen) < 25 {
		t.Errorf("%d different pauses: they are not drawn at random", len(seen))
	}
}

func TestRetryAfter(t *testing.T) {
	const date, in7s = "Fri, 13 Sep 2024 09:08:34 GMT", "Fri, 13 Sep 2024 09:08:41 GMT"
	usual := [2]time.Duration{firstPause / 2, 3 * firstPause / 2}
	exactly := func(d time.Duration) [2]time.Duration { return [2]time.Duration{d, d} }
	for _, tt := range []struct {
		rule     string
		headers  []string
		attempts int
		pause    [2]time.Duration // before the second attempt, at least and at most
	}{
		{"none", nil, 3, usual},
		{"seconds", []string{"Retry-After: 7"}, 3, exactly(7 * time.Second)},
		{"a date, by the server's clock", []string{"Retry-After: " + in7s, "Date: " + date}, 3, exactly(7 * time.Second)},
		{"a date that has passed", []string{"Retry-After: " + date, "Date: " + in7s}, 3, usual},
		{"zero", []string{"Retry-After: 0"}, 3, usual},
		{"what cannot be read", []string{"Retry-After: soon"}, 3, usual},
		{"less than zero", []string{"Retry-After: -7"}, 3, usual},
		{"up to the deadline", []string{"Retry-After: 60"}, 1, exactly(0)},
		{"beyond the deadline", []string{"Retry-After: 3600"}, 1, exactly(0)},
		{"a date beyond the deadline", []string{"Retry-After: Sat, 13 Sep 2025 09:08:34 GMT", "Date: " + date}, 1, exactly(0)},
		{"beyond all measure", []string{"Retry-After: 99999999999999999999"}, 1, exactly(0)},
	} {
		for _, status := range []int{429, 502, 503, 504} {
			t.Run(fmt.Sprintf("%d %s", status, tt.rule), func(t *testing.T) {
				begins, took, err := try(t, time.Minute, func(*http.Request) (*http.Response, error) { return answer(status, "", tt.headers...), nil })
				var failure *Error
				if len(begins) != tt.attempts || !errors.As(err, &failure) || failure.Reason != HTTP || failure.Status != status {
					t.Fatalf("%d attempts, %v", len(begins), err)
				}
				if pause := append(begins, took)[1]; pause < tt.pause[0] || pause > tt.pause[1] {
					t.Errorf("a pause of %v", pause)
				}
			})
		}
	}
	t.Run("a date without the server's clock is held against our own", func(t *testing.T) {
		begins, _, _ := try(t, time.Minute, func(*http.Request) (*http.Response, error) {
			return answer(503, "", "Retry-After: "+time.Now().Add(7*time.Second).UTC().Format(http.TimeFormat)), nil
		})
		if len(begins) != 3 || begins[1] != 7*time.Second {
			t.Errorf("attempts at %v", begins)
		}
	})
}

// pipes is a client whose connections are pipes, each served by what talk does with it.
func pipes(t *testing.T, talk func(net.Conn)) *http.Client {
	transport := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		go func() {
			defer func() { _ = theirs.Close() }()
			if _, err := http.ReadRequest(bufio.NewReader(theirs)); err == nil {
				talk(theirs)
			}
			_, _ = io.Copy(io.Discard, theirs) // until the client goes away
		}()
		return ours, nil
	}}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func TestTheDeadlineHoldsInEachPhase(t *testing.T) {
	const timeout = 10 * time.Second
	for _, tt := range []struct {
		rule    string
		client  func(t *testing.T) *http.Client
		reason  Reason
		message string
	}{
		{"while it connects", func(t *testing.T) *http.Client {
			transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				<-ctx.Done()
				return nil, ctx.Err()
			}}
			t.Cleanup(transport.CloseIdleConnections) // net/http goes on dialling for the next request
			return &http.Client{Transport: transport}
		}, Timeout, "OMS prod: page 1: no connection in time: check url, and firewalls on the way"},
		{"before the headers", func(t *testing.T) *http.Client { return pipes(t, func(net.Conn) {}) },
			Timeout, "OMS prod: page 1: no answer in time: " + timeoutHint},
		{"within the body", func(t *testing.T) *http.Client {
			return pipes(t, func(c net.Conn) {
				_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"data\":[")
			})
		}, Timeout, "OMS prod: page 1: the answer was not complete in time: " + timeoutHint},
		{"within the body of an error", func(t *testing.T) *http.Client {
			return pipes(t, func(c net.Conn) {
				_, _ = io.WriteString(c, "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 100\r\n\r\nout of memory")
			})
		}, HTTP, "OMS prod: page 1: 500 Internal Server Error: out of memory: look at the log of the OMS"},
		{"in a pause between attempts", func(*testing.T) *http.Client {
			return &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
				time.Sleep(timeout - firstPause/2 - 1)
				return answer(503, ""), r.Context().Err()
			})}
		}, HTTP, "OMS prod: page 1: 503 Service Unavailable: the OMS, or a proxy before it, is in trouble: look whether its console works"},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // which fails if a goroutine outlives it
				var told story
				c := newClient(t, "http://oms.test", tt.client(t), told.options())
				w := newWalker(t, c, WalkOptions{})
				ctx, cancel := context.WithTimeout(t.Context(), timeout)
				defer cancel()
				start := time.Now()
				_, err := w.Walk(ctx, nil)
				var failure *Error
				if !errors.As(err, &failure) || failure.Reason != tt.reason || failure.Error() != tt.message {
					t.Errorf("failed with %v", err)
				}
				if took := time.Since(start); took != timeout {
					t.Errorf("ended after %v", took)
				}
				if got := told.outcomes(); !slices.Equal(got, []string{string(tt.reason)}) {
					t.Errorf("told %v", got)
				}
			})
		})
	}
}

func TestEachAttemptIsToldOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told story
		n := 0
		hc := &http.Client{Transport: transport(func(*http.Request) (*http.Response, error) {
			time.Sleep(time.Second)
			n++
			return []*http.Response{answer(503, "busy"), answer(200, `{"data":[`), answer(200, `{"data":[{"id":"a"},null]}`)}[n-1], nil
		})}
		page, err := newClient(t, "http://oms.test", hc, told.options()).ListProjects(t.Context(), ListProjectsRequest{PageNumber: 5, PageSize: 2})
		if err != nil || len(page.Tasks) != 1 {
			t.Fatalf("%v, %v", page, err)
		}
		for i, want := range []struct {
			outcome string
			status  int
			bytes   int64
			rows    int
		}{{"http", 503, 4, 0}, {"decode", 200, 9, 0}, {"ok", 200, 26, 2}} {
			a := told.attempts[i]
			if a.Outcome() != want.outcome || a.Status != want.status || a.Bytes != want.bytes || a.Rows != want.rows ||
				a.Number != i+1 || a.Page != 5 || a.Action != ActionListProjects || a.Duration != time.Second {
				t.Errorf("attempt %d: %+v", i+1, a)
			}
		}
		if len(told.attempts) != 3 {
			t.Errorf("%d attempts", len(told.attempts))
		}
	})
}

func TestAFailingPageBreaksTheOthersOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told story
		hc := &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
			body, _ := io.ReadAll(r.Body)
			var page int
			_, _ = fmt.Sscanf(string(body[strings.Index(string(body), `"pageNumber"`):]), `"pageNumber":%d`, &page)
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
		w := newWalker(t, newClient(t, "http://oms.test", hc, told.options()), WalkOptions{PageSize: 1, Concurrency: 3})
		start := time.Now()
		walk, err := w.Walk(t.Context(), nil)
		var failure *Error
		if !errors.As(err, &failure) || failure.Page != 3 || failure.Status != 500 || time.Since(start) != time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		// Pages 1 and 4 were read, 3 failed; 2 was broken off, like 5, which was under way; the others never began.
		if got := told.outcomes(); !slices.Equal(got, []string{"ok", "http", "ok"}) || walk.Pages != 2 {
			t.Errorf("told %v, %d pages", got, walk.Pages)
		}
	})
}

func TestACallerThatGoesAwayEndsTheWalk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(3*time.Second, cancel)
		c := newClient(t, "http://oms.test", pipes(t, func(net.Conn) {}), Options{Target: "prod"})
		start := time.Now()
		_, err := newWalker(t, c, WalkOptions{}).Walk(ctx, nil)
		var failure *Error
		if !errors.As(err, &failure) || failure.Reason != Timeout || time.Since(start) != 3*time.Second || !errors.Is(err, context.Canceled) {
			t.Errorf("%v after %v", err, time.Since(start))
		}
	})
}
