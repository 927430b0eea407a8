package web

import (
	"bufio"
	"context"
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
	testutil.Eventually(t, "two scrapes are under way", func() bool { return len(e.scrapes.places) == 2 })

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
	if n := e.log.count("A request was refused: too many scrapes"); n != 1 {
		t.Errorf("the refusals are logged %d times within a minute, want once", n)
	}
	leave()
	testutil.Eventually(t, "the places of scrapes that went away are free", func() bool { return len(e.scrapes.places) == 0 })
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
			serve(e, answer, httptest.NewRequestWithContext(ctx, http.MethodGet, "/probe?target=prod", nil))
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

func TestSlowReaders(t *testing.T) {
	const size = 1 << 20
	// scrape serves an answer of size bytes after a walk of ten minutes, and returns when it ended and whether it was whole.
	scrape := func(t *testing.T, client func(net.Conn)) (took time.Duration, whole bool) {
		start := time.Now()
		s := &Server{scrapes: newLimiter(1, "scrapes", "a test"), options: usualOptions(nil, io.Discard)}
		s.handler = s.limitScrapes(func(w http.ResponseWriter, _ *http.Request) {
			time.Sleep(10 * time.Minute) // a walk may take longer than sending
			n, _ := w.Write(make([]byte, size))
			took, whole = time.Since(start)-10*time.Minute, n == size
		})
		conn := overPipe(t, s)
		_, _ = io.WriteString(conn, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
		client(conn)
		time.Sleep(time.Hour)
		synctest.Wait()
		if len(s.scrapes.places) != 0 {
			t.Error("the place of the scrape is not free")
		}
		return took, whole
	}
	t.Run("a reader that does not read loses its place in seconds", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			if took, whole := scrape(t, func(net.Conn) {}); whole || took != stallTimeout {
				t.Errorf("given up after %s; whole: %t", took, whole)
			}
		})
	})
	t.Run("a reader that stops in the middle does, too", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			took, whole := scrape(t, func(conn net.Conn) { _, _ = io.CopyN(io.Discard, conn, size/2) })
			if whole || took != stallTimeout {
				t.Errorf("given up after %s; whole: %t", took, whole)
			}
		})
	})
	t.Run("a slow reader gets the whole answer", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			took, whole := scrape(t, func(conn net.Conn) {
				for range size / (8 << 10) { // 8 kB a second
					time.Sleep(time.Second)
					_, _ = io.CopyN(io.Discard, conn, 8<<10)
				}
				go func() { _, _ = io.Copy(io.Discard, conn) }() // the header and the sizes of chunks
			})
			if !whole || took < 2*time.Minute {
				t.Errorf("ended after %s; whole: %t", took, whole)
			}
		})
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
			time.Sleep(2 * stallTimeout)
		}
	})
}

func TestPagesAreBounded(t *testing.T) {
	e := startExporter(t, nil, startOMS(t).target("prod"))
	e.get("/metrics")
	for range maxPages {
		e.pages.enter()
	}
	for _, path := range []string{"/", "/tasks?target=prod"} {
		if got := e.get(path); got.Status != http.StatusServiceUnavailable || got.Header.Get("Retry-After") == "" {
			t.Errorf("%s beyond the limit: %d", path, got.Status)
		}
	}
	if got := e.get("/metrics"); got.Status != http.StatusOK {
		t.Errorf("a scrape meanwhile: %d", got.Status)
	}
	for range maxPages {
		e.pages.leave()
	}
	if got := e.get("/"); got.Status != http.StatusOK {
		t.Errorf("afterwards: %d", got.Status)
	}
	if len(e.pages.places)+len(e.renders.places) != 0 {
		t.Error("a place is still taken")
	}
}

func TestLimiterWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLimiter(1, "tests", "a test")
		if !l.wait(t.Context(), time.Minute) {
			t.Fatal("no place in an empty limiter")
		}
		start := time.Now()
		if l.wait(t.Context(), time.Minute) || time.Since(start) != time.Minute {
			t.Errorf("gave up after %s", time.Since(start))
		}
		ctx, leave := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, leave)
		if l.wait(ctx, time.Minute) || time.Since(start) != time.Minute+time.Second {
			t.Errorf("a client that left waited until %s", time.Since(start))
		}
		time.AfterFunc(time.Second, l.leave)
		if !l.wait(t.Context(), time.Minute) {
			t.Error("a place that becomes free is not taken")
		}
	})
}

func TestOneDebugWalkAtATime(t *testing.T) {
	e := startExporter(t, nil, startOMS(t).target("prod"))
	e.debugs.enter()
	if got := e.get("/probe?target=prod&debug=true"); got.Status != http.StatusServiceUnavailable ||
		got.Body != "1 debug walks are under way, which is all that the exporter allows\n" {
		t.Errorf("%d %q", got.Status, got.Body)
	}
	e.debugs.leave()
	if got := e.get("/probe?target=prod&debug=true"); got.Status != http.StatusOK {
		t.Errorf("afterwards: %d", got.Status)
	}
}

func TestPanicOfAHandler(t *testing.T) {
	e := startExporter(t, nil, startOMS(t).target("prod"))
	e.handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, strings.Repeat("the start of an answer ", 1000))
		panic("password is " + password)
	})
	for range 3 {
		if got, err := testutil.Get(t, e.http.URL+"/"); err == nil {
			t.Errorf("the answer is whole: %d, %d bytes", got.Status, len(got.Body))
		}
	}
	if n := e.log.count("A request failed"); n != 1 || e.log.count(password) != 0 || e.log.count("TestPanicOfAHandler") != 1 {
		t.Errorf("%d lines about it, or not the place, or the password:\n%s", n, e.log.String())
	}
}

func TestExcerpt(t *testing.T) {
	if got := excerpt(strings.Repeat("x", maxLogParam)); len(got) != maxLogParam {
		t.Errorf("%d bytes", len(got))
	}
	if got := excerpt(strings.Repeat("界", maxLogParam)); len(got) > maxLogParam+len("…") || strings.ContainsRune(got, '\uFFFD') {
		t.Errorf("%q", got)
	}
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
