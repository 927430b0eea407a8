package e2e

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

// unreachable is the config entry of a target that no test contacts.
var unreachable = prodTarget(closedPort)

// TestStartupErrors has one error of each kind. TestParseErrors of internal/command has all errors of flags.
func TestStartupErrors(t *testing.T) {
	port := testutil.Listen(t).Addr().String()
	valid := writeConfig(t, unreachable)
	withCA := configFlag(t, "- {name: prod, url: https://127.0.0.1:1, http_client: {tls_config: {ca_file: none.pem}}}\n")
	webConfig := func(text string) string { return "--web.config.file=" + writeFile(t, "web.yml", text) }
	for _, c := range []struct {
		name string
		args []string
		env  string
		want string // a regular expression of the whole line
	}{
		{"a port in use", []string{"--demo", "--web.listen-address=" + port}, "", `listen tcp 127\.0\.0\.1:\d+: bind: address already in use: stop the other program, .*`},
		{"one of two ports in use", []string{"--demo", "--web.listen-address=127.0.0.1:0", "--web.listen-address=" + port}, "", `listen tcp 127\.0\.0\.1:\d+: bind: address already in use: stop the other program, .*`},
		{"an invalid address", []string{"--demo", "--web.listen-address=nowhere"}, "", `listen tcp: address nowhere: missing port in address: check --web\.listen-address, .*`},
		{"no config", nil, "", `there is no config\.yml in this folder: set --config\.file or OMS_EXPORTER_TARGET_URL, or try --demo`},
		{"a missing config", []string{"--config.file=/none/config.yml"}, "", `/none/config\.yml: cannot be read: no such file or directory: check the path and the permissions`},
		{"a folder as the config", []string{"--config.file=/"}, "", `/: cannot be read: .*`},
		{"an invalid config", []string{configFlag(t, "- name: prod\n  url: ftp://oms\n")}, "", `\S+/config\.yml:3: targets\[0\]\.url: .*`},
		{"a missing certificate", []string{withCA}, "", `target prod: \S+/config\.yml:2: targets\[0\]\.http_client\.tls_config\.ca_file: the file \S+none\.pem cannot be read: no such file or directory: check the path and the permissions`},
		{"an unknown flag", []string{"--nope"}, "", `unknown long flag '--nope', try --help`},
		{"a limit of no requests", []string{"--demo", "--web.max-requests=0"}, "", `--web\.max-requests=0: must be at least 1`},
		{"an offset without a unit", []string{"--web.timeout-offset=1"}, "", `--web\.timeout-offset=1: missing unit in duration "1", try --help`},
		{"an unknown log level", []string{"--log.level=loud"}, "", `--log\.level=loud: enum value must be one of debug,info,warn,error, got 'loud', try --help`},
		{"an invalid number in a variable", nil, "OMS_EXPORTER_WEB_MAX_REQUESTS=many", `OMS_EXPORTER_WEB_MAX_REQUESTS=many: must be a number, try --help`},
		{"an unknown log level in a variable", nil, "OMS_EXPORTER_LOG_LEVEL=loud", `OMS_EXPORTER_LOG_LEVEL=loud: enum value .*`},
		{"an invalid telemetry path", []string{"--demo", "--web.telemetry-path=metrics"}, "", `--web\.telemetry-path=metrics: use a path such as /metrics .*`},
		{"a telemetry path in use", []string{"--demo", "--web.telemetry-path=/probe"}, "", `--web\.telemetry-path=/probe: this path is already in use: choose another one`},
		{"the demo with a config in a variable", []string{"--demo"}, "OMS_EXPORTER_CONFIG_FILE=" + valid, `--demo has its own config: remove --config\.file`},
		{"a missing web config", []string{"--demo", "--web.config.file=/none/web.yml"}, "", `--web\.config\.file=/none/web\.yml: .*no such file or directory: check the path and the permissions`},
		{"an unknown key in the web config", []string{"--demo", webConfig("nope: 1\n")}, "", `--web\.config\.file=\S+: .*line 1: field nope not found.*`},
		{"a missing certificate of the web config", []string{"--demo", webConfig("tls_server_config: {cert_file: none.pem, key_file: none.pem}\n")}, "", `--web\.config\.file=\S+: .*none\.pem.*`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := runExporter(t, environment(c.env), c.args...)
			line := regexp.MustCompile(`^oms_exporter: error: ` + c.want + `\n$`)
			if got.code != 1 || got.stdout != "" || !line.MatchString(got.stderr) {
				t.Errorf("%v\nwant exit code 1 and on stderr %s", got, line)
			}
		})
	}
}

func TestConfigCheck(t *testing.T) {
	withSecret := func(file string) string {
		return configFlag(t, "- {name: prod, url: http://127.0.0.1:1, http_client: {basic_auth: {username: u, password_file: "+file+"}}}\n")
	}
	for _, c := range []struct {
		name string
		args []string
		want string // in the one line of stderr; empty: OK
	}{
		{"a valid config", []string{configFlag(t, unreachable)}, ""},
		{"the example", []string{"--config.file=" + filepath.Join(testutil.Root(t), "config.example.yml")}, ""},
		{"a secret file", []string{withSecret(writeFile(t, "secret", "x"))}, ""},
		{"a missing secret file", []string{withSecret("none")}, `:2: targets[0].http_client.basic_auth.password_file: the file`},
		{"a missing certificate", []string{configFlag(t, "- {name: prod, url: https://127.0.0.1:1, http_client: {tls_config: {ca_file: none.pem}}}\n")}, `:2: targets[0].http_client.tls_config`},
		{"an invalid value", []string{configFlag(t, "- {name: prod, url: http://127.0.0.1:1, page_size: 151}\n")}, `:2: targets[0].page_size: 151`},
		{"a missing web config", []string{configFlag(t, unreachable), "--web.config.file=none.yml"}, `--web.config.file=none.yml: `},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := runExporter(t, nil, append(c.args, "--config.check")...)
			switch {
			case c.want == "":
				got.wantOK(t)
			case got.code != 1 || got.stdout != "" || strings.Count(got.stderr, "\n") != 1 ||
				!strings.Contains(got.stderr, c.want):
				t.Errorf("%v\nwant exit code 1 and on stderr %q", got, c.want)
			}
		})
	}
	t.Run("config.yml in the working folder is the default", func(t *testing.T) {
		runExporter(t, func(c *exec.Cmd) {
			testutil.WriteFile(t, filepath.Join(c.Dir, "config.yml"), configText(unreachable))
		}, "--config.check").wantOK(t)
	})
}

// wantOK fails the test unless the check of a config has succeeded.
func (r result) wantOK(t *testing.T) {
	t.Helper()
	if r.code != 0 || r.stdout != "OK\n" || r.stderr != "" {
		t.Errorf("the config is refused: %v", r)
	}
}
