package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

func TestHelp(t *testing.T) {
	help := func(flag string) string {
		// These two flags read no environment variable, so a wrong one does no harm.
		p := launch(t, func(c *exec.Cmd) { c.Env = append(c.Env, "OMS_EXPORTER_VERSION=true") }, flag)
		if code := p.ExitCode(); code != 0 || p.Stderr.String() != "" {
			t.Errorf("%s: exit code %d, stderr %q", flag, code, p.Stderr.String())
		}
		return p.Stdout.String()
	}
	long := help("--help") // its text is in the docs
	if short := help("-h"); short != long || !strings.Contains(long, "--config.file") {
		t.Errorf("-h prints another text than --help:\n%s", cmp.Diff(long, short))
	}
}

func TestVersion(t *testing.T) {
	p := launch(t, func(c *exec.Cmd) { c.Env = append(c.Env, "OMS_EXPORTER_HELP=true") }, "--version")
	if code := p.ExitCode(); code != 0 || p.Stderr.String() != "" ||
		!strings.HasPrefix(p.Stdout.String(), "oms_exporter, version "+testutil.Version+" (") ||
		!strings.Contains(p.Stdout.String(), "go version:") {
		t.Errorf("exit code %d\n%s%s", code, p.Stdout.String(), p.Stderr.String())
	}
}

func TestManPage(t *testing.T) {
	p := launch(t, nil, "--help-man")
	if code := p.ExitCode(); code != 0 || p.Stderr.String() != "" {
		t.Fatalf("exit code %d, %s", code, p.Stderr.String())
	}
	page := p.Stdout.String()
	if head := `.TH oms_exporter 1  "` + testutil.Version + "\"\n.SH"; !strings.HasPrefix(page, head) {
		t.Errorf("the page begins with %.200q", page)
	}
	for line := range strings.Lines(page) {
		if strings.HasPrefix(line, " ") || strings.HasPrefix(line, "'") ||
			strings.HasPrefix(line, ".") && !regexp.MustCompile(`^\.(TH|SH|TP)\b`).MatchString(line) {
			t.Errorf("no roff: %q", line)
		}
	}
	groff := testutil.LookPath(t, "install the Debian package groff", "groff")
	if _, warnings, err := testutil.Run(
		t,
		t.TempDir(),
		groff,
		"-man",
		"-ww",
		"-z",
		"-Tutf8",
		file(t, "oms_exporter.1", page),
	); err != nil ||
		warnings != "" {
		t.Errorf("%v\n%s", err, warnings)
	}
}

func TestExternalURL(t *testing.T) {
	for _, c := range []struct {
		rule   string
		args   []string
		prefix string
	}{
		{"the proxy keeps the path", []string{"--web.external-url=https://oms.example.com/exporter/"}, "/exporter"},
		{"the proxy strips the path", []string{"--web.external-url=https://oms.example.com/exporter/", "--web.route-prefix=/"}, ""},
	} {
		t.Run(c.rule, func(t *testing.T) {
			p := start(t, nil, append(c.args, "--demo")...)
			want := `[{"targets":["oms.example.com"],"labels":{"__metrics_path__":"/exporter/probe","__param_target":"demo","__scheme__":"https","instance":"demo"}}]` + "\n"
			if got := p.get(c.prefix + "/sd"); got.Body != want {
				t.Errorf("/sd is %s", got.Body)
			}
			for _, path := range []string{"/", "/metrics", "/-/healthy", "/-/ready"} {
				if got := p.get(c.prefix + path); got.Status != 200 {
					t.Errorf("%s: status %d", path, got.Status)
				}
			}
		})
	}
}

func TestAddressToOpen(t *testing.T) {
	folder, _ := certificate(t)
	for _, c := range []struct {
		rule string
		args []string
		want string
	}{
		{"the demo", nil, `msg="Open this address in a browser" url=http://127\.0\.0\.1:\d+/`},
		{"behind a proxy", []string{"--web.external-url=https://oms.example.com/exporter/"}, `msg="Open this address in a browser" url=https://oms\.example\.com/exporter/`},
		{"below a path", []string{"--web.route-prefix=/exporter"}, `msg="Open this address in a browser" url=http://127\.0\.0\.1:\d+/exporter/`},
		{"with TLS", []string{"--web.config.file=" + webConfig(t, folder, "")}, `msg="Open this address in a browser" url=https://127\.0\.0\.1:\d+/`},
	} {
		t.Run(c.rule, func(t *testing.T) {
			p := start(t, nil, append(c.args, "--demo")...)
			p.Eventually(
				"the address is logged",
				func() bool { return regexp.MustCompile(c.want).MatchString(p.Stderr.String()) },
			)
			if n := strings.Count(p.Stderr.String(), "Open this address"); n != 1 {
				t.Errorf("%d lines about it", n)
			}
		})
	}
}

func TestWhatKeepsItFromStartingIsOneLine(t *testing.T) {
	taken := testutil.Listen(t)
	valid := configFile(t, "- {name: prod, url: http://127.0.0.1:1}\n")
	for _, c := range []struct {
		rule string
		args []string
		env  string
		want string // a regular expression of the whole line
	}{
		{"a port in use", []string{"--demo", "--web.listen-address=" + taken.Addr().String()}, "", `listen tcp 127\.0\.0\.1:\d+: bind: address already in use: stop the other program, .*`},
		{"one of two ports in use", []string{"--demo", "--web.listen-address=127.0.0.1:0", "--web.listen-address=" + taken.Addr().String()}, "",
			`listen tcp 127\.0\.0\.1:\d+: bind: address already in use: stop the other program, .*`},
		{"an address that is none", []string{"--demo", "--web.listen-address=nowhere"}, "", `listen tcp: address nowhere: missing port in address: check --web\.listen-address, .*`},
		{"no config", nil, "", `there is no config\.yml in this folder: set --config\.file or OMS_EXPORTER_TARGET_URL, or try --demo`},
		{"a config that is not there", []string{"--config.file=/none/config.yml"}, "", `/none/config\.yml: cannot be read: no such file or directory: check the path and the permissions`},
		{"a config that is a folder", []string{"--config.file=/"}, "", `/: cannot be read: .*`},
		{"a config with a mistake", []string{"--config.file=" + file(t, "config.yml", "targets:\n- name: prod\n  url: ftp://oms\n")}, "",
			`\S+/config\.yml:3: targets\[0\]\.url: .*`},
		{"a certificate that is not there", []string{"--config.file=" + configFile(t,
			"- {name: prod, url: https://127.0.0.1:1, http_client: {tls_config: {ca_file: none.pem}}}\n")}, "", `target prod: \S+/config\.yml:2: targets\[0\]\.http_client\.tls_config\.ca_file: the file \S+none\.pem cannot be read: no such file or directory: check the path and the permissions`},
		{"a flag that is none", []string{"--nope"}, "", `unknown long flag '--nope', try --help`},
		{"a text for a number", []string{"--web.max-requests=many"}, "", `--web\.max-requests=many: must be a number, try --help`},
		{"no scrape at all", []string{"--demo", "--web.max-requests=0"}, "", `--web\.max-requests=0: must be at least 1`},
		{"a negative offset", []string{"--demo", "--web.timeout-offset=-1s"}, "", `--web\.timeout-offset=-1s: must not be negative`},
		{"an offset without a unit", []string{"--web.timeout-offset=1"}, "", `--web\.timeout-offset=1: missing unit in duration "1", try --help`},
		{"a level that is none", []string{"--log.level=loud"}, "", `--log\.level=loud: enum value must be one of debug,info,warn,error, got 'loud', try --help`},
		{"an argument", []string{"config.yml"}, "", `unexpected config\.yml, try --help`},
		{"a bad variable", nil, "OMS_EXPORTER_DEMO=perhaps", `OMS_EXPORTER_DEMO=perhaps: must be true or false, try --help`},
		{"a bad number in a variable", nil, "OMS_EXPORTER_WEB_MAX_REQUESTS=many", `OMS_EXPORTER_WEB_MAX_REQUESTS=many: must be a number, try --help`},
		{"a bad level in a variable", nil, "OMS_EXPORTER_LOG_LEVEL=loud", `OMS_EXPORTER_LOG_LEVEL=loud: enum value .*`},
		{"a telemetry path that is none", []string{"--demo", "--web.telemetry-path=metrics"}, "", `--web\.telemetry-path=metrics: use a path such as /metrics .*`},
		{"a telemetry path that is taken", []string{"--demo", "--web.telemetry-path=/probe"}, "", `--web\.telemetry-path=/probe: this path is already in use: choose another one`},
		{"demo with a config", []string{"--demo", "--config.file=" + valid}, "", `--demo has its own config: remove --config\.file`},
		{"demo with a config by variable", []string{"--demo"}, "OMS_EXPORTER_CONFIG_FILE=" + valid, `--demo has its own config: remove --config\.file`},
		{"demo and a check", []string{"--demo", "--config.check"}, "", `--demo has no config to check: remove --config\.check`},
		{"a web config that is not there", []string{"--demo", "--web.config.file=/none/web.yml"}, "", `--web\.config\.file=/none/web\.yml: .*no such file or directory: check the path and the permissions`},
		{"a web config with an unknown key", []string{"--demo", "--web.config.file=" + file(t, "web.yml", "nope: 1\n")}, "", `--web\.config\.file=\S+: .*line 1: field nope not found.*`},
		{"a web config whose certificate is not there", []string{"--demo", "--web.config.file=" +
			file(t, "web.yml", "tls_server_config: {cert_file: none.pem, key_file: none.pem}\n")}, "", `--web\.config\.file=\S+: .*none\.pem.*`},
	} {
		t.Run(c.rule, func(t *testing.T) {
			p := launch(t, func(cmd *exec.Cmd) { cmd.Env = append(cmd.Env, c.env) }, c.args...)
			if code := p.ExitCode(); code != 1 || p.Stdout.String() != "" {
				t.Errorf("exit code %d, stdout %q", code, p.Stdout.String())
			}
			if line := regexp.MustCompile(`^oms_exporter: error: ` + c.want + `\n$`); !line.MatchString(p.Stderr.String()) {
				t.Errorf("stderr is %q\nwant      %s", p.Stderr.String(), line)
			}
		})
	}
}

func TestConfigCheck(t *testing.T) {
	secret := file(t, "secret", "x")
	for _, c := range []struct {
		rule, config string
		args         []string
		want         string // of stderr; empty: OK
	}{
		{"a good config", "- {name: prod, url: http://127.0.0.1:1}\n", nil, ""},
		{"a secret file that is there", "- {name: prod, url: http://127.0.0.1:1, http_client: {basic_auth: {username: u, password_file: " + secret + "}}}\n", nil, ""},
		{"a secret file that is not", "- {name: prod, url: http://127.0.0.1:1, http_client: {basic_auth: {username: u, password_file: none}}}\n", nil,
			`:2: targets[0].http_client.basic_auth.password_file: the file`},
		{"a certificate that is not there", "- {name: prod, url: https://127.0.0.1:1, http_client: {tls_config: {ca_file: none.pem}}}\n", nil, `:2: targets[0].http_client.tls_config`},
		{"a mistake", "- {name: prod, url: http://127.0.0.1:1, page_size: 151}\n", nil, `:2: targets[0].page_size: 151`},
		{"a bad web config", "- {name: prod, url: http://127.0.0.1:1}\n", []string{"--web.config.file=none.yml"}, `--web.config.file=none.yml: `},
	} {
		t.Run(c.rule, func(t *testing.T) {
			p := launch(t, nil, append([]string{"--config.check", "--config.file=" + configFile(t, c.config)}, c.args...)...)
			code, out, errs := p.ExitCode(), p.Stdout.String(), p.Stderr.String()
			if c.want == "" && (code != 0 || out != "OK\n" || errs != "") {
				t.Errorf("exit code %d, stdout %q, stderr %q", code, out, errs)
			}
			if c.want != "" && (code != 1 || out != "" || strings.Count(errs, "\n") != 1 || !strings.Contains(errs, c.want)) {
				t.Errorf("exit code %d, stdout %q, stderr %q", code, out, errs)
			}
		})
	}
}

func TestTheExampleConfigPassesTheCheck(t *testing.T) {
	example, err := filepath.Abs("../../config.example.yml")
	if err != nil {
		t.Fatal(err)
	}
	if p := launch(t, nil, "--config.check", "--config.file="+example); p.ExitCode() != 0 || p.Stdout.String() != "OK\n" {
		t.Errorf("%s%s", p.Stdout.String(), p.Stderr.String())
	}
}

func TestConfigYMLOfTheFolderIsTheDefault(t *testing.T) {
	p := launch(t, func(c *exec.Cmd) {
		testutil.WriteFile(t, filepath.Join(c.Dir, "config.yml"), "targets: [{name: prod, url: http://127.0.0.1:1}]")
	}, "--config.check")
	if p.ExitCode() != 0 {
		t.Error(p.Stderr.String())
	}
}

func TestVariablesStartItAsFlagsDo(t *testing.T) {
	p := launch(t, func(c *exec.Cmd) {
		c.Env = append(
			c.Env,
			"OMS_EXPORTER_DEMO=true",
			"OMS_EXPORTER_WEB_LISTEN_ADDRESS=127.0.0.1:0",
			"OMS_EXPORTER_WEB_TELEMETRY_PATH=/here",
			"OMS_EXPORTER_WEB_TASKS_ON_METRICS=false",
			"OMS_EXPORTER_COLLECTOR_STEP=false",
		)
	})
	p.url = p.URL()
	defer func() {
		p.client.CloseIdleConnections()
		p.Signal(os.Interrupt)
		if p.ExitCode() != 0 {
			t.Error(p.Stderr.String())
		}
	}()
	if got := p.get("/here"); got.Status != 200 || got.Tasks() != 0 {
		t.Errorf("%d, %d tasks", got.Status, got.Tasks())
	}
	if got := p.get("/probe?target=demo"); got.Tasks() == 0 || strings.Contains(got.Body, "oms_task_step_") {
		t.Errorf("%d tasks", got.Tasks())
	}
}

func TestGomaxprocs(t *testing.T) {
	for _, c := range []struct {
		rule string
		env  []string
		args []string
		want float64
	}{
		{"one by default", nil, nil, 1},
		{"Go's own variable", []string{"GOMAXPROCS=3"}, nil, 3},
		{"the flag goes before the variable", []string{"GOMAXPROCS=3"}, []string{"--runtime.gomaxprocs=2"}, 2},
	} {
		t.Run(c.rule, func(t *testing.T) {
			p := start(t, environment(c.env...), append(c.args, "--demo")...)
			if got := p.get("/metrics").Value(t, "go_sched_gomaxprocs_threads"); got != c.want {
				t.Errorf("%v CPUs, want %v", got, c.want)
			}
		})
	}
}
