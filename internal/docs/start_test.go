package docs

import (
	"errors"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

// startFiles are what is wrong with a start beside a flag.
var startFiles = map[string]string{
	"good.yml":         "targets:\n- {name: prod, url: http://127.0.0.1:1}\n",
	"config.yml":       "targets:\n- name: prod\n  url: oms.example.com:8089\n",
	"no-password.yml":  "targets:\n- name: prod\n  url: https://127.0.0.1:1\n  http_client:\n    basic_auth: {username: monitor, password_file: oms-password}\n",
	"no-ca.yml":        "targets:\n- name: prod\n  url: https://127.0.0.1:1\n  http_client:\n    tls_config: {ca_file: oms-ca.crt}\n",
	"web-key.yml":      "basic_auth: {}\n",
	"web-tls.yml":      "tls_server_config: {cert_file: tls.crt, key_file: tls.key}\n",
	"web-password.yml": "basic_auth_users: {prometheus: change-me}\n",
}

// TestStartErrors holds what the program says when it does not start.
func TestStartErrors(t *testing.T) {
	taken := testutil.Listen(t)
	binary, folder, empty := testutil.Build(t), t.TempDir(), t.TempDir()
	for name, content := range startFiles {
		testutil.WriteFile(t, filepath.Join(folder, name), content)
	}
	var said []string
	start := func(folder, variable string, args ...string) {
		command := exec.CommandContext(t.Context(), binary, args...)
		command.Dir, command.Env = folder, []string{variable}
		out, err := command.CombinedOutput()
		var exit *exec.ExitError
		if line := string(out); !errors.As(err, &exit) || exit.ExitCode() != 1 || strings.Count(line, "\n") != 1 {
			t.Errorf("%s %s: %v, %q", variable, args, err, line)
		}
		said = append(said, strings.ReplaceAll(string(out), taken.Addr().String(), "127.0.0.1:10089"))
	}
	start(empty, "")
	start(folder, "", "--config.file=/etc/oms.yml")
	start(folder, "")
	start(folder, "", "--config.file=no-ca.yml")
	start(folder, "", "--config.file=no-password.yml", "--config.check")
	for _, args := range []string{
		"--web.listen-address=" + taken.Addr().String(), "--web.listen-address=127.0.0.1", "--web.config.file=web.yml", "--web.config.file=web-key.yml",
		"--web.config.file=web-tls.yml", "--web.config.file=web-password.yml", "--web.telemetry-path=metrics", "--web.telemetry-path=/probe",
		"--web.external-url=oms.example.com/exporter", "--web.route-prefix=exporter", "--config.auto-reload-interval=30",
		"--web.max-requests=0", "--web.max-requests=many", "--web.timeout-offset=1", "--web.timeout-offset=-1s", "--log.level=trace", "--runtime.gomaxprocs=0",
		"--collector.step=false", "--collector.steps", "config.yml", "--demo",
	} {
		start(folder, "", "--config.file=good.yml", args)
	}
	start(folder, "", "--demo", "--config.check")
	start(folder, "", "--once", "--config.check")
	start(folder, "OMS_EXPORTER_WEB_MAX_REQUESTS=many")
	start(empty, "OMS_EXPORTER_TARGET_NAME=prod")
	start(empty, "OMS_EXPORTER_TARGET_TIMEOUT=1m")
	start(empty, "OMS_EXPORTER_TARGET_URL=oms.example.com:8089")
	start(folder, "OMS_EXPORTER_TARGET_URL=https://oms.example.com:8089")
	hold(t, "start", "```\n"+strings.Join(said, "")+"```\n")
}

// TestConfigErrors holds what is said of a mistake in the config: the errors that the tests of package config want.
func TestConfigErrors(t *testing.T) {
	files, err := filepath.Glob("../../testdata/config/invalid/*.yml")
	if err != nil || len(files) < 50 {
		t.Fatalf("%d files, error %v", len(files), err)
	}
	wanted := regexp.MustCompile(`^# want: \w+\.yml(:\d+(?::\d+)?: .*)\n`)
	var said []string
	for _, file := range files {
		if found := wanted.FindSubmatch(testutil.ReadFile(t, file)); found != nil {
			said = append(said, "config.yml"+string(found[1])+"\n")
		}
	}
	slices.SortFunc(said, func(a, b string) int { return strings.Compare(unplaced(a), unplaced(b)) })
	said = slices.CompactFunc(said, func(a, b string) bool { return unplaced(a) == unplaced(b) })
	hold(t, "config", "```\n"+strings.Join(said, "")+"```\n")
}

// unplaced returns an error without its file, line and column.
func unplaced(said string) string {
	return regexp.MustCompile(`^config\.yml:\d+(:\d+)?: `).ReplaceAllString(said, "")
}
