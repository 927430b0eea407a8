package oms

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
	"github.com/oms-exporter/oms_exporter/oms/simulator"
)

// viaMiddlebox returns a walker of a simulated OMS with 200 tasks, in pages of 20, behind a proxy whose connections can
// die.
func viaMiddlebox(t *testing.T, concurrency int) (*testutil.Middlebox, *Walker, *recorder) {
	t.Helper()
	// With the delay all pages are requested at the same time, on as many connections.
	behaviour := simulator.Behaviour{Faults: []simulator.Fault{{Delay: 20 * time.Millisecond}}}
	url, _ := serve(t, simulator.New(simulator.Options{Generated: 200, Behaviour: behaviour}))
	box := testutil.NewMiddlebox(t, strings.TrimPrefix(url, "http://"))
	transport := &http.Transport{MaxIdleConnsPerHost: 100}
	t.Cleanup(transport.CloseIdleConnections)
	recorded := new(recorder)
	c := newClient(t, "http://"+box.Address(), &http.Client{Transport: transport}, recorded.options())
	return box, newWalker(t, c, WalkOptions{PageSize: 20, Concurrency: concurrency}), recorded
}

func TestDeadConnections(t *testing.T) {
	for _, concurrency := range []int{1, 4, 10} {
		box, w, recorded := viaMiddlebox(t, concurrency)
		read := func(rule string) {
			t.Helper()
			if walk, err := w.Walk(t.Context(), nil); err != nil || len(walk.Tasks) != 200 {
				t.Errorf("%s, concurrency %d: %v", rule, concurrency, err)
			}
		}
		read("new connections")
		before := len(recorded.attempts)
		box.ResetOpen()
		read("reset while idle")
		resets := 0
		for _, a := range recorded.attempts[before:] {
			if a.Outcome() == string(Connect) {
				resets++
			}
		}
		if resets == 0 || len(recorded.attempts)-before != 11+resets {
			t.Errorf("concurrency %d: %d attempts recorded, %d of them reset, for 11 pages", concurrency,
				len(recorded.attempts)-before, resets)
		}
		box.SilenceOpen()
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		_, err := w.Walk(ctx, nil)
		cancel()
		if reasonOf(err) != Timeout {
			t.Errorf("concurrency %d: silent connections: %v", concurrency, err)
		}
		read("after one walk on silent connections")
	}
}

// The connection answers the first request and no later one, like one that a firewall has dropped.
func TestIdleConnectionError(t *testing.T) {
	for _, tt := range []struct {
		rule string
		idle time.Duration
		want string
	}{
		{"after a scrape interval", time.Minute,
			"OMS prod: page 1: no answer on a connection that was idle for 1m0s: " + idleHint},
		{"within a walk", time.Second, "OMS prod: page 1: no answer in time: " + timeoutHint},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				hc := pipes(t, func(c net.Conn) {
					_, _ = io.WriteString(c,
						"HTTP/1.1 200 OK\r\nContent-Length: 26\r\n\r\n{\"totalCount\":0,\"data\":[]}")
				})
				w := newWalker(t, newClient(t, "http://oms.test", hc, new(recorder).options()), WalkOptions{})
				if _, err := w.Walk(t.Context(), nil); err != nil {
					t.Fatal(err)
				}
				time.Sleep(tt.idle)
				for i, want := range []string{tt.want, ""} {
					ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
					_, err := w.Walk(ctx, nil)
					cancel()
					text := ""
					if err != nil {
						text = err.Error()
					}
					if text != want {
						t.Errorf("walk %d: %q, want %q", i+2, text, want)
					}
				}
			})
		})
	}
}
