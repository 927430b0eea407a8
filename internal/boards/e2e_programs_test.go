package boards

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience is how long the test waits for what must come, on a slow machine. What comes sooner is not waited for.
const patience = 2 * time.Minute

// program gives the path of a program of a Debian package. Without it the test is skipped, but fails in CI.
func program(t *testing.T, debianPackage string, names ...string) string {
	t.Helper()
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	text := fmt.Sprintf("%s is missing: install the Debian package %s", names[0], debianPackage)
	if os.Getenv("CI") == "true" {
		t.Fatal(text)
	}
	t.Skip(text)
	return ""
}

// buildExporter builds the exporter as it is now.
func buildExporter(t *testing.T, dir string) string {
	t.Helper()
	path := filepath.Join(dir, "oms_exporter")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", path, "../..")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return path
}

// output keeps what a program says. It is safe for concurrent use.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// start runs a program until the test ends, and waits until ready answers with 200. What it said is shown when the test fails.
func start(t *testing.T, ready, path string, args ...string) {
	t.Helper()
	said := new(output)
	cmd := exec.Command(path, args...) //nolint:noctx // ended in good order below
	cmd.Stdout, cmd.Stderr = said, said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait() // how it ended, its output tells
		close(ended)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(30 * time.Second):
			_ = cmd.Process.Kill()
			<-ended
		}
		if t.Failed() {
			t.Logf("%s said:\n%s", filepath.Base(path), tail(said.String(), 4000))
		}
	})
	waitFor(t, filepath.Base(path)+" at "+ready, func() string {
		select {
		case <-ended:
			t.Fatalf("%s ended: %s\n%s", filepath.Base(path), cmd.ProcessState, said)
		default:
		}
		return get(t, ready, nil)
	})
}

func tail(text string, n int) string { return text[max(0, len(text)-n):] }

// waitFor waits until missing gives "". Otherwise it says what is missing.
func waitFor(t *testing.T, what string, missing func() string) {
	t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(200 * time.Millisecond) {
		text := missing()
		if text == "" {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("waited %s for %s: %s", patience, what, text)
		}
	}
}

// get asks an address for JSON, into which it is decoded unless that is nil. It gives "" or what is wrong.
func get(t *testing.T, address string, into any) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err.Error()
	}
	defer response.Body.Close() //nolint:errcheck // read to the end
	body := new(bytes.Buffer)
	if _, err := body.ReadFrom(response.Body); err != nil {
		return err.Error()
	}
	if response.StatusCode != http.StatusOK {
		return response.Status + ": " + tail(body.String(), 1000)
	}
	if into != nil {
		if err := json.Unmarshal(body.Bytes(), into); err != nil {
			return err.Error()
		}
	}
	return ""
}

// freePort gives the address of a port on the loopback interface that nobody listens on.
func freePort(t *testing.T) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close() //nolint:errcheck // nothing was written
	return listener.Addr().String()
}

// prometheusAPI asks a Prometheus at this address.
type prometheusAPI string

// result is a series of an answer, with its newest value.
type result struct {
	Metric map[string]string `json:"metric"`
	Value  [2]any            `json:"value"`
	Values [][2]any          `json:"values"`
}

// ask runs a query as Grafana would, at one instant or over the last minute.
func (p prometheusAPI) ask(t *testing.T, query string, overTime bool) ([]result, string) {
	t.Helper()
	var answer struct {
		Data struct{ Result []result }
	}
	now := time.Now()
	path, form := "query", url.Values{"query": {query}, "time": {unix(now)}}
	if overTime {
		path, form = "query_range", url.Values{"query": {query}, "start": {unix(now.Add(-time.Minute))}, "end": {unix(now)}, "step": {"5"}}
	}
	wrong := get(t, string(p)+"/api/v1/"+path+"?"+form.Encode(), &answer)
	return answer.Data.Result, wrong
}

// values are those of a label, for the series that a selector matches.
func (p prometheusAPI) values(t *testing.T, selector, label string) []string {
	t.Helper()
	var answer struct{ Data []string }
	if wrong := get(t, string(p)+"/api/v1/label/"+label+"/values?"+url.Values{"match[]": {selector}}.Encode(), &answer); wrong != "" {
		t.Errorf("values of %s of %s: %s", label, selector, wrong)
	}
	return answer.Data
}

func unix(at time.Time) string {
	return strings.TrimSuffix(fmt.Sprintf("%.3f", float64(at.UnixMilli())/1000), ".000")
}
