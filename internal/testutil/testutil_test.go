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

// recorder is a testing.TB that stores the message of a failure. Fatalf panics, because a real one ends the test.
type recorder struct {
	testing.TB
	failed string
}

func (r *recorder) Helper() {}

func (r *recorder) Fatalf(format string, args ...any) {
	r.failed = fmt.Sprintf(format, args...)
	panic(r)
}

// failure returns the message with which do fails a test, or "" if it does not fail.
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
	t.Run("an event after two minutes is in time", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			begin := time.Now()
			WaitFor(t, "two minutes have passed", func() error {
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
	t.Run("the output and the exit code are stored", func(t *testing.T) {
		p := Start(t, exec.Command("sh", "-c", "echo out; echo err >&2; exit 3"))
		if code := p.ExitCode(); code != 3 || p.Stdout.String() != "out\n" || p.Stderr.String() != "err\n" {
			t.Errorf("exit code %d, stdout %q, stderr %q", code, p.Stdout.String(), p.Stderr.String())
		}
	})
	t.Run("the end of the process fails the wait", func(t *testing.T) {
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
	t.Run("a missing program fails the test in CI", func(t *testing.T) {
		t.Setenv("CI", "true")
		if failure(t, func(tb testing.TB) { LookPath(tb, "no package has it", "no-such-program") }) == "" {
			t.Error("no failure")
		}
	})
	t.Run("the first installed program is used", func(t *testing.T) {
		if path := LookPath(t, "", "no-such-program", "sh"); !strings.HasSuffix(path, "/sh") {
			t.Errorf("path is %s", path)
		}
	})
}

func TestShellBlocks(t *testing.T) {
	t.Run("blocks of commands are returned with their mark", func(t *testing.T) {
		text := "a\n\n  ```sh\n  ls\n  ```\n\n<!-- not run in CI: needs a cluster -->\n```sh\nhelm\n```\n\n```yaml\nb: 1\n```\n"
		if got, want := ShellBlocks(t, text), []ShellBlock{{"  ls\n", false}, {"helm\n", true}}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
	for _, c := range []struct{ rule, text, failure string }{
		{"a block without an end fails the test", "```sh\nls\n", "0 of 1 blocks found"},
		{"a text without a block fails the test", "text", "0 of 0 blocks found"},
	} {
		t.Run(c.rule, func(t *testing.T) {
			if got := failure(t, func(tb testing.TB) { ShellBlocks(tb, c.text) }); got != c.failure {
				t.Errorf("the failure is %q, want %q", got, c.failure)
			}
		})
	}
}
