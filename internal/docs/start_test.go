package docs

import (
	"errors"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

// TestStartErrors checks the list of messages of starts that fail. testdata/start has the files with mistakes.
func TestStartErrors(t *testing.T) {
	const folder = "testdata/start"
	taken := testutil.Listen(t).Addr().String()
	binary, empty := testutil.Build(t), t.TempDir()
	var messages []string
	// start starts the exporter in a folder, with one environment variable.
	start := func(folder, variable string, args ...string) {
		command := exec.CommandContext(t.Context(), binary, args...)
		command.Dir, command.Env = folder, []string{variable}
		out, err := command.CombinedOutput()
		var exit *exec.ExitError
		if line := string(out); !errors.As(err, &exit) || exit.ExitCode() != 1 || strings.Count(line, "\n") != 1 {
			t.Errorf("%s %s: %v, %q", variable, args, err, line)
		}
		messages = append(messages, strings.ReplaceAll(string(out), taken, "127.0.0.1:10089"))
	}
	start(empty, "")
	start(folder, "", "--config.file=/etc/oms.yml")
	start(folder, "")
	start(folder, "", "--config.file=no-ca.yml")
	start(folder, "", "--config.file=no-password.yml", "--config.check")
	for _, arg := range []string{
		"--web.listen-address=" + taken,
		"--web.listen-address=127.0.0.1",
		"--web.config.file=web.yml",
		"--web.config.file=web-key.yml",
		"--web.config.file=web-tls.yml",
		"--web.config.file=web-password.yml",
		"--web.telemetry-path=metrics",
		"--web.telemetry-path=/probe",
		"--web.external-url=oms.example.com/exporter",
		"--web.route-prefix=exporter",
		"--config.auto-reload-interval=30",
		"--web.max-requests=0",
		"--web.max-requests=many",
		"--web.timeout-offset=1",
		"--web.timeout-offset=-1s",
		"--log.level=trace",
		"--runtime.gomaxprocs=0",
		"--collector.step=false",
		"--collector.steps",
		"config.yml",
		"--demo",
	} {
		start(folder, "", "--config.file=good.yml", arg)
	}
	start(folder, "", "--demo", "--config.check")
	start(folder, "", "--once", "--config.check")
	start(folder, "OMS_EXPORTER_WEB_MAX_REQUESTS=many")
	start(empty, "OMS_EXPORTER_TARGET_NAME=prod")
	start(empty, "OMS_EXPORTER_TARGET_TIMEOUT=1m")
	start(empty, "OMS_EXPORTER_TARGET_URL=oms.example.com:8089")
	start(folder, "OMS_EXPORTER_TARGET_URL=https://oms.example.com:8089")
	checkSection(t, "start", "```\n"+strings.Join(messages, "")+"```\n")
}

// TestConfigErrors checks the list of messages about mistakes in the config. They are those that the tests of package
// config expect, each one once.
func TestConfigErrors(t *testing.T) {
	wanted := regexp.MustCompile(`^# want: \w+\.yml(:\d+(?::\d+)?: .*)\n`)
	var messages []string
	for _, file := range testutil.Glob(t, "../../testdata/config/invalid/*.yml") {
		if found := wanted.FindSubmatch(testutil.ReadFile(t, file)); found != nil {
			messages = append(messages, "config.yml"+string(found[1])+"\n")
		}
	}
	if len(messages) < 50 {
		t.Fatalf("only %d messages", len(messages))
	}
	position := regexp.MustCompile(`^config\.yml:\d+(:\d+)?: `)
	compare := func(a, b string) int {
		return strings.Compare(position.ReplaceAllString(a, ""), position.ReplaceAllString(b, ""))
	}
	slices.SortFunc(messages, compare)
	messages = slices.CompactFunc(messages, func(a, b string) bool { return compare(a, b) == 0 })
	checkSection(t, "config", "```\n"+strings.Join(messages, "")+"```\n")
}
