package web

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestBodyTimeout(t *testing.T) {
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

func TestPacedWriter(t *testing.T) {
	t.Run("slow readers", func(t *testing.T) {
		const size = 1 << 20
		// scrape serves a response of size bytes after a walk of ten minutes. It returns the duration of the response
		// and whether it is complete.
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
	})
	t.Run("a second request on a connection has its own time", func(t *testing.T) {
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
	})
}

// overPipe serves handler on a connection in memory and returns the other end.
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
