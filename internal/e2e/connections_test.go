package e2e

import (
	"bufio"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
	"github.com/oms-exporter/oms_exporter/oms/simulator"
)

// startLargeOMS starts an OMS whose exposition does not fit into the buffers of a connection.
func startLargeOMS(t *testing.T) omsServer {
	t.Helper()
	now := epoch.Add(simulator.StoryTime)
	return serveOMS(t, simulator.Options{
		Now: func() time.Time { return now }, Epoch: epoch, User: "monitor", Password: password, Generated: 3000, Active: 1,
	})
}

func TestHalfClosedConnection(t *testing.T) {
	p := start(t, nil, "--config.file="+configFile(t, startLargeOMS(t).target("prod", "  timeout: 2m")))
	for _, c := range []struct{ rule, path, protocol, header string }{
		{"metrics", "/metrics", "HTTP/1.1", ""},
		{"a probe", "/probe?target=prod", "HTTP/1.1", ""},
		{"gzip", "/probe?target=prod", "HTTP/1.1", "Accept-Encoding: gzip\r\n"},
		{"a debug walk", "/probe?target=prod&debug=true", "HTTP/1.1", ""},
		{"a client of HTTP/1.0, as some proxies are", "/probe?target=prod", "HTTP/1.0", ""},
	} {
		t.Run(c.rule, func(t *testing.T) {
			conn := p.dial().(*net.TCPConn)
			defer func() { _ = conn.Close() }()
			_, _ = fmt.Fprintf(conn, "GET %s %s\r\nHost: x\r\n%s\r\n", c.path, c.protocol, c.header)
			reader := bufio.NewReader(conn)
			if _, err := reader.Peek(1); err != nil { // the walk is complete and the answer has begun
				t.Fatal(err)
			}
			if err := conn.CloseWrite(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(100 * time.Millisecond) // the exporter must see the end before it has sent all
			res, err := http.ReadResponse(reader, nil)
			if err != nil {
				return // broken off visibly
			}
			defer func() { _ = res.Body.Close() }()
			size, err := io.Copy(io.Discard, res.Body)
			if err == nil {
				t.Errorf("an answer of %d bytes ends like a whole one", size)
			}
		})
	}
	if got := p.get("/metrics"); got.Tasks() < 3000 {
		t.Errorf("afterwards: %d tasks", got.Tasks())
	}
}

func TestReadersThatDoNotRead(t *testing.T) {
	t.Parallel() // it waits more than it computes
	p := start(
		t,
		nil,
		"--web.max-requests=2",
		"--config.file="+configFile(t, startLargeOMS(t).target("prod", "  timeout: 2m")),
	)
	var conns []*net.TCPConn
	// Both at the same time: the first one would lose its place while a slow machine walks for the second one.
	for range 2 {
		conn := p.dial().(*net.TCPConn)
		defer func() { _ = conn.Close() }()
		if err := conn.SetReadBuffer(4 << 10); err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(conn, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
		conns = append(conns, conn)
	}
	for _, conn := range conns {
		_, _ = bufio.NewReaderSize(conn, 16).Peek(1)
	}
	if got := p.get("/metrics"); got.Status != http.StatusServiceUnavailable {
		t.Fatalf("status %d: the places are not taken", got.Status)
	}
	begin := time.Now()
	p.Eventually("a place is free", func() bool { return p.get("/probe?target=prod").Status == http.StatusOK })
	if waited := time.Since(begin); waited > 40*time.Second {
		t.Errorf("a place was free after %s only", waited)
	}
}

func TestManyStatuses(t *testing.T) {
	p := start(t, nil, "--config.file="+configFile(t, "- {name: prod, url: "+listOMS(t, 3000, func(i int) string {
		return fmt.Sprintf(
			`{"id":"np_%d","name":"task","type":"T%d","status":"STATUS_%d_%s"}`,
			i,
			i,
			i,
			strings.Repeat("X", 150),
		)
	})+"}\n"))
	if got := p.get("/probe?target=prod"); got.Tasks() != 3000 {
		t.Fatalf("%d tasks", got.Tasks())
	}
	for _, path := range []string{"/", "/tasks?target=prod", "/tasks?target=prod&status=STATUS_2999_" +
		strings.Repeat("X", 150)} {
		if got := p.get(path); got.Status != http.StatusOK || len(got.Body) > 200<<10 {
			t.Errorf("%s: %d, %d bytes", path, got.Status, len(got.Body))
		}
	}
}

func TestLargeTexts(t *testing.T) {
	text := strings.Repeat("停", 700)
	detail := fmt.Sprintf(`{"code":%q,"level":%q,"message":"m%s","reason":%q,"proposal":%q}`, text, text, text, text, text)
	failure := fmt.Sprintf(
		`{"errorCode":"1","errorMsg":%q,"errorDetails":[%s]}`,
		text,
		detail+strings.Repeat(","+detail, 4),
	)
	var steps []string
	for n := range 20 {
		steps = append(steps, fmt.Sprintf(`{"name":"STEP-%d","order":%d,"status":"FAILED","extraInfo":%s}`, n, n, failure))
	}
	// The texts of a row are made once: making 40 MB a page takes longer than the timeout on a slow machine.
	rest := fmt.Sprintf(`"name":%q,"type":"MIGRATION","status":"FAILED","steps":[%s]}`, text, strings.Join(steps, ","))
	p := start(t, nil, "--config.file="+configFile(t, "- {name: prod, url: "+listOMS(t, 50, func(i int) string {
		return fmt.Sprintf(`{"id":"np_%d",`, i) + rest
	})+"}\n"))
	if got := p.get("/probe?target=prod"); got.Tasks() != 50 {
		t.Fatalf("%d tasks", got.Tasks())
	}
	if got := p.get("/tasks?target=prod"); got.Status != http.StatusOK || !strings.Contains(got.Body, "停停") ||
		len(got.Body) > 2<<20 {
		t.Errorf("%d, %d bytes", got.Status, len(got.Body))
	}
}

// listOMS serves rows as a list, page by page.
func listOMS(t *testing.T, rows int, row func(i int) string) (url string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var asked struct{ PageNumber, PageSize int }
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
			t.Error(err)
		}
		from := max(asked.PageNumber-1, 0) * asked.PageSize
		var list []string
		for i := from; i < min(rows, from+asked.PageSize); i++ {
			list = append(list, row(i))
		}
		_, _ = fmt.Fprintf(w, `{"success":true,"totalCount":%d,"data":[%s]}`, rows, strings.Join(list, ","))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestLoggedParameters(t *testing.T) {
	p := start(t, nil, "--demo", "--log.level=debug")
	p.get(
		"/probe?target=%1b%5b31m%e2%80%ae%e2%81%a6%7f%c2%85"+strings.Repeat("x", 4000),
		"X-Prometheus-Scrape-Timeout-Seconds",
		strings.Repeat("9", 4000),
	)
	p.Eventually("the scrape is logged", func() bool { return strings.Contains(p.Stderr.String(), "Scrape answered") })
	for _, r := range p.Stderr.String() {
		if !unicode.IsPrint(r) && r != '\n' {
			t.Errorf("%U is in the log", r)
		}
	}
	for line := range strings.Lines(p.Stderr.String()) {
		if len(line) > 1000 {
			t.Errorf("a line of %d bytes", len(line))
		}
	}
}

func TestTLSPortScan(t *testing.T) {
	folder, _ := certificate(t)
	p := start(t, nil, "--demo", "--web.config.file="+webConfig(t, folder, ""))
	scan := func(what string) {
		conn := p.dial()
		_, _ = io.WriteString(conn, what)
		_ = conn.Close()
	}
	for range 200 {
		scan("")
		scan("GET / HTTP/1.0\r\n\r\n")
	}
	client := &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: nil} // it trusts nobody here
	for range 20 {
		if conn, err := (&tls.Dialer{Config: client}).DialContext(
			t.Context(),
			"tcp",
			strings.TrimPrefix(p.url, "http://"),
		); err == nil {
			_ = conn.Close()
		}
	}
	p.Eventually(
		"a handshake that failed is logged",
		func() bool { return strings.Contains(p.Stderr.String(), "TLS handshake error") },
	)
	if n := strings.Count(p.Stderr.String(), "TLS handshake error"); n > 3 {
		t.Errorf("%d lines about handshakes", n)
	}
	if strings.Contains(p.Stderr.String(), ": EOF") {
		t.Error("a connection that sends nothing is logged")
	}
}

func TestPagesAtOnce(t *testing.T) {
	p := start(t, nil, "--config.file="+configFile(t, startLargeOMS(t).target("prod", "  timeout: 2m")))
	p.get("/metrics")
	var all sync.WaitGroup
	counts := make(chan int, 120)
	for range 40 {
		for _, path := range []string{"/", "/tasks?target=prod", "/probe?target=prod&debug=true"} {
			all.Go(func() {
				got, err := testutil.Get(t, p.url+path)
				if err != nil || got.Status != http.StatusOK && got.Status != http.StatusServiceUnavailable {
					t.Errorf("%s: %d, %v", path, got.Status, err)
				}
				counts <- got.Status
			})
		}
	}
	all.Wait()
	close(counts)
	answered := 0
	for status := range counts {
		if status == http.StatusOK {
			answered++
		}
	}
	if answered < 3 {
		t.Errorf("%d of 120 were answered", answered)
	}
	if got := p.get("/metrics"); got.Status != http.StatusOK {
		t.Errorf("afterwards: %d", got.Status)
	}
}
