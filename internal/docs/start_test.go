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

// startFiles are the files for starts that fail because of a file and not because of a flag.
var startFiles = map[string]string{
	"good.yml":         "targets:\n- {name: prod, url: http://127.0.0.1:1}\n",
	"config.yml":       "targets:\n- name: prod\n  url: oms.example.com:8089\n",
	"no-password.yml":  "targets:\n- name: prod\n  url: https://127.0.0.1:1\n  http_client:\n    basic_auth: {username: monitor, password_file: oms-password}\n",
	"no-ca.yml":        "targets:\n- name: prod\n  url: https://127.0.0.1:1\n  http_client:\n    tls_config: {ca_file: oms-ca.crt}\n",
	"web-key.yml":      "basic_auth: {}\n",
	"web-tls.yml":      "tls_server_config: {cert_file: tls.crt, key_file: tls.key}\n",
	"web-password.yml": "basic_auth_users: {prometheus: change-me}\n",
}

// TestStartErrors checks the list of messages of starts that fail.
func TestStartErrors(t *testing.T) {
	taken := testutil.Listen(t)
	binary, folder, empty := testutil.Build(t), t.TempDir(), t.TempDir()
	for name, content := range startFiles {
		testutil.WriteFile(t, filepath.Join(folder, name), content)
	}
	var messages []string
	start := func(folder, variable string, args ...string) {
		command := exec.CommandContext(t.Context(), binary, args...)
		command.Dir, command.Env = folder, []string{variable}
		out, err := command.CombinedOutput()
		var exit *exec.ExitError
		if line := string(out); !errors.As(err, &exit) || exit.ExitCode() != 1 || strings.Count(line, "\n") != 1 {
			t.Errorf("%s %s: %v, %q", variable, args, err, line)
		}
		messages = append(messages, strings.ReplaceAll(string(out), taken.Addr().String(), "127.0.0.1:10089"))
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
	checkSection(t, "start", "```\n"+strings.Join(messages, "")+"```\n")
}

// TestConfigErrors checks the list of messages about mistakes in the config: those that the tests of package config
// want.
func TestConfigErrors(t *testing.T) {
	files, err := filepath.Glob("../../testdata/config/invalid/*.yml")
	if err != nil || len(files) < 50 {
		t.Fatalf("%d files, error %v", len(files), err)
	}
	wanted := regexp.MustCompile(`^# want: \w+\.yml(:\d+(?::\d+)?: .*)\n`)
	var messages []string
	for _, file := range files {
		if found := wanted.FindSubmatch(testutil.ReadFile(t, file)); found != nil {
			messages = append(messages, "config.yml"+string(found[1])+"\n")
		}
	}
	slices.SortFunc(messages, func(a, b string) int { return strings.Compare(withoutPosition(a), withoutPosition(b)) })
	messages = slices.CompactFunc(messages, func(a, b string) bool { return withoutPosition(a) == withoutPosition(b) })
	checkSection(t, "config", "```\n"+strings.Join(messages, "")+"```\n")
}

// withoutPosition returns an error without its file, line and column.
func withoutPosition(message string) string {
	return regexp.MustCompile(`^config\.yml:\d+(:\d+)?: `).ReplaceAllString(message, "")
}
