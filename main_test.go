package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

// The tests of the built binary are in internal/e2e.
func TestMain(m *testing.M) { testutil.Main(m) }

func TestRunExitCode(t *testing.T) {
	config := filepath.Join(t.TempDir(), "config.yml")
	testutil.WriteFile(t, config, "targets: [{name: prod, url: http://127.0.0.1:1}]")
	taken := testutil.Listen(t)
	for _, c := range []struct {
		rule string
		args []string
		code int
		out  string
		err  string // how the one line begins
	}{
		{"a check that finds nothing", []string{"--config.check", "--config.file=" + config}, 0, "OK\n", ""},
		{"a check that finds something", []string{"--config.check", "--config.file=none.yml"}, 1, "", "none.yml: "},
		{"a bad flag", []string{"--nope"}, 1, "", "unknown long flag"},
		{"a config that cannot be read", []string{"--config.file=none.yml"}, 1, "", "none.yml: "},
		{"a bad web config", []string{"--config.file=" + config, "--web.config.file=none.yml"}, 1, "", "--web.config.file=none.yml: "},
		{"a bad path", []string{"--demo", "--web.telemetry-path=x"}, 1, "", "--web.telemetry-path=x: "},
		{"a port in use", []string{"--demo", "--web.listen-address=" + taken.Addr().String()}, 1, "", "listen tcp "},
	} {
		t.Run(c.rule, func(t *testing.T) {
			var stdout, stderr testutil.Output
			if code := run(c.args, &stdout, &stderr); code != c.code || stdout.String() != c.out {
				t.Errorf("exit code %d, stdout %q", code, stdout.String())
			}
			if line := stderr.String(); c.err == "" && line != "" ||
				c.err != "" && (!strings.HasPrefix(line, "oms_exporter: error: "+c.err) || strings.Count(line, "\n") != 1) {
				t.Errorf("stderr is %q", line)
			}
		})
	}
}

func TestRunUntilSignal(t *testing.T) {
	var stdout, stderr testutil.Output
	ended := make(chan int, 1)
	go func() { ended <- run([]string{"--demo", "--web.listen-address=127.0.0.1:0"}, &stdout, &stderr) }()
	testutil.Eventually(t, "start", func() bool { return strings.Contains(stderr.String(), "Started oms_exporter") })
	url := "http://" + testutil.ListenAddresses(stderr.String())[0]
	if ready, err := testutil.Get(t, url+"/-/ready"); err != nil || ready.Status != http.StatusOK {
		t.Errorf("status %d, %v", ready.Status, err)
	}
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	for _, signal := range []os.Signal{syscall.SIGHUP, syscall.SIGTERM} {
		if err := self.Signal(signal); err != nil {
			t.Fatal(err)
		}
	}
	if code := <-ended; code != 0 {
		t.Errorf("exit code %d\n%s", code, stderr.String())
	}
}
