package e2e

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

// logPipe is the standard error of a program, which a test reads or does not read.
type logPipe struct {
	t      *testing.T
	reader *os.File
	writer *os.File
	env    []string // more variables of the command
	text   bytes.Buffer
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

// attach makes the pipe the standard error of a command.
func (l *logPipe) attach(c *exec.Cmd) {
	c.Args = append([]string{"sh", "-c", `exec "$0" "$@" 2>&3`, c.Path}, c.Args[1:]...)
	c.Path = "/bin/sh"
	c.ExtraFiles = []*os.File{l.writer}
	c.Env = append(c.Env, l.env...)
}

// launch starts the exporter with the pipe as its log, and reads the log until it has the address.
func (l *logPipe) launch(args ...string) *process {
	l.t.Helper()
	p := launch(l.t, l.attach, append([]string{"--web.listen-address=127.0.0.1:0"}, args...)...)
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
			l.t.Fatalf("the log ends: %v\n%s", err, testutil.Tail(l.text.String(), 2000))
		}
	}
}

// fill writes to the pipe until nothing more fits into it.
func (l *logPipe) fill() {
	_ = l.writer.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
	_, _ = l.writer.Write(bytes.Repeat([]byte("\n"), 1<<20)) // fails at the deadline
	_ = l.writer.SetWriteDeadline(time.Time{})
}

// changingOMS refuses each request with another code: the exporter logs each new failure.
func changingOMS(t *testing.T) (url string) {
	t.Helper()
	var requests atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprintf(w, `{"success":false,"code":"CODE-%d","message":%q}`, requests.Add(1), strings.Repeat("no ", 100))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestUnreadLog(t *testing.T) {
	url := changingOMS(t)
	var targets []string
	for i := range 20 {
		targets = append(targets, fmt.Sprintf("- {name: oms-%d, url: %q}\n", i, url))
	}
	log := newLogPipe(t)
	p := log.launch("--log.level=debug", "--log.format=json", "--config.file="+configFile(t, targets...))
	flood := func(scrapes int) (dropped float64) {
		for range scrapes {
			got := p.get("/metrics", "X-Prometheus-Scrape-Timeout-Seconds", "60")
			if got.Value(t, `oms_scrape_failure{oms="oms-7",reason="api"}`) != 1 {
				t.Fatalf("a scrape:\n%s", got.Body)
			}
			dropped = got.Value(t, "oms_exporter_log_lines_dropped_total")
		}
		return dropped
	}
	dropped := flood(80)
	if dropped == 0 {
		t.Fatal("no line was dropped: this proves nothing")
	}
	if got, err := p.ask(http.MethodPost, "/-/reload"); err != nil || got.Status != http.StatusOK {
		t.Errorf("reload: %v, %d", err, got.Status)
	}

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
			t.Errorf("not JSON: %s", line)
		}
		if strings.Contains(fields.Msg, notice) && fields.Lines < dropped {
			t.Errorf("%v lines were dropped, the notice counts %v", dropped, fields.Lines)
		}
	}

	flood(20)
	p.client.CloseIdleConnections()
	p.Signal(syscall.SIGTERM)
	if code := p.ExitCode(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

func TestLogWhoseReaderLeft(t *testing.T) {
	log := newLogPipe(t)
	p := log.launch("--log.level=debug", "--demo")
	_ = log.reader.Close()
	_ = log.writer.Close()
	for range 3 {
		if got := p.get("/metrics"); got.Value(t, `oms_up{oms="demo"}`) != 1 {
			t.Errorf("a scrape:\n%s", got.Body)
		}
	}
	if got := p.get("/metrics").Value(t, "oms_exporter_log_lines_dropped_total"); got == 0 {
		t.Error("no line was dropped")
	}
	p.client.CloseIdleConnections()
	p.Signal(syscall.SIGTERM)
	if code := p.ExitCode(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

func TestUnreadErrorOfAStart(t *testing.T) {
	t.Parallel() // it waits more than it computes
	for _, args := range [][]string{{"--nope"}, {"--config.file=/none.yml"}, {"--config.check",
		"--config.file=/none.yml"}} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			log := newLogPipe(t)
			log.fill()
			if code := launch(t, log.attach, args...).ExitCode(); code != 1 {
				t.Errorf("exit code %d", code)
			}
		})
	}
}

// talkativeOMS is an OMS that sends more than its answer: what the client sent before.
func talkativeOMS(t *testing.T) (url string) {
	t.Helper()
	listener := testutil.Listen(t)
	serve := func(conn net.Conn) {
		defer func() { _ = conn.Close() }()
		reader := bufio.NewReader(conn)
		for n := 0; ; n++ {
			request, err := http.ReadRequest(reader)
			if err != nil {
				return
			}
			_, _ = io.Copy(io.Discard, request.Body)
			const answer = `{"success":true,"data":[],"totalCount":0}`
			rest := fmt.Sprintf(
				"HTTP/1.1 500 Late\r\nX-Echo: %s\r\nX-Password: %s\r\n\r\n%s",
				request.Header.Get("Authorization"),
				password,
				strings.Repeat("late ", 800),
			)
			_, _ = fmt.Fprintf(
				conn,
				"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
				len(answer),
				answer,
			)
			if n == 1 {
				time.Sleep(20 * time.Millisecond) // the connection is idle by then
			}
			if n > 0 {
				_, _ = io.WriteString(conn, rest)
				return
			}
		}
	}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go serve(conn)
		}
	}()
	return "http://" + listener.Addr().String()
}

func TestBytesAfterAnAnswer(t *testing.T) {
	oms := omsServer{url: talkativeOMS(t)}
	p := start(t, nil, "--log.format=json", "--config.file="+configFile(t, oms.target("prod")))
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
		t.Errorf("%d lines about it, want 1", n)
	}
	for line := range strings.Lines(log) {
		if !json.Valid([]byte(line)) || len(line) > 2000 {
			t.Errorf("no line of the log: %s", line)
		}
	}
	encoded := base64.StdEncoding.EncodeToString([]byte("monitor:" + password))
	if strings.Contains(log, password) || strings.Contains(log, encoded) {
		t.Errorf("the log shows what OMS sent:\n%s", log)
	}
}
