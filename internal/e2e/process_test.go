package e2e

import (
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

// process is a running program with a client for its HTTP side.
type process struct {
	*testutil.Process
	t      *testing.T
	url    string
	client *http.Client
}

// newProcess returns the process of a program that listens at url. At the end of the test, the connections of the
// client are closed before the program stops.
func newProcess(t *testing.T, program *testutil.Process, url string) *process {
	t.Helper()
	p := &process{Process: program, t: t, url: url, client: &http.Client{Transport: &http.Transport{}}}
	t.Cleanup(p.client.CloseIdleConnections)
	return p
}

// startExporter starts the exporter and waits until it listens. At the end of the test, the exporter must stop with
// exit code 0.
func startExporter(t *testing.T, args ...string) *process {
	t.Helper()
	return startExporterWith(t, nil, args...)
}

// startExporterWith is startExporter with a change of the command, for example of its environment.
func startExporterWith(t *testing.T, change func(*exec.Cmd), args ...string) *process {
	t.Helper()
	program, url := testutil.StartExporter(t, change, args...)
	return newProcess(t, program, url)
}

// launchExporter starts the exporter and does not wait until it listens.
func launchExporter(t *testing.T, change func(*exec.Cmd), args ...string) *process {
	t.Helper()
	return newProcess(t, testutil.Launch(t, change, args...), "")
}

// stop stops the exporter, which must end with exit code 0. An exporter waits for its open connections.
func (p *process) stop() {
	p.t.Helper()
	p.client.CloseIdleConnections()
	p.Stop()
}

// result is the outcome of an exporter that has ended.
type result struct {
	code           int
	stdout, stderr string
}

func (r result) String() string {
	return fmt.Sprintf("exit code %d, stdout %q, stderr %q", r.code, testutil.Tail(r.stdout, 2000), r.stderr)
}

// runExporter runs the exporter until it ends. change, which may be nil, adapts the command.
func runExporter(t *testing.T, change func(*exec.Cmd), args ...string) result {
	t.Helper()
	p := testutil.Launch(t, change, args...)
	code := p.ExitCode()
	return result{code, p.Stdout.String(), p.Stderr.String()}
}

// environment adds variables to the environment of the exporter.
func environment(variables ...string) func(*exec.Cmd) {
	return func(c *exec.Cmd) { c.Env = append(c.Env, variables...) }
}

// request sends a request; header alternates names and values.
func (p *process) request(method, path string, header ...string) (testutil.Reply, error) {
	return testutil.Request(p.t, p.client, method, p.url+path, header...)
}

// get sends a GET request. A request without an answer fails the test.
func (p *process) get(path string, header ...string) testutil.Reply {
	p.t.Helper()
	got, err := p.request(http.MethodGet, path, header...)
	if err != nil {
		p.t.Fatal(err)
	}
	return got
}

// reload requests a reload of the config and returns the body of the answer. An error or another status fails the
// test.
func (p *process) reload(status int) (body string) {
	p.t.Helper()
	got, err := p.request(http.MethodPost, "/-/reload")
	if err != nil || got.Status != status {
		p.t.Errorf("reload: error %v, status %d, want %d: %s", err, got.Status, status, got.Body)
	}
	return got.Body
}

// host returns the address of the program.
func (p *process) host() string { return strings.TrimPrefix(p.url, "http://") }

// dial opens a TCP connection to the program.
func (p *process) dial() *net.TCPConn {
	p.t.Helper()
	conn, err := (&net.Dialer{}).DialContext(p.t.Context(), "tcp", p.host())
	if err != nil {
		p.t.Fatal(err)
	}
	return conn.(*net.TCPConn)
}

// waitForLog waits until the log contains each text. A log line can be written after the answer to its request.
func (p *process) waitForLog(texts ...string) {
	p.t.Helper()
	for _, text := range texts {
		p.Eventually("the log contains "+text, func() bool { return strings.Contains(p.Stderr.String(), text) })
	}
}

// waitForLogCount waits until the log contains a text n times, and fails the test if it contains the text more often.
func (p *process) waitForLogCount(text string, n int) {
	p.t.Helper()
	p.Eventually("the log contains "+text, func() bool { return strings.Count(p.Stderr.String(), text) >= n })
	if got := strings.Count(p.Stderr.String(), text); got != n {
		p.t.Errorf("the log contains %q %d times, want %d", text, got, n)
	}
}

// usage is what a program can leak.
type usage struct{ goroutines, files, memory float64 }

func (u usage) String() string {
	return fmt.Sprintf("%.0f goroutines, %.0f file descriptors, %.1f MB resident", u.goroutines, u.files, u.memory/1e6)
}

// usage returns the usage of the exporter after a scrape of /metrics.
func (p *process) usage() usage {
	p.t.Helper()
	got := p.get("/metrics")
	return usage{
		goroutines: got.Value(p.t, "go_goroutines"),
		files:      got.Value(p.t, "process_open_fds"),
		memory:     got.Value(p.t, "process_resident_memory_bytes"),
	}
}

// writeFile writes a file into a new folder and returns its path.
func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	return testutil.WriteFile(t, filepath.Join(t.TempDir(), name), text)
}

// writeConfig writes a config with targets and returns its path.
func writeConfig(t *testing.T, targets ...string) string {
	t.Helper()
	return writeFile(t, "config.yml", configText(targets...))
}

func configText(targets ...string) string { return "targets:\n" + strings.Join(targets, "") }

// configFlag writes a config with targets and returns the flag that names it.
func configFlag(t *testing.T, targets ...string) string {
	t.Helper()
	return "--config.file=" + writeConfig(t, targets...)
}
