//go:build unix

package e2e

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// fifo makes a named pipe that nobody writes to. To open it in the usual way waits without end.
func fifo(t *testing.T, path string) string {
	t.Helper()
	_ = os.Remove(path) // it may not exist
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestPipesInThePlaceOfFiles(t *testing.T) {
	t.Parallel() // it waits more than it computes
	oms := startOMS(t)
	t.Run("a secret file", func(t *testing.T) {
		pipe := fifo(t, filepath.Join(t.TempDir(), "password"))
		p := start(t, nil, "--config.file="+configFile(t, withPasswordFile(oms, "prod", pipe)))
		p.get("/metrics")
		before := p.get("/metrics")
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				for range 20 {
					if got := p.get("/probe?target=prod"); got.Series(`oms_scrape_failure{oms="prod",reason="auth"}`) != "1" {
						t.Errorf("a scrape:\n%s", got.Body)
						return
					}
				}
			})
		}
		all.Wait()
		p.client.CloseIdleConnections()
		p.Eventually("nothing is left over", func() bool {
			after := p.get("/metrics")
			grown := func(name string) float64 { return after.Value(t, name) - before.Value(t, name) }
			return grown("process_open_fds") <= 2 && grown("go_goroutines") <= 5 && grown("go_threads") <= 8
		})
		p.waitForLog("is not a regular file", pipe)
	})
	t.Run("the config file of a running exporter", func(t *testing.T) {
		path := configFile(t, oms.target("prod"))
		p := start(t, nil, "--config.file="+path)
		fifo(t, path)
		for range 3 {
			p.Signal(syscall.SIGHUP)
			if got, err := p.ask(http.MethodPost, "/-/reload"); err != nil || got.Status != http.StatusInternalServerError ||
				!strings.Contains(got.Body, "is not a regular file") {
				t.Errorf("reload: %v, %d %s", err, got.Status, got.Body)
			}
		}
		if got := p.get("/metrics"); got.Tasks() != oms.truth() ||
			got.Value(t, "oms_exporter_config_last_reload_successful") != 0 {
			t.Error("the old config is not in place")
		}
	})
	t.Run("the config file of an exporter that reloads by itself", func(t *testing.T) {
		path := configFile(t, oms.target("prod"))
		p := start(t, nil, "--config.file="+path, "--config.auto-reload-interval=50ms")
		fifo(t, path)
		p.logs(notReloaded, 1)
		if got := p.get("/metrics"); got.Tasks() != oms.truth() ||
			got.Value(t, "oms_exporter_config_last_reload_successful") != 0 {
			t.Error("the old config is not in place")
		}
	})
	t.Run("the config file of a start", func(t *testing.T) {
		for _, args := range [][]string{nil, {"--config.check"}} {
			p := launch(t, nil, append(args, "--config.file="+fifo(t, filepath.Join(t.TempDir(), "config.yml")))...)
			if code := p.ExitCode(); code != 1 || !strings.Contains(p.Stderr.String(), "is not a regular file") {
				t.Errorf("%q: exit code %d, %s", args, code, p.Stderr.String())
			}
		}
	})
	t.Run("the file of --web.config.file at a start", func(t *testing.T) {
		p := launch(t, nil, "--demo", "--web.config.file="+fifo(t, filepath.Join(t.TempDir(), "web.yml")))
		if code := p.ExitCode(); code != 1 || !strings.Contains(p.Stderr.String(), "is not a regular file") {
			t.Errorf("exit code %d, %s", code, p.Stderr.String())
		}
	})
	t.Run("the file of --web.config.file of a running exporter", func(t *testing.T) {
		path := file(t, "web.yml", "http_server_config: {http2: false}\n")
		p := start(t, nil, "--demo", "--web.config.file="+path)
		p.get("/-/healthy")
		fifo(t, path)
		for range 3 {
			if got, err := p.ask(http.MethodGet, "/-/healthy"); err == nil {
				t.Errorf("status %d: who may ask cannot be known", got.Status)
			}
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("{}"), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := p.get("/-/healthy"); got.Status != http.StatusOK {
			t.Errorf("afterwards: %d", got.Status)
		}
	})
	t.Run("a certificate", func(t *testing.T) {
		folder, _ := certificate(t)
		pipe := filepath.Join(folder, "cert.pem")
		config := configFile(t, "- {name: prod, url: https://127.0.0.1:1, http_client: {tls_config: {ca_file: "+pipe+"}}}\n")
		p := start(t, nil, "--config.file="+config)
		fifo(t, pipe)
		if got := p.get("/probe?target=prod"); got.Series(`oms_scrape_failure{oms="prod",reason="auth"}`) != "1" {
			t.Errorf("a scrape:\n%s", got.Body)
		}
		p.waitForLog("is not a regular file")
		for _, args := range [][]string{nil, {"--config.check"}} {
			p := launch(t, nil, append(args, "--web.listen-address=127.0.0.1:0", "--config.file="+config)...)
			if code := p.ExitCode(); code != 1 || !strings.Contains(p.Stderr.String(), "is not a regular file") {
				t.Errorf("%q: exit code %d, %s", args, code, p.Stderr.String())
			}
		}
	})
}
