package oms

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
	"github.com/oms-exporter/oms_exporter/oms/simulator"
)

// largeOMS returns a simulated OMS with 65 tasks, to read in pages of 20.
func largeOMS(b simulator.Behaviour) fakeOMS {
	return func(t *testing.T) (string, *http.Client) {
		return serve(t, simulator.New(simulator.Options{Generated: 65, Behaviour: b}))
	}
}

// failingWalk is a failure of a walk that needs more than one answer.
type failingWalk struct {
	failing
	options WalkOptions
}

func walkFailures() []failingWalk {
	pages, few := WalkOptions{PageSize: 20}, WalkOptions{PageSize: 20, MaxPages: 3}
	return []failingWalk{
		{failing{"no connection in time", Timeout, noConnection}, pages},
		{failing{"no answer in time", Timeout, silentOMS("")}, pages},
		{failing{"half an answer in time", Timeout,
			silentOMS("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"data\":[")}, pages},
		{failing{"an unreachable host", Connect,
			brokenTransport(&net.OpError{Op: "dial", Net: "tcp",
				Addr: &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 8089},
				Err:  os.NewSyscallError("connect", syscall.ETIMEDOUT)})}, pages},
		{failing{"more planned pages than max_pages", Limit, largeOMS(simulator.Behaviour{})}, few},
		{failing{"more pages than max_pages, none planned", Limit,
			largeOMS(simulator.Behaviour{Total: simulator.TotalAbsent})}, few},
		{failing{"no rows, although totalCount is not zero", API,
			largeOMS(simulator.Behaviour{FirstOnly: true, PageRows: map[int]int{1: 0}})}, pages},
		{failing{"a server that ignores pageNumber", API, largeOMS(simulator.Behaviour{FirstOnly: true})}, pages},
	}
}

func TestWalkErrors(t *testing.T) {
	var got strings.Builder
	record := func(rule string, err *Error, url string) {
		_, _ = fmt.Fprintf(&got, "%s\n    %s: %s\n", rule, err.Reason, stable(err.Error(), url))
	}
	for _, tt := range walkFailures() {
		t.Run(tt.rule, func(t *testing.T) {
			fail := func(t *testing.T) {
				url, hc := tt.oms(t)
				defer hc.CloseIdleConnections()
				w := newWalker(t, newClient(t, url, hc, new(recorder).options()), tt.options)
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				walk, err := w.Walk(ctx, nil)
				var failure *Error
				if !errors.As(err, &failure) || failure.Reason != tt.reason {
					t.Fatalf("failed with %v, want %s", err, tt.reason)
				}
				if walk == nil || walk.Tasks != nil || walk.Reported.Valid {
					t.Errorf("the walk is %+v", walk)
				}
				record(tt.rule, failure, url)
			}
			if tt.reason == Timeout {
				synctest.Test(t, fail) // a minute takes no time here
			} else {
				fail(t)
			}
		})
	}
	const rest = 29*time.Second + 500*time.Millisecond
	var silent Progress
	silent.addConnection(time.Minute)
	record("a scrape that waits no longer for an answer on an idle connection", silent.TimeoutError("prod", rest),
		"http://oms.test")
	record("a scrape that waits no longer", TimeoutError("prod", rest, 17), "http://oms.test")
	testutil.Golden(t, "testdata/walk_errors.golden", got.String())
}
