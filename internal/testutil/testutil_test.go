package testutil

import (
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// recorder is a testing.TB whose failures a test can look at. Fatalf ends the goroutine, as in a real test.
type recorder struct {
	testing.TB
	failed string
}

func (r *recorder) Helper() {}

func (r *recorder) Fatalf(format string, args ...any) {
	r.failed = fmt.Sprintf(format, args...)
	panic(r)
}

// failure returns the message with which do fails its test, or "".
func failure(t *testing.T, do func(testing.TB)) string {
	r := &recorder{TB: t}
	func() {
		defer func() {
			if caught := recover(); caught != nil && caught != any(r) {
				panic(caught)
			}
		}()
		do(r)
	}()
	return r.failed
}

func TestWaitFor(t *testing.T) {
	t.Run("a slow event is waited for", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			begin := time.Now()
			WaitFor(t, "two minutes pass", func() error {
				if time.Since(begin) < 2*time.Minute {
					return errors.New("too early")
				}
				return nil
			})
		})
	})
	t.Run("an event that never happens fails the test", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			if failure(t, func(tb testing.TB) { Eventually(tb, "never", func() bool { return false }) }) == "" {
				t.Error("no failure")
			}
		})
	})
}

func TestProcess(t *testing.T) {
	t.Run("the output and the exit code are kept", func(t *testing.T) {
		p := Start(t, exec.Command("sh", "-c", "echo out; echo err >&2; exit 3"))
		if code := p.ExitCode(); code != 3 || p.Stdout.String() != "out\n" || p.Stderr.String() != "err\n" {
			t.Errorf("exit code %d, stdout %q, stderr %q", code, p.Stdout.String(), p.Stderr.String())
		}
	})
	t.Run("a process that ends too early fails the wait", func(t *testing.T) {
		p := Start(t, exec.Command("true"))
		if failure(t, func(tb testing.TB) { p.tb = tb; p.Eventually("listen", func() bool { return false }) }) == "" {
			t.Error("no failure")
		}
	})
	t.Run("a process that still runs is stopped at the end of the test", func(t *testing.T) {
		var p *Process
		t.Run("test", func(t *testing.T) { p = Start(t, exec.Command("sleep", "3600")) })
		if !p.HasEnded() {
			t.Error("the process still runs")
		}
	})
}

func TestLookPath(t *testing.T) {
	t.Run("CI does not skip a test whose program is missing", func(t *testing.T) {
		t.Setenv("CI", "true")
		if failure(t, func(tb testing.TB) { LookPath(tb, "no package has it", "no-such-program") }) == "" {
			t.Error("no failure")
		}
	})
	t.Run("the first name that exists is taken", func(t *testing.T) {
		if path := LookPath(t, "", "no-such-program", "sh"); !strings.HasSuffix(path, "/sh") {
			t.Errorf("path is %s", path)
		}
	})
}

func TestShellBlocks(t *testing.T) {
	text := "a\n\n  ```sh\n  ls\n  ```\n\n<!-- not run in CI: needs a cluster -->\n```sh\nhelm\n```\n\n```yaml\nb: 1\n```\n"
	if got, want := ShellBlocks(t, text), []ShellBlock{{"  ls\n", false}, {"helm\n", true}}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if message := failure(t, func(tb testing.TB) { ShellBlocks(tb, "```sh\nls\n") }); message != "0 of 1 blocks found" {
		t.Errorf("a block without an end: %q", message)
	}
	if message := failure(t, func(tb testing.TB) { ShellBlocks(tb, "text") }); message == "" {
		t.Error("a text without a block does not fail")
	}
}
