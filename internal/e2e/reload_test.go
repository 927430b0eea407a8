package e2e

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

const (
	reloaded    = "The config is reloaded"
	notReloaded = "Failed to reload the config"
)

// replaceFile replaces a file in one step: a reader never finds a part of it.
func replaceFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.Rename(testutil.WriteFile(t, path+".new", text), path); err != nil {
		t.Fatal(err)
	}
}

// wantTarget fails the test unless the only target is name, which has all tasks of an OMS.
func (p *process) wantTarget(name string, oms omsServer) {
	p.t.Helper()
	got := p.get("/metrics")
	if up := got.Series(`oms_up{oms="` + name + `"}`); up != "1" || got.Tasks() != oms.taskCount() {
		p.t.Errorf("oms_up of %s is %q, and %d tasks, want %d", name, up, got.Tasks(), oms.taskCount())
	}
}

// wantReloadSuccess fails the test unless the metric of the last reload has a value.
func (p *process) wantReloadSuccess(want float64) {
	p.t.Helper()
	if got := p.get("/metrics").Value(p.t, "oms_exporter_config_last_reload_successful"); got != want {
		p.t.Errorf("oms_exporter_config_last_reload_successful is %v, want %v", got, want)
	}
}

func TestReload(t *testing.T) {
	oms := startOMS(t)
	t.Run("a changed config is loaded only after SIGHUP", func(t *testing.T) {
		path := writeConfig(t, oms.target("prod"))
		p := startExporter(t, "--config.file="+path)
		replaceFile(t, path, configText(oms.target("other")))
		time.Sleep(500 * time.Millisecond)
		p.wantTarget("prod", oms)
		p.waitForLogCount(reloaded, 0)
		p.Signal(syscall.SIGHUP)
		p.waitForLogCount(reloaded, 1)
		p.wantTarget("other", oms)
		if got := p.get("/probe?target=prod"); got.Status != http.StatusBadRequest {
			t.Errorf("the status for the removed target is %d", got.Status)
		}
	})
	t.Run("an invalid config changes nothing", func(t *testing.T) {
		path := writeConfig(t, oms.target("prod"))
		p := startExporter(t, "--config.file="+path)
		replaceFile(t, path, "targets: [}")
		p.Signal(syscall.SIGHUP)
		p.waitForLogCount(notReloaded, 1)
		p.wantReloadSuccess(0)
		p.wantTarget("prod", oms)
	})
}

func TestAutoReload(t *testing.T) {
	const everyCheck = "--config.auto-reload-interval=50ms"
	t.Run("each change of the config or of a secret file is loaded once", func(t *testing.T) {
		oms := startOMS(t)
		secret := writeFile(t, "password", password)
		path := writeConfig(t, oms.targetWithFile("prod", secret))
		p := startExporter(t, "--config.file="+path, everyCheck)

		replaceFile(t, path, configText(oms.targetWithFile("other", secret)))
		p.waitForLogCount(reloaded, 1)
		p.wantTarget("other", oms)
		for i, invalid := range []string{"targets: [}", "targets: []"} {
			replaceFile(t, path, invalid)
			p.waitForLogCount(notReloaded, i+1)
			time.Sleep(500 * time.Millisecond) // ten checks
			p.waitForLogCount(notReloaded, i+1)
			p.wantReloadSuccess(0)
			p.wantTarget("other", oms)
		}
		replaceFile(t, path, configText(oms.targetWithFile("third", secret)))
		p.waitForLogCount(reloaded, 2)
		replaceFile(t, secret, password+"\n")
		p.waitForLogCount(reloaded, 3)
		p.wantReloadSuccess(1)
		p.wantTarget("third", oms)
	})
	// Kubernetes mounts a ConfigMap as links to ..data/, which is a link to a folder. An update replaces that link.
	t.Run("an update of a ConfigMap is loaded", func(t *testing.T) {
		oms := startOMS(t)
		mount := t.TempDir()
		link := func(to, name string) {
			t.Helper()
			swap := filepath.Join(mount, "..swap")
			if err := os.Symlink(to, swap); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(swap, filepath.Join(mount, name)); err != nil {
				t.Fatal(err)
			}
		}
		testutil.WriteFile(t, filepath.Join(mount, "..1", "config.yml"), configText(oms.target("prod")))
		testutil.WriteFile(t, filepath.Join(mount, "..2", "config.yml"), configText(oms.target("other")))
		link("..1", "..data")
		link("..data/config.yml", "config.yml")
		p := startExporter(t, "--config.file="+filepath.Join(mount, "config.yml"), everyCheck)
		link("..2", "..data")
		p.waitForLogCount(reloaded, 1)
		p.wantTarget("other", oms)
	})
	t.Run("refused credentials are not sent again", func(t *testing.T) {
		oms := startOMS(t)
		target := func(settings ...string) string {
			return strings.Replace(oms.target("prod", settings...), password, wrongPassword, 1)
		}
		path := writeConfig(t, target())
		p := startExporter(t, "--config.file="+path, everyCheck)
		p.get("/metrics")
		replaceFile(t, path, configText(target("  timeout: 10s")))
		p.waitForLogCount(reloaded, 1)
		got := p.get("/metrics")
		if n := oms.Counts().Requests; n != 1 || got.Value(t, `oms_auth_held{oms="prod"}`) != 1 {
			t.Errorf("%d requests, want 1, and oms_auth_held 1:\n%s", n, testutil.Tail(got.Body, 2000))
		}
	})
}
