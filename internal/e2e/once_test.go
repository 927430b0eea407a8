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

// runOnce runs the exporter with --once and returns its outcome and the exposition that it writes.
func runOnce(t *testing.T, args ...string) (result, testutil.Reply) {
	t.Helper()
	got := runExporter(t, nil, append([]string{"--once"}, args...)...)
	return got, testutil.Reply{Body: got.stdout}
}

func TestOnce(t *testing.T) {
	oms, other := startOMS(t), startOMS(t)
	t.Run("the output has the tasks of every target, and no metrics of the exporter", func(t *testing.T) {
		got, exposition := runOnce(t, configFlag(t, oms.target("prod"), other.target("test")))
		if got.code != 0 || got.stderr != "" || exposition.Tasks() != oms.taskCount()+other.taskCount() {
			t.Errorf("%d tasks: %v", exposition.Tasks(), got)
		}
		for line := range strings.Lines(got.stdout) {
			series := strings.TrimPrefix(strings.TrimPrefix(line, "# HELP "), "# TYPE ")
			if !strings.HasPrefix(series, "oms_") || strings.Contains(line, "oms_exporter_") {
				t.Fatalf("unexpected line %q", line)
			}
		}
	})
	t.Run("the demo can be read once", func(t *testing.T) {
		got, exposition := runOnce(t, "--demo", "--no-collector.step")
		if got.code != 0 || exposition.Tasks() == 0 || strings.Contains(got.stdout, "oms_task_step_") {
			t.Errorf("%d tasks: %v", exposition.Tasks(), got)
		}
	})
	t.Run("a failed walk gives exit code 1, and the metrics of all targets are written", func(t *testing.T) {
		got, exposition := runOnce(t, configFlag(t, oms.target("prod"), "- {name: gone, url: "+closedPort+"}\n"))
		if got.code != 1 || exposition.Tasks() != oms.taskCount() || exposition.Value(t, `oms_up{oms="prod"}`) != 1 ||
			exposition.Value(t, `oms_up{oms="gone"}`) != 0 {
			t.Errorf("%d tasks: %v", exposition.Tasks(), got)
		}
		lines := strings.Split(strings.TrimSpace(got.stderr), "\n")
		if len(lines) != 2 || !strings.Contains(lines[0], "connection refused") ||
			lines[1] != "oms_exporter: error: the walk of 1 of 2 targets failed" {
			t.Errorf("stderr is %q", got.stderr)
		}
	})
	t.Run("another target does not send refused credentials again", func(t *testing.T) {
		oms := startOMS(t)
		secret := writeFile(t, "password", wrongPassword+"\n")
		got, exposition := runOnce(t,
			configFlag(t, oms.targetWithFile("prod", secret), oms.targetWithFile("same-user", secret)))
		if n := oms.Counts().Requests; got.code != 1 || n != 1 || exposition.Value(t, `oms_auth_held{oms="prod"}`) != 1 ||
			exposition.Value(t, `oms_auth_held{oms="same-user"}`) != 1 ||
			!strings.Contains(got.stderr, "the walk of 2 of 2 targets failed") {
			t.Errorf("%d requests: %v", n, got)
		}
	})
	t.Run("an invalid config is reported in one line", func(t *testing.T) {
		got, _ := runOnce(t, "--config.file="+writeFile(t, "config.yml", "targets: []"))
		if got.code != 1 || got.stdout != "" || strings.Count(got.stderr, "\n") != 1 {
			t.Error(got)
		}
	})
	t.Run("a full disk is an error", func(t *testing.T) {
		full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
		if err != nil {
			t.Skip("no /dev/full on this system")
		}
		defer func() { _ = full.Close() }()
		cmd := exec.CommandContext(t.Context(), testutil.Build(t), "--once", "--demo")
		var stderr strings.Builder
		cmd.Stdout, cmd.Stderr, cmd.Env = full, &stderr, []string{"GOCOVERDIR=" + t.TempDir()}
		if err := cmd.Run(); err == nil || cmd.ProcessState.ExitCode() != 1 ||
			!strings.Contains(stderr.String(), "the metrics could not be written: ") {
			t.Errorf("error %v, stderr %q", err, stderr.String())
		}
	})
	t.Run("a signal ends the walk", func(t *testing.T) {
		oms := startOMS(t)
		oms.Set(delayPages(time.Minute))
		p := launchExporter(t, nil, "--once", configFlag(t, oms.target("prod")))
		p.Eventually("the walk has begun", func() bool { return oms.Counts().Requests > 0 })
		p.Signal(syscall.SIGTERM)
		if code := p.ExitCode(); code != 1 || p.Stdout.String() != "" ||
			!strings.Contains(p.Stderr.String(), "a signal ended the walk") {
			t.Errorf("exit code %d, stdout %q, stderr %q", code, p.Stdout.String(), p.Stderr.String())
		}
	})
}
