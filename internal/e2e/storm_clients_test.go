//go:build slow

package e2e

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"syscall"
	"time"
)

// view looks at a page.
func (s *storm) view(random *rand.Rand) {
	path := []string{"/", "/tasks?target=oms-0", "/tasks?target=oms-1&status=RUNNING", "/config",
		"/probe?target=oms-1&debug=true"}[random.IntN(5)]
	got, err := s.ask(http.MethodGet, path)
	if err != nil || got.Status != http.StatusOK && got.Status != http.StatusServiceUnavailable {
		s.t.Errorf("%s: %d, %v", path, got.Status, err)
	}
}

// halfClose scrapes and closes its side of the connection before the answer. What then looks like a whole answer has to
// be one.
func (s *storm) halfClose(random *rand.Rand) {
	s.paging.RLock()
	defer s.paging.RUnlock()
	began := time.Now()
	conn := s.dial().(*net.TCPConn)
	defer func() { _ = conn.Close() }()
	_, _ = fmt.Fprintf(
		conn,
		"GET /metrics HTTP/1.%d\r\nHost: x\r\nX-Prometheus-Scrape-Timeout-Seconds: 2\r\n\r\n",
		random.IntN(2),
	)
	time.Sleep(time.Duration(random.IntN(300)) * time.Millisecond)
	_ = conn.CloseWrite()
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return
	}
	body, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if err != nil || res.StatusCode != http.StatusOK {
		return
	}
	if err := s.judge("/metrics", string(body), began); err != nil {
		s.t.Errorf("a half-closed connection: %v\n%.3000s", err, body)
	}
}

// closeConnections closes all connections of an OMS, also those that are idle.
func (s *storm) closeConnections(random *rand.Rand) {
	s.targets[random.IntN(len(s.targets))].closeConnections()
	s.pause(random, time.Second)
}

// replacePassword replaces the password file by a pipe for a while.
func (s *storm) replacePassword(random *rand.Rand) {
	pipe, secret := s.password+".pipe", s.password+".secret"
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		s.t.Error(err)
	}
	if err := os.WriteFile(secret, []byte(password), 0o600); err != nil {
		s.t.Error(err)
	}
	_ = os.Rename(pipe, s.password)
	s.pause(random, time.Second)
	_ = os.Rename(secret, s.password)
	s.pause(random, 4*time.Second)
}

// readLog reads some of the log, and then none of it for a while.
func (s *storm) readLog(random *rand.Rand) {
	_ = s.log.reader.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
	buffer := make([]byte, 1<<20)
	for range 1 + random.IntN(20) {
		n, err := s.log.reader.Read(buffer)
		s.log.text.Write(buffer[:n])
		if err != nil {
			break
		}
	}
	s.pause(random, 5*time.Second)
}
