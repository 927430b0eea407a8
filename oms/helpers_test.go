package oms

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oms-exporter/oms_exporter/oms/simulator"
)

// recorder records the calls of a client's hooks.
type recorder struct {
	mu         sync.Mutex
	attempts   []Attempt
	decisions  []string
	onDecision func(string)
}

func (s *recorder) options() Options {
	return Options{
		Target: "prod", User: "monitor",
		Redact: func() func(string) string { return redactPassword },
		OnAttempt: func(a Attempt) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.attempts = append(s.attempts, a)
		},
		OnDecision: func(text string) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.decisions = append(s.decisions, text)
			if s.onDecision != nil {
				s.onDecision(text)
			}
		},
	}
}

// outcomes returns the outcomes of the attempts so far, in the order of their pages.
func (s *recorder) outcomes() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	attempts := slices.Clone(s.attempts)
	slices.SortStableFunc(attempts, func(a, b Attempt) int { return a.Page - b.Page })
	var outcomes []string
	for _, a := range attempts {
		outcomes = append(outcomes, a.Outcome())
	}
	return outcomes
}

// serve runs a handler on a loopback listener until the test ends.
func serve(t testing.TB, h http.Handler) (url string, hc *http.Client) {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL, server.Client()
}

func newClient(t testing.TB, url string, hc *http.Client, o Options) *Client {
	t.Helper()
	c, err := New(url, hc, o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func newWalker(t testing.TB, c *Client, o WalkOptions) *Walker {
	t.Helper()
	w, err := NewWalker(c, o)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// simulate returns an OMS with so many tasks and a walker for it.
func simulate(t testing.TB, tasks int, behaviour simulator.Behaviour, o WalkOptions) (*simulator.Simulator, *Walker,
	*recorder) {
	t.Helper()
	s := simulator.New(simulator.Options{Generated: max(1, tasks), Active: 0.5, Behaviour: behaviour})
	url, hc := serve(t, s)
	var recorded recorder
	return s, newWalker(t, newClient(t, url, hc, recorded.options()), o), &recorded
}

// reasonOf returns the reason of an error, or "" if it is not an *Error.
func reasonOf(err error) Reason {
	if failure, ok := errors.AsType[*Error](err); ok {
		return failure.Reason
	}
	return ""
}

func truth(s *simulator.Simulator) []string {
	var ids []string
	for _, row := range s.Truth(s.Now()) {
		ids = append(ids, row.ID)
	}
	return ids
}

// roundTripFunc answers requests in memory: there are no sockets in a synctest bubble.
type roundTripFunc func(*http.Request) (*http.Response, error)

func (f roundTripFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// inMemory returns a client whose requests a handler answers after a delay, or that fails like a socket if the request
// ends before.
func inMemory(h http.Handler, delay time.Duration) *http.Client {
	return &http.Client{Transport: roundTripFunc(func(r *http.Request) (*http.Response, error) {
		select {
		case <-time.After(delay):
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Result(), nil
	})}
}

// pipes returns a client whose connections are pipes. talk serves each of them.
func pipes(t *testing.T, talk func(net.Conn)) *http.Client {
	transport := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		go func() {
			defer func() { _ = theirs.Close() }()
			if r, err := http.ReadRequest(bufio.NewReader(theirs)); err == nil {
				_, _ = io.Copy(io.Discard, r.Body)
				talk(theirs)
			}
			_, _ = io.Copy(io.Discard, theirs) // until the client goes away
		}()
		return ours, nil
	}}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// silentOMS returns an OMS behind pipes that sends start and nothing more until the client closes. It runs in a
// synctest bubble.
func silentOMS(start string) fakeOMS {
	return func(t *testing.T) (string, *http.Client) {
		return "http://oms.test", pipes(t, func(c net.Conn) { _, _ = io.WriteString(c, start) })
	}
}

// noConnection returns a client that never gets a connection.
func noConnection(t *testing.T) (string, *http.Client) {
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}}
	t.Cleanup(transport.CloseIdleConnections) // net/http goes on dialling for the next request
	return "http://oms.test", &http.Client{Transport: transport}
}

// pageNumber returns the pageNumber of a request.
func pageNumber(t testing.TB, r *http.Request) int {
	t.Helper()
	var request struct{ PageNumber int }
	if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
		t.Error(err)
	}
	return request.PageNumber
}

// redactPassword redacts the password of the tests.
func redactPassword(s string) string { return strings.ReplaceAll(s, "hunter2", "<secret>") }
