package e2e

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// process is a run of the binary.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	url    string
	client *http.Client
	stdout lines
	stderr lines
	ended  chan struct{}
}

// launch starts the binary with what change adds to the command, and does not wait for anything.
func launch(t *testing.T, change func(*exec.Cmd), args ...string) *process {
	t.Helper()
	p := &process{t: t, ended: make(chan struct{}), client: &http.Client{Transport: &http.Transport{}}}
	p.cmd = exec.CommandContext(context.WithoutCancel(t.Context()), binary, args...) // ended by a signal of the cleanup
	p.cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "GOCOVERDIR=" + coverage}
	p.cmd.Dir = t.TempDir()
	p.cmd.Stdout, p.cmd.Stderr = &p.stdout, &p.stderr
	p.cmd.WaitDelay = time.Minute
	if change != nil {
		change(p.cmd)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait() // its exit code is looked at
		close(p.ended)
	}()
	return p
}

// start starts the binary and waits until it listens. At the end of the test it is stopped, and must then end well.
func start(t *testing.T, change func(*exec.Cmd), args ...string) *process {
	t.Helper()
	p := launch(t, change, append([]string{"--web.listen-address=127.0.0.1:0"}, args...)...)
	t.Cleanup(func() {
		p.client.CloseIdleConnections()
		p.signal(syscall.SIGTERM)
		if code := p.code(); code != 0 {
			t.Errorf("exit code %d\n%s", code, p.stderr.String())
		}
	})
	p.url = "http://" + p.address()
	return p
}

var listening = regexp.MustCompile(`msg="Listening on" address=(\S+)`)

// address is where it listens.
func (p *process) address() string {
	p.t.Helper()
	var found []string
	p.eventually("it listens", func() bool {
		found = listening.FindStringSubmatch(p.stderr.String())
		return found != nil
	})
	return found[1]
}

func (p *process) signal(s os.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.t.Error(err)
	}
}

// code waits for the end and is the exit code; -1 after a signal's default effect.
func (p *process) code() int {
	p.t.Helper()
	select {
	case <-p.ended:
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(time.Minute):
		_ = p.cmd.Process.Kill()
		p.t.Fatalf("it does not end\n%s", p.stderr.String())
		return -1
	}
}

// eventually waits for something that the process does.
func (p *process) eventually(what string, is func() bool) {
	p.t.Helper()
	for deadline := time.Now().Add(time.Minute); !is(); time.Sleep(10 * time.Millisecond) {
		select {
		case <-p.ended:
			if !is() {
				p.t.Fatalf("the process ended with %d, and never: %s\n%s", p.cmd.ProcessState.ExitCode(), what, p.stderr.String())
			}
			return
		default:
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("never: %s\n%s", what, p.stderr.String())
		}
	}
}

type reply struct {
	status int
	header http.Header
	body   string
}

// ask makes a request; header has names and values by turns.
func (p *process) ask(method, path string, header ...string) (reply, error) {
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.url+path, nil)
	if err != nil {
		return reply{}, err
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := p.client.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	return reply{res.StatusCode, res.Header, string(body)}, err
}

func (p *process) get(path string, header ...string) reply {
	p.t.Helper()
	got, err := p.ask(http.MethodGet, path, header...)
	if err != nil {
		p.t.Fatal(err)
	}
	return got
}

// value is that of a series; a series that is not there fails the test.
func (r reply) value(t *testing.T, series string) float64 {
	t.Helper()
	for line := range strings.Lines(r.body) {
		if rest, ok := strings.CutPrefix(line, series+" "); ok {
			v, err := strconv.ParseFloat(strings.TrimSpace(rest), 64)
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
	}
	t.Fatalf("%s is missing", series)
	return 0
}

// tasks is the number of tasks shown.
func (r reply) tasks() int { return strings.Count(r.body, "\noms_task_info{") }

// lines is what the process wrote so far.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// file writes a file into a folder of the test and gives its path.
func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
