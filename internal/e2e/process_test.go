package e2e

import (
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

// process is a program under test with a client for its HTTP side.
type process struct {
	*testutil.Process
	t      *testing.T
	url    string
	client *http.Client
}

// launch starts the exporter and waits for nothing. change adapts the command.
func launch(t *testing.T, change func(*exec.Cmd), args ...string) *process {
	t.Helper()
	p := newProcess(t)
	p.Process = testutil.Launch(t, change, args...)
	return p
}

// start starts the exporter and waits until it listens. At the end of the test it is stopped, and its exit code has to
// be 0.
func start(t *testing.T, change func(*exec.Cmd), args ...string) *process {
	t.Helper()
	p := newProcess(t)
	p.Process, p.url = testutil.StartExporter(t, change, args...)
	t.Cleanup(p.client.CloseIdleConnections) // before the exporter stops: it waits for open connections
	return p
}

func newProcess(t *testing.T) *process {
	p := &process{t: t, client: &http.Client{Transport: &http.Transport{}}}
	t.Cleanup(p.client.CloseIdleConnections)
	return p
}

// ask makes a request; header has names and values by turns.
func (p *process) ask(method, path string, header ...string) (testutil.Reply, error) {
	return testutil.Request(p.t, p.client, method, p.url+path, header...)
}

// waitForLog waits until each text is in the log, which is written beside the answers.
func (p *process) waitForLog(texts ...string) {
	p.t.Helper()
	for _, text := range texts {
		p.Eventually("the log contains "+text, func() bool { return strings.Contains(p.Stderr.String(), text) })
	}
}

func (p *process) get(path string, header ...string) testutil.Reply {
	p.t.Helper()
	got, err := p.ask(http.MethodGet, path, header...)
	if err != nil {
		p.t.Fatal(err)
	}
	return got
}

// file writes a file into a folder of its own and returns its path.
func file(t *testing.T, name, text string) string {
	t.Helper()
	return testutil.WriteFile(t, filepath.Join(t.TempDir(), name), text)
}

// figures are what a program leaks, if it leaks.
type figures struct{ goroutines, files, memory float64 }

func (f figures) String() string {
	return fmt.Sprintf("%.0f goroutines, %.0f file descriptors, %.1f MB resident", f.goroutines, f.files, f.memory/1e6)
}

// measure reads what the exporter uses. Asking for names spares it nothing: the walks are made, and are over when it
// answers.
func (p *process) measure() figures {
	p.t.Helper()
	got := p.get("/metrics")
	return figures{
		goroutines: got.Value(p.t, "go_goroutines"),
		files:      got.Value(p.t, "process_open_fds"),
		memory:     got.Value(p.t, "process_resident_memory_bytes"),
	}
}
