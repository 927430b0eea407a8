package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

const (
	reloaded    = "The config is reloaded"
	notReloaded = "Failed to reload the config"
)

// logs waits until the log has a text that many times.
func (p *process) logs(text string, times int) {
	p.t.Helper()
	p.Eventually("the log has "+text, func() bool { return strings.Count(p.Stderr.String(), text) >= times })
	if n := strings.Count(p.Stderr.String(), text); n != times {
		p.t.Errorf("the log has %q %d times, want %d", text, n, times)
	}
}

// replaceFile replaces a file at once: a check never finds half of it.
func replaceFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.Rename(testutil.WriteFile(t, path+".new", text), path); err != nil {
		t.Fatal(err)
	}
}

func TestAutoReload(t *testing.T) {
	oms := startOMS(t)
	secret := file(t, "password", password)
	path := configFile(t, withPasswordFile(oms, "prod", secret))
	p := start(t, nil, "--config.file="+path, "--config.auto-reload-interval=50ms")

	replaceFile(t, path, "targets:\n"+withPasswordFile(oms, "other", secret))
	p.logs(reloaded, 1)
	if got := p.get("/metrics"); got.Value(t, `oms_up{oms="other"}`) != 1 {
		t.Error("the new target does not run")
	}
	for i, text := range []string{"targets: [}", "targets: []"} {
		replaceFile(t, path, text)
		p.logs(notReloaded, i+1)
		time.Sleep(500 * time.Millisecond) // ten checks
		p.logs(notReloaded, i+1)
		if got := p.get("/metrics"); got.Value(t, `oms_up{oms="other"}`) != 1 ||
			got.Value(t, "oms_exporter_config_last_reload_successful") != 0 {
			t.Error("the running config is lost, or the failure does not show")
		}
	}
	replaceFile(t, path, "targets:\n"+withPasswordFile(oms, "third", secret))
	p.logs(reloaded, 2)
	replaceFile(t, secret, password+"\n")
	p.logs(reloaded, 3)
	if got := p.get("/metrics"); got.Tasks() != oms.truth() ||
		got.Value(t, "oms_exporter_config_last_reload_successful") != 1 {
		t.Error("the config after the bad ones does not run")
	}
}

func TestWithoutAutoReloadNothingIsReloaded(t *testing.T) {
	oms := startOMS(t)
	path := configFile(t, oms.target("prod"))
	p := start(t, nil, "--config.file="+path)
	replaceFile(t, path, "targets:\n"+oms.target("other"))
	time.Sleep(500 * time.Millisecond)
	if got := p.get("/metrics"); got.Value(t, `oms_up{oms="prod"}`) != 1 || strings.Contains(p.Stderr.String(), reloaded) {
		t.Error("the config is reloaded")
	}
}

// Kubernetes mounts a config map as links to ..data/, which is a link to a folder that an update replaces.
func TestAutoReloadOfAConfigMap(t *testing.T) {
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
	testutil.WriteFile(t, filepath.Join(mount, "..1", "config.yml"), "targets:\n"+oms.target("prod"))
	testutil.WriteFile(t, filepath.Join(mount, "..2", "config.yml"), "targets:\n"+oms.target("other"))
	link("..1", "..data")
	link("..data/config.yml", "config.yml")
	p := start(t, nil, "--config.file="+filepath.Join(mount, "config.yml"), "--config.auto-reload-interval=50ms")
	link("..2", "..data")
	p.logs(reloaded, 1)
	if got := p.get("/metrics"); got.Value(t, `oms_up{oms="other"}`) != 1 {
		t.Error("the new target does not run")
	}
}

func TestAutoReloadAllowsNoRetry(t *testing.T) {
	oms := startOMS(t)
	target := func(settings ...string) string {
		return strings.Replace(oms.target("prod", settings...), password, "Wr0ng-password", 1)
	}
	path := configFile(t, target())
	p := start(t, nil, "--config.file="+path, "--config.auto-reload-interval=50ms")
	p.get("/metrics")
	replaceFile(t, path, "targets:\n"+target("  timeout: 10s"))
	p.logs(reloaded, 1)
	if got := p.get("/metrics"); got.Value(t, `oms_auth_held{oms="prod"}`) != 1 || oms.Counts().Requests != 1 {
		t.Errorf("%d requests with a wrong password", oms.Counts().Requests)
	}
}
