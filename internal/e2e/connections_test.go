package e2e

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestHalfClosedConnection(t *testing.T) {
	p := startExporter(t, configFlag(t, startLargeOMS(t).target("prod", "  timeout: 2m")))
	for _, c := range []struct{ name, path, protocol, header string }{
		{"metrics", "/metrics", "HTTP/1.1", ""},
		{"a probe", "/probe?target=prod", "HTTP/1.1", ""},
		{"gzip", "/probe?target=prod", "HTTP/1.1", "Accept-Encoding: gzip\r\n"},
		{"a debug walk", "/probe?target=prod&debug=true", "HTTP/1.1", ""},
		{"HTTP/1.0, as some proxies send it", "/probe?target=prod", "HTTP/1.0", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn := p.dial()
			defer func() { _ = conn.Close() }()
			_, _ = fmt.Fprintf(conn, "GET %s %s\r\nHost: x\r\n%s\r\n", c.path, c.protocol, c.header)
			reader := bufio.NewReader(conn)
			if _, err := reader.Peek(1); err != nil { // the walk is complete and the answer has begun
				t.Fatal(err)
			}
			if err := conn.CloseWrite(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(100 * time.Millisecond) // the exporter must notice before it has sent everything
			res, err := http.ReadResponse(reader, nil)
			if err != nil {
				return // the client sees that the answer is incomplete
			}
			defer func() { _ = res.Body.Close() }()
			if size, err := io.Copy(io.Discard, res.Body); err == nil {
				t.Errorf("an answer of %d bytes looks complete", size)
			}
		})
	}
	if got := p.get("/metrics"); got.Tasks() < 3000 {
		t.Errorf("the next scrape has %d tasks, want at least 3000", got.Tasks())
	}
}

func TestSlowClients(t *testing.T) {
	t.Parallel()
	t.Run("a client that does not read frees its place after the stall timeout", func(t *testing.T) {
		t.Parallel()
		p := startExporter(t, "--web.max-requests=2", configFlag(t, startLargeOMS(t).target("prod", "  timeout: 2m")))
		var conns []*net.TCPConn
		// Both requests run at the same time: on a slow machine the first one could time out during a second walk.
		for range 2 {
			conn := p.dial()
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
			t.Fatalf("the status is %d although both places are taken", got.Status)
		}
		p.Eventually("a place is free", func() bool { return p.get("/probe?target=prod").Status == http.StatusOK })
	})
	t.Run("a connection without a complete header is closed after 10 s", func(t *testing.T) {
		t.Parallel()
		conn := startExporter(t, "--demo").dial()
		defer func() { _ = conn.Close() }()
		begin := time.Now()
		_, _ = io.WriteString(conn, "GET /metrics HTTP/1.1\r\nHost: x\r\nX-Slow: ")
		_ = conn.SetReadDeadline(begin.Add(time.Minute))
		if _, err := io.ReadAll(conn); err != nil {
			t.Errorf("after %s: %v", time.Since(begin), err)
		}
		if waited := time.Since(begin); waited < 9*time.Second {
			t.Errorf("the connection was closed after %s, want 10 s", waited)
		}
	})
}

func TestLongHeader(t *testing.T) {
	p := startExporter(t, "--demo")
	if got := p.get("/metrics", "X-Long", strings.Repeat("x", 100<<10)); got.Status != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("the status for a header of 100 KiB is %d", got.Status)
	}
}
