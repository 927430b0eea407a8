package page

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

const module = "github.com/oms-exporter/oms_exporter"

// startDemo builds the program and starts its demo; it ends with the test. It gives the address of the first page.
func startDemo(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "oms_exporter")
	// Not of the test's context, which is over before the demo is asked to stop.
	ctx := context.Background()
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", program, module).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	free, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	_ = free.Close()
	var said bytes.Buffer
	demo := exec.CommandContext(ctx, program, "--demo", "--web.listen-address="+address)
	demo.Stderr = &said
	if err := demo.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = demo.Process.Signal(os.Interrupt)
		if err := demo.Wait(); err != nil {
			t.Errorf("the demo: %v\n%s", err, said.String())
		}
	})
	root := "http://" + address + "/"
	for start := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		if status, _, _, err := get(root + "-/healthy"); err == nil && status == http.StatusOK {
			return root
		} else if time.Since(start) > 30*time.Second {
			t.Fatalf("the demo does not start: %v\n%s", err, said.String())
		}
	}
}

// get asks without a browser.
func get(address string) (status int, kind, body string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, "", "", err
	}
	r.Close = true // no connection is left behind
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, "", "", err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	return answer.StatusCode, answer.Header.Get("Content-Type"), string(text), err
}
