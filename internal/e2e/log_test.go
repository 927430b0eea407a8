package e2e

import (
	"bytes"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

// logPipe is a pipe for the log of an exporter. A test decides when to read it.
type logPipe struct {
	t      *testing.T
	reader *os.File
	writer *os.File
	text   bytes.Buffer // all that was read
}

func newLogPipe(t *testing.T) *logPipe {
	t.Helper()
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = reader.Close()
		_ = writer.Close()
	})
	return &logPipe{t: t, reader: reader, writer: writer}
}

// attach makes the pipe the standard error of a command. A shell does that, because testutil.Start sets c.Stderr.
func (l *logPipe) attach(c *exec.Cmd) {
	c.Args = append([]string{"sh", "-c", `exec "$0" "$@" 2>&3`, c.Path}, c.Args[1:]...)
	c.Path = "/bin/sh"
	c.ExtraFiles = []*os.File{l.writer}
}

// startExporter starts the exporter with the pipe as its log, and reads the log until it has the address. At the end of
// the test, the exporter must stop with exit code 0.
func (l *logPipe) startExporter(args ...string) *process {
	l.t.Helper()
	p := launchExporter(l.t, l.attach, append([]string{"--web.listen-address=127.0.0.1:0"}, args...)...)
	l.t.Cleanup(p.stop)
	l.read(func(text string) bool { return len(testutil.ListenAddresses(text)) > 0 })
	p.url = "http://" + testutil.ListenAddresses(l.text.String())[0]
	return p
}

// read reads the log until done returns true for all that was read.
func (l *logPipe) read(done func(text string) bool) {
	l.t.Helper()
	_ = l.reader.SetReadDeadline(time.Now().Add(time.Minute))
	buffer := make([]byte, 64<<10)
	for !done(l.text.String()) {
		n, err := l.reader.Read(buffer)
		l.text.Write(buffer[:n])
		if err != nil {
			l.t.Fatalf("read the log: %v\n%s", err, testutil.Tail(l.text.String(), 2000))
		}
	}
}

// TestUnreadLog checks the exporter while nobody reads its stderr, which is its log.
func TestUnreadLog(t *testing.T) {
	t.Run("scrapes go on, and the log counts the dropped lines", func(t *testing.T) {
		var requests atomic.Int64
		url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			// The exporter logs each new failure, so each request is refused with another code.
			_, _ = fmt.Fprintf(w, `{"success":false,"code":"CODE-%d","message":%q}`, requests.Add(1), strings.Repeat("no ", 100))
		})
		var targets []string
		for i := range 20 {
			targets = append(targets, fmt.Sprintf("- {name: oms-%d, url: %q}\n", i, url))
		}
		log := newLogPipe(t)
		p := log.startExporter("--log.level=debug", "--log.format=json", configFlag(t, targets...))
		scrape := func(times int) (dropped float64) {
			for range times {
				got := p.get("/metrics", "X-Prometheus-Scrape-Timeout-Seconds", "60")
				if got.Value(t, `oms_scrape_failure{oms="oms-7",reason="api"}`) != 1 {
					t.Fatalf("a scrape:\n%s", got.Body)
				}
				dropped = got.Value(t, "oms_exporter_log_lines_dropped_total")
			}
			return dropped
		}
		dropped := scrape(80)
		if dropped == 0 {
			t.Fatal("no line was dropped: this test needs more scrapes")
		}
		p.reload(http.StatusOK)

		const notice = "Log lines were dropped"
		log.read(func(text string) bool {
			_, after, found := strings.Cut(text, notice)
			return found && strings.Contains(after, "\n")
		})
		for line := range strings.Lines(log.text.String()) {
			var fields struct {
				Msg   string
				Lines float64
			}
			if strings.HasSuffix(line, "\n") && json.Unmarshal([]byte(line), &fields) != nil {
				t.Errorf("a log line is not JSON: %s", line)
			}
			if strings.Contains(fields.Msg, notice) && fields.Lines < dropped {
				t.Errorf("the log counts %v dropped lines, the metric %v", fields.Lines, dropped)
			}
		}
		scrape(20) // fill the queue again: the exporter must also stop while nobody reads its log
	})
	t.Run("scrapes go on after the reader has closed the log", func(t *testing.T) {
		log := newLogPipe(t)
		p := log.startExporter("--log.level=debug", "--demo")
		_ = log.reader.Close()
		_ = log.writer.Close()
		for range 3 {
			if got := p.get("/metrics"); got.Value(t, `oms_up{oms="demo"}`) != 1 {
				t.Errorf("a scrape:\n%s", got.Body)
			}
		}
		if p.get("/metrics").Value(t, "oms_exporter_log_lines_dropped_total") == 0 {
			t.Error("no line was dropped")
		}
	})
}

// TestUnreadStartupError checks that the exporter ends while nobody reads the error on its stderr.
func TestUnreadStartupError(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rule string
		args []string
	}{
		{"an unknown flag ends the exporter", []string{"--nope"}},
		{"a missing config ends the exporter", []string{"--config.file=/none.yml"}},
		{"a missing config ends the check", []string{"--config.check", "--config.file=/none.yml"}},
	} {
		t.Run(c.rule, func(t *testing.T) {
			log := newLogPipe(t)
			_ = log.writer.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
			_, _ = log.writer.Write(bytes.Repeat([]byte("\n"), 1<<20)) // until the pipe is full
			_ = log.writer.SetWriteDeadline(time.Time{})
			if got := runExporter(t, log.attach, c.args...); got.code != 1 {
				t.Error(got)
			}
		})
	}
}

func TestLog(t *testing.T) {
	t.Run("bytes after an answer are logged once, and without secrets", func(t *testing.T) {
		oms := omsServer{url: serve(t, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				panic(err)
			}
			defer func() { _ = conn.Close() }()
			const list = `{"success":true,"data":[],"totalCount":0}`
			_, _ = fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
				len(list), list)
			time.Sleep(20 * time.Millisecond) // the connection is idle after that
			_, _ = fmt.Fprintf(conn, "HTTP/1.1 500 Late\r\nX-Echo: %s\r\nX-Password: %s\r\n\r\n%s",
				r.Header.Get("Authorization"), password, strings.Repeat("late ", 800))
		})}
		p := startExporter(t, "--log.format=json", configFlag(t, oms.target("prod")))
		const unsolicited = "Unsolicited response"
		p.Eventually("bytes after an answer are logged", func() bool {
			p.get("/metrics")
			return strings.Contains(p.Stderr.String(), unsolicited)
		})
		for range 20 {
			p.get("/metrics")
		}
		log := p.Stderr.String()
		if n := strings.Count(log, unsolicited); n != 1 {
			t.Errorf("%d lines about bytes after an answer, want 1", n)
		}
		for line := range strings.Lines(log) {
			if !json.Valid([]byte(line)) || len(line) > 2000 {
				t.Errorf("a log line is too long or not JSON: %s", line)
			}
		}
		encoded := base64.StdEncoding.EncodeToString([]byte("monitor:" + password))
		if strings.Contains(log, password) || strings.Contains(log, encoded) {
			t.Errorf("the log contains the credentials:\n%s", log)
		}
	})
	t.Run("parameters of a request are escaped and shortened", func(t *testing.T) {
		p := startExporter(t, "--demo", "--log.level=debug")
		p.get("/probe?target=%1b%5b31m%e2%80%ae%e2%81%a6%7f%c2%85"+strings.Repeat("x", 4000),
			"X-Prometheus-Scrape-Timeout-Seconds", strings.Repeat("9", 4000))
		p.waitForLog("Scrape answered")
		for _, r := range p.Stderr.String() {
			if !unicode.IsPrint(r) && r != '\n' {
				t.Errorf("the log contains %U", r)
			}
		}
		for line := range strings.Lines(p.Stderr.String()) {
			if len(line) > 1000 {
				t.Errorf("a log line has %d bytes", len(line))
			}
		}
	})
	t.Run("a port scan adds at most three lines", func(t *testing.T) {
		flag, _ := tlsFlag(t)
		p := startExporter(t, "--demo", flag)
		for range 200 {
			for _, text := range []string{"", "GET / HTTP/1.0\r\n\r\n"} {
				conn := p.dial()
				_, _ = io.WriteString(conn, text)
				_ = conn.Close()
			}
		}
		distrusting := &tls.Dialer{Config: &tls.Config{MinVersion: tls.VersionTLS12}}
		for range 20 {
			if conn, err := distrusting.DialContext(t.Context(), "tcp", p.host()); err == nil {
				_ = conn.Close()
			}
		}
		const failure = "TLS handshake error"
		p.waitForLog(failure)
		if n := strings.Count(p.Stderr.String(), failure); n > 3 {
			t.Errorf("%d lines about failed handshakes, want at most 3", n)
		}
		if strings.Contains(p.Stderr.String(), ": EOF") {
			t.Error("a connection without bytes is logged")
		}
	})
}
