package e2e

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

// once runs the exporter with --once to its end. The reply has its exit code for a status and its standard output for a
// body.
func once(t *testing.T, args ...string) (got testutil.Reply, log string) {
	t.Helper()
	p := launch(t, nil, append([]string{"--once"}, args...)...)
	code := p.ExitCode()
	return testutil.Reply{Status: code, Body: p.Stdout.String()}, p.Stderr.String()
}

func TestOnce(t *testing.T) {
	oms, other := startOMS(t), startOMS(t)
	t.Run("the tasks of every target, and nothing of the exporter itself", func(t *testing.T) {
		got, log := once(t, "--config.file="+configFile(t, oms.target("prod"), other.target("test")))
		if got.Status != 0 || log != "" || got.Tasks() != oms.truth()+other.truth() {
			t.Errorf("exit code %d, %d tasks, the log is %q", got.Status, got.Tasks(), log)
		}
		for line := range strings.Lines(got.Body) {
			if !strings.HasPrefix(line, "oms_") && !strings.HasPrefix(line, "# HELP oms_") &&
				!strings.HasPrefix(line, "# TYPE oms_") ||
				strings.Contains(line, "oms_exporter_") {
				t.Fatalf("a line is %q", line)
			}
		}
	})
	t.Run("the demo", func(t *testing.T) {
		if got, log := once(t, "--demo", "--no-collector.step"); got.Status != 0 || got.Tasks() == 0 ||
			strings.Contains(got.Body, "oms_task_step_") {
			t.Errorf("exit code %d, %d tasks, the log is %q", got.Status, got.Tasks(), log)
		}
	})
	t.Run("a walk that fails", func(t *testing.T) {
		got, log := once(t, "--config.file="+configFile(t, oms.target("prod"), "- {name: gone, url: http://127.0.0.1:1}\n"))
		if got.Status != 1 || got.Tasks() != oms.truth() || got.Value(t, `oms_up{oms="prod"}`) != 1 ||
			got.Value(t, `oms_up{oms="gone"}`) != 0 {
			t.Errorf("exit code %d, output\n%s", got.Status, testutil.Tail(got.Body, 2000))
		}
		lines := strings.Split(strings.TrimSpace(log), "\n")
		if len(lines) != 2 || !strings.Contains(lines[0], "connection refused") ||
			lines[1] != "oms_exporter: error: the walk of 1 of 2 targets failed" {
			t.Errorf("the log is %q", log)
		}
	})
	t.Run("refused credentials are not tried again by another target", func(t *testing.T) {
		locked := startOMS(t)
		secret := file(t, "password", "Wr0ng-password\n")
		got, log := once(
			t,
			"--config.file="+configFile(
				t,
				withPasswordFile(locked, "prod", secret),
				withPasswordFile(locked, "same-user", secret),
			),
		)
		if n := locked.Counts().Requests; got.Status != 1 || n != 1 || got.Value(t, `oms_auth_held{oms="prod"}`) != 1 ||
			got.Value(t, `oms_auth_held{oms="same-user"}`) != 1 {
			t.Errorf("exit code %d, %d requests, output\n%s", got.Status, n, got.Body)
		}
		if !strings.Contains(log, "the walk of 2 of 2 targets failed") {
			t.Errorf("the log is %q", log)
		}
	})
	t.Run("a bad config", func(t *testing.T) {
		if got, log := once(t, "--config.file="+file(t, "config.yml", "targets: []")); got.Status != 1 || got.Body != "" ||
			strings.Count(log, "\n") != 1 {
			t.Errorf("exit code %d, output %q, the log is %q", got.Status, got.Body, log)
		}
	})
}

func TestOnceWithAFullDisk(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("no /dev/full on this system")
	}
	defer func() { _ = full.Close() }()
	cmd := exec.CommandContext(t.Context(), testutil.Build(t), "--once", "--demo")
	var log strings.Builder
	cmd.Stdout, cmd.Stderr, cmd.Env = full, &log, []string{"GOCOVERDIR=" + t.TempDir()}
	if err := cmd.Run(); err == nil || cmd.ProcessState.ExitCode() != 1 ||
		!strings.Contains(log.String(), "the metrics could not be written: ") {
		t.Errorf("%v, the log is %q", err, log.String())
	}
}

func TestASignalEndsOnce(t *testing.T) {
	oms := startOMS(t)
	oms.Set(slow(time.Minute))
	p := launch(t, nil, "--once", "--config.file="+configFile(t, oms.target("prod")))
	p.Eventually("the walk is under way", func() bool { return oms.Counts().Requests > 0 })
	p.Signal(syscall.SIGTERM)
	if code := p.ExitCode(); code != 1 || p.Stdout.String() != "" ||
		!strings.Contains(p.Stderr.String(), "a signal ended the walk") {
		t.Errorf("exit code %d, output %q, the log is %q", code, p.Stdout.String(), p.Stderr.String())
	}
}
