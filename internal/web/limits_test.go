package web

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
	"github.com/oms-exporter/oms_exporter/oms/simulator"
)

func TestMoreScrapesThanAllowedAreRefusedOnBothPathsTogether(t *testing.T) {
	oms := startOMS(t)
	oms.Set(func(b *simulator.Behaviour) { b.Faults = []simulator.Fault{{Kind: simulator.Silence}} })
	e := startExporter(t, func(o *Options) { o.MaxRequests = 2 }, oms.target("prod"), oms.target("other"))

	ctx, leave := context.WithCancel(t.Context())
	var waiting sync.WaitGroup
	defer waiting.Wait()
	defer leave()
	for _, path := range []string{"/metrics", "/probe?target=prod"} {
		waiting.Go(func() {
			req, _ := http.NewRequestWithContext(ctx, http.MethodGet, e.http.URL+path, nil)
			if res, err := e.http.Client().Do(req); err == nil {
				_ = res.Body.Close()
			}
		})
	}
	testutil.Eventually(t, "two scrapes are under way", func() bool { return len(e.scrapes) == 2 })

	for _, path := range []string{"/metrics", "/probe?target=prod", "/probe?target=other&debug=true", "/probe"} {
		got := e.get(path)
		if got.Status != http.StatusServiceUnavailable || got.Body != "2 scrapes are under way, which is all that --web.max-requests allows\n" {
			t.Errorf("%s: %d %q", path, got.Status, got.Body)
		}
	}
	for _, path := range []string{"/", "/sd", "/config", "/-/healthy", "/-/ready"} {
		if got := e.get(path); got.Status != http.StatusOK {
			t.Errorf("%s is no scrape, and yet: %d", path, got.Status)
		}
	}
	if n := e.log.count("A scrape was refused"); n != 1 {
		t.Errorf("the refusals are logged %d times within a minute, want once", n)
	}
	leave()
	testutil.Eventually(t, "the places of scrapes that went away are free", func() bool { return len(e.scrapes) == 0 })
	oms.Set(func(b *simulator.Behaviour) { b.Faults = nil })
	if got := e.get("/metrics"); got.Status != http.StatusOK || got.Series(`promhttp_metric_handler_requests_total{code="503"}`) != "1" {
		t.Errorf("afterwards: %d, and the refusal of /metrics is not counted", got.Status)
	}
}

func TestAThousandScrapesAtOnceAreOneWalkAndRefusals(t *testing.T) {
	oms := startOMS(t)
	oms.Set(func(b *simulator.Behaviour) { b.Faults = []simulator.Fault{{Kind: simulator.Silence}} })
	e := startExporter(t, func(o *Options) { o.MaxRequests = 5 }, oms.target("prod"))
	ctx, leave := context.WithCancel(t.Context())
	var left, refused atomic.Int32
	var all sync.WaitGroup
	for range 1000 {
		all.Go(func() {
			answer := httptest.NewRecorder()
			e.ServeHTTP(answer, httptest.NewRequestWithContext(ctx, http.MethodGet, "/probe?target=prod", nil))
			switch {
			case answer.Code == http.StatusServiceUnavailable:
				refused.Add(1)
			case answer.Body.Len() == 0: // nothing is rendered for who is gone
				left.Add(1)
			}
		})
	}
	testutil.Eventually(t, "all but 5 are refused", func() bool { return refused.Load() == 995 })
	testutil.Eventually(t, "the walk asks", func() bool { return oms.asked() > 0 })
	leave()
	all.Wait()
	if left.Load() != 5 || oms.asked() != 1 {
		t.Errorf("%d scrapes waited, OMS was asked %d times, want 5 and once", left.Load(), oms.asked())
	}
}

func TestABodyThatNeverEndsIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &Server{handler: http.HandlerFunc(serveOK)}
		client := overPipe(t, s)
		start := time.Now()
		_, _ = io.WriteString(client, "POST /-/reload HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nslow")
		answer, err := io.ReadAll(client)
		if waited := time.Since(start); err != nil || waited < bodyTimeout || waited > bodyTimeout+time.Second {
			t.Errorf("the connection ended after %s: %q, %v", waited, answer, err)
		}
		if !strings.HasPrefix(string(answer), "HTTP/1.1 200 OK") {
			t.Errorf("answer is %q", answer)
		}
	})
}

func TestAReaderThatDoesNotReadIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var walked, ended time.Duration
		start := time.Now()
		s := &Server{scrapes: make(chan struct{}, 1), options: usualOptions(nil, io.Discard)}
		s.handler = s.bounded(func(w http.ResponseWriter, _ *http.Request) {
			time.Sleep(10 * time.Minute) // a walk may take longer than sending
			walked = time.Since(start)
			setSendDeadline(w, sendTimeout)
			for i := range 1000 {
				if _, err := fmt.Fprintf(w, "oms_task{i=\"%d\"} 1 %s\n", i, strings.Repeat("x", 1000)); err != nil {
					break
				}
			}
			ended = time.Since(start)
		})
		client := overPipe(t, s)
		_, _ = io.WriteString(client, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
		time.Sleep(time.Hour)
		synctest.Wait()
		if walked != 10*time.Minute || ended != walked+sendTimeout || len(s.scrapes) != 0 {
			t.Errorf("walked for %s, given up after %s, places taken: %d", walked, ended, len(s.scrapes))
		}
	})
}

func TestASecondRequestOfAConnectionHasTimeOfItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &Server{handler: http.HandlerFunc(serveOK)}
		client := overPipe(t, s)
		for range 3 {
			_, _ = io.WriteString(client, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
			res, err := http.ReadResponse(bufio.NewReader(client), nil)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, res.Body)
			_ = res.Body.Close()
			time.Sleep(2 * sendTimeout)
		}
	})
}

// overPipe serves handler over a connection in memory, whose other end it gives.
func overPipe(t *testing.T, handler http.Handler) net.Conn {
	client, server := net.Pipe()
	conns := make(chan net.Conn, 1)
	conns <- server
	h := &http.Server{Handler: handler, ReadHeaderTimeout: time.Hour}
	go func() { _ = h.Serve(pipeListener(conns)) }()
	t.Cleanup(func() {
		_ = client.Close()
		_ = h.Close()
	})
	return client
}

// pipeListener accepts the connections in the channel.
type pipeListener chan net.Conn

func (l pipeListener) Accept() (net.Conn, error) {
	if conn, ok := <-l; ok {
		return conn, nil
	}
	return nil, net.ErrClosed
}

func (l pipeListener) Close() error   { close(l); return nil }
func (l pipeListener) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "pipe"} }
