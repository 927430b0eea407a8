package e2e

import (
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

func TestTargetVariables(t *testing.T) {
	t.Run("the variables replace the config file, also after a reload", func(t *testing.T) {
		oms := startOMS(t)
		secret := writeFile(t, "password", wrongPassword+"\n")
		variables := environment(
			"OMS_EXPORTER_TARGET_URL="+oms.url,
			"OMS_EXPORTER_TARGET_USERNAME=monitor",
			"OMS_EXPORTER_TARGET_PASSWORD_FILE="+secret,
		)
		p := startExporterWith(t, variables)
		if got := p.get("/metrics"); got.Value(t, `oms_auth_held{oms="oms"}`) != 1 {
			t.Error("the wrong password is not refused")
		}
		testutil.WriteFile(t, secret, password)
		p.reload(http.StatusOK)
		p.Signal(syscall.SIGHUP)
		p.waitForLogCount(reloaded, 2)
		p.wantReloadSuccess(1)
		p.wantTarget("oms", oms)
		runExporter(t, variables, "--config.check").wantOK(t)
	})
	t.Run("a password in a variable is hidden", func(t *testing.T) {
		oms := startOMS(t)
		p := startExporterWith(t, environment(
			"OMS_EXPORTER_TARGET_NAME=prod",
			"OMS_EXPORTER_TARGET_URL="+oms.url,
			"OMS_EXPORTER_TARGET_USERNAME=monitor",
			"OMS_EXPORTER_TARGET_PASSWORD="+password,
		), "--log.level=debug", "--web.enable-pprof")
		p.wantTarget("prod", oms)
		for _, path := range []string{
			"/", "/config", "/tasks", "/metrics", "/probe?target=prod&debug=true",
			"/debug/pprof/cmdline", "/debug/pprof/goroutine?debug=2",
		} {
			if got := p.get(path); got.Status != http.StatusOK || strings.Contains(got.Body, password) {
				t.Errorf("%s: status %d, or the body contains the password", path, got.Status)
			}
		}
		if strings.Contains(p.Stderr.String(), password) {
			t.Error("the log contains the password")
		}
	})
	t.Run("config.yml in the working folder beside the variables is an error", func(t *testing.T) {
		got := runExporter(t, func(cmd *exec.Cmd) {
			environment("OMS_EXPORTER_TARGET_URL="+closedPort, "OMS_EXPORTER_TARGET_PASSWORD="+password)(cmd)
			testutil.WriteFile(t, filepath.Join(cmd.Dir, "config.yml"), configText(unreachable))
		})
		const want = "oms_exporter: error: OMS_EXPORTER_TARGET_PASSWORD, OMS_EXPORTER_TARGET_URL: " +
			"the targets come from the config file config.yml: unset the variables or remove the file\n"
		if got.code != 1 || got.stderr != want {
			t.Errorf("%v\nwant exit code 1 and on stderr %q", got, want)
		}
	})
}

func TestFlagVariables(t *testing.T) {
	p := launchExporter(t, environment(
		"OMS_EXPORTER_DEMO=true",
		"OMS_EXPORTER_WEB_LISTEN_ADDRESS=127.0.0.1:0",
		"OMS_EXPORTER_WEB_TELEMETRY_PATH=/here",
		"OMS_EXPORTER_WEB_TASKS_ON_METRICS=false",
		"OMS_EXPORTER_COLLECTOR_STEP=false",
	))
	p.url = p.URL()
	if got := p.get("/here"); got.Status != http.StatusOK || got.Tasks() != 0 {
		t.Errorf("/here: status %d, %d tasks", got.Status, got.Tasks())
	}
	const steps = "oms_task_step_"
	if got := p.get("/probe?target=demo"); got.Tasks() == 0 || strings.Contains(got.Body, steps) {
		t.Errorf("/probe: %d tasks, want some; steps present: %t", got.Tasks(), strings.Contains(got.Body, steps))
	}
	p.stop()
}
