//go:build slow

package e2e

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"time"
)

// openPage requests one of the HTML pages or a debug walk.
func (s *storm) openPage(random *rand.Rand) {
	path := pick(random, "/", "/tasks?target=oms-0", "/tasks?target=oms-1&status=RUNNING", "/config",
		"/probe?target=oms-1&debug=true")
	got, err := s.request(http.MethodGet, path)
	if err != nil || got.Status != http.StatusOK && got.Status != http.StatusServiceUnavailable {
		s.t.Errorf("%s: error %v, status %d", path, err, got.Status)
	}
}

// scrapeHalfClosed scrapes and closes its side of the connection before the answer. An answer that looks complete must
// be complete.
func (s *storm) scrapeHalfClosed(random *rand.Rand) {
	s.paging.RLock()
	defer s.paging.RUnlock()
	begin := time.Now()
	conn := s.dial()
	defer func() { _ = conn.Close() }()
	_, _ = fmt.Fprintf(conn, "GET /metrics HTTP/1.%d\r\nHost: x\r\nX-Prometheus-Scrape-Timeout-Seconds: 2\r\n\r\n",
		random.IntN(2))
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
	if err := s.checkAnswer("/metrics", string(body), begin); err != nil {
		s.t.Errorf("a half-closed connection: %v\n%.3000s", err, body)
	}
}

// closeConnections closes all connections of one OMS, also those that are idle.
func (s *storm) closeConnections(random *rand.Rand) {
	pick(random, s.targets...).closeConnections()
	s.pause(random, time.Second)
}

// replacePassword replaces the password file by a named pipe for a while.
func (s *storm) replacePassword(random *rand.Rand) {
	replaceByPipe(s.t, s.password)
	s.pause(random, time.Second)
	replaceFile(s.t, s.password, password)
	s.pause(random, 4*time.Second)
}

// readLog reads a part of the log, and then nothing for a while.
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
