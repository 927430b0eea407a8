package e2e

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

// environment adds variables to those of the exporter.
func environment(variables ...string) func(*exec.Cmd) {
	return func(c *exec.Cmd) { c.Env = append(c.Env, variables...) }
}

func TestVariablesInPlaceOfAConfig(t *testing.T) {
	oms := startOMS(t)
	secret := file(t, "password", "Wr0ng-password\n")
	variables := environment(
		"OMS_EXPORTER_TARGET_URL="+oms.url,
		"OMS_EXPORTER_TARGET_USERNAME=monitor",
		"OMS_EXPORTER_TARGET_PASSWORD_FILE="+secret,
	)
	p := start(t, variables)
	if got := p.get("/metrics"); got.Value(t, `oms_auth_held{oms="oms"}`) != 1 {
		t.Error("the wrong password is not refused")
	}
	testutil.WriteFile(t, secret, password)
	if got, err := p.ask(http.MethodPost, "/-/reload"); err != nil || got.Status != http.StatusOK {
		t.Errorf("reload: %v, %d %s", err, got.Status, got.Body)
	}
	p.Signal(syscall.SIGHUP)
	p.Eventually(
		"a hangup reloads, too",
		func() bool { return strings.Count(p.Stderr.String(), "The config is reloaded") == 2 },
	)
	if got := p.get("/metrics"); got.Tasks() != oms.truth() ||
		got.Value(t, "oms_exporter_config_last_reload_successful") != 1 {
		t.Errorf("%d tasks after a reload with the right password", got.Tasks())
	}
	if p := launch(t, variables, "--config.check"); p.ExitCode() != 0 || p.Stdout.String() != "OK\n" {
		t.Errorf("--config.check: %s%s", p.Stdout.String(), p.Stderr.String())
	}
}

func TestAPasswordInAVariableShowsNowhere(t *testing.T) {
	oms := startOMS(t)
	p := start(
		t,
		environment(
			"OMS_EXPORTER_TARGET_NAME=prod",
			"OMS_EXPORTER_TARGET_URL="+oms.url,
			"OMS_EXPORTER_TARGET_USERNAME=monitor",
			"OMS_EXPORTER_TARGET_PASSWORD="+password,
		),
		"--log.level=debug",
		"--web.enable-pprof",
	)
	if got := p.get("/probe?target=prod"); got.Tasks() != oms.truth() {
		t.Errorf("%d tasks", got.Tasks())
	}
	for _, path := range []string{"/", "/config", "/tasks", "/metrics", "/probe?target=prod&debug=true",
		"/debug/pprof/cmdline", "/debug/pprof/goroutine?debug=2"} {
		if got := p.get(path); got.Status != http.StatusOK || strings.Contains(got.Body, password) {
			t.Errorf("%s: status %d, or the password shows", path, got.Status)
		}
	}
	if strings.Contains(p.Stderr.String(), password) {
		t.Error("the password is in the log")
	}
}

func TestVariablesBesideAnotherConfig(t *testing.T) {
	valid := configFile(t, "- {name: prod, url: http://127.0.0.1:1}\n")
	for _, c := range []struct {
		rule string
		args []string
		want string
	}{
		{"a config file", []string{"--config.file=" + valid}, "OMS_EXPORTER_TARGET_PASSWORD, OMS_EXPORTER_TARGET_URL: the targets come from the config file " + valid + ": unset the variables or remove the file"},
		{"a config.yml in the folder", nil, "OMS_EXPORTER_TARGET_PASSWORD, OMS_EXPORTER_TARGET_URL: the targets come from the config file config.yml: unset the variables or remove the file"},
		{"the demo", []string{"--demo"}, "--demo has its own target: unset OMS_EXPORTER_TARGET_PASSWORD, OMS_EXPORTER_TARGET_URL"},
	} {
		t.Run(c.rule, func(t *testing.T) {
			p := launch(t, func(cmd *exec.Cmd) {
				environment("OMS_EXPORTER_TARGET_URL=http://127.0.0.1:1", "OMS_EXPORTER_TARGET_PASSWORD="+password)(cmd)
				if c.args == nil {
					if err := os.Link(valid, filepath.Join(cmd.Dir, "config.yml")); err != nil {
						t.Fatal(err)
					}
				}
			}, c.args...)
			if code := p.ExitCode(); code != 1 || p.Stderr.String() != "oms_exporter: error: "+c.want+"\n" {
				t.Errorf("exit code %d, %s", code, p.Stderr.String())
			}
		})
	}
}
