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

// replaceByPipe replaces the file at path, if there is one, by a named pipe without a writer: an ordinary open of the
// pipe never returns.
func replaceByPipe(t *testing.T, path string) {
	t.Helper()
	_ = os.Remove(path) // it may not exist
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
}

// newPipe creates a named pipe in a new folder and returns its path.
func newPipe(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pipe")
	replaceByPipe(t, path)
	return path
}

const notRegular = "is not a regular file"

func TestNamedPipe(t *testing.T) {
	t.Parallel()
	oms := startOMS(t)
	t.Run("scrapes fail without a leak when the secret file is a pipe", func(t *testing.T) {
		pipe := newPipe(t)
		p := startExporter(t, configFlag(t, oms.targetWithFile("prod", pipe)))
		p.get("/metrics")
		before := p.get("/metrics")
		var clients sync.WaitGroup
		for range 8 {
			clients.Go(func() {
				for range 20 {
					if got := p.get("/probe?target=prod"); got.Series(`oms_scrape_failure{oms="prod",reason="auth"}`) != "1" {
						t.Errorf("a scrape:\n%s", got.Body)
						return
					}
				}
			})
		}
		clients.Wait()
		p.client.CloseIdleConnections()
		p.Eventually("the scrapes have released their resources", func() bool {
			after := p.get("/metrics")
			growth := func(name string) float64 { return after.Value(t, name) - before.Value(t, name) }
			return growth("process_open_fds") <= 2 && growth("go_goroutines") <= 5 && growth("go_threads") <= 8
		})
		p.waitForLog(notRegular, pipe)
	})
	t.Run("a reload fails and the config stays in use when the config file is a pipe", func(t *testing.T) {
		path := writeConfig(t, oms.target("prod"))
		p := startExporter(t, "--config.file="+path)
		replaceByPipe(t, path)
		for range 3 {
			p.Signal(syscall.SIGHUP)
			if got := p.reload(http.StatusInternalServerError); !strings.Contains(got, notRegular) {
				t.Errorf("the error of the reload is %s", got)
			}
		}
		p.wantReloadSuccess(0)
		p.wantTarget("prod", oms)
	})
	t.Run("an automatic reload fails and the config stays in use when the config file is a pipe", func(t *testing.T) {
		path := writeConfig(t, oms.target("prod"))
		p := startExporter(t, "--config.file="+path, "--config.auto-reload-interval=50ms")
		replaceByPipe(t, path)
		p.waitForLogCount(notReloaded, 1)
		p.wantReloadSuccess(0)
		p.wantTarget("prod", oms)
	})
	t.Run("requests fail while the web config is a pipe", func(t *testing.T) {
		path := writeFile(t, "web.yml", "http_server_config: {http2: false}\n")
		p := startExporter(t, "--demo", "--web.config.file="+path)
		p.get("/-/healthy")
		replaceByPipe(t, path)
		for range 3 {
			if got, err := p.request(http.MethodGet, "/-/healthy"); err == nil {
				t.Errorf("status %d although the allowed users are unknown", got.Status)
			}
		}
		replaceFile(t, path, "{}")
		if got := p.get("/-/healthy"); got.Status != http.StatusOK {
			t.Errorf("status %d with a regular file", got.Status)
		}
	})

	withCA := func(path string) string {
		return configFlag(t, "- {name: prod, url: https://127.0.0.1:1, http_client: {tls_config: {ca_file: "+path+"}}}\n")
	}
	t.Run("a scrape fails when the certificate is a pipe", func(t *testing.T) {
		folder, _ := writeCertificate(t)
		path := filepath.Join(folder, "cert.pem")
		p := startExporter(t, withCA(path))
		replaceByPipe(t, path)
		if got := p.get("/probe?target=prod"); got.Series(`oms_scrape_failure{oms="prod",reason="auth"}`) != "1" {
			t.Errorf("a scrape:\n%s", got.Body)
		}
		p.waitForLog(notRegular)
	})
	for _, c := range []struct {
		rule string
		args []string
	}{
		{"a pipe as the config is an error at the start", []string{"--config.file=" + newPipe(t)}},
		{"a pipe as the config is an error of the check", []string{"--config.file=" + newPipe(t), "--config.check"}},
		{"a pipe as a certificate is an error at the start", []string{withCA(newPipe(t)), "--web.listen-address=127.0.0.1:0"}},
		{"a pipe as a certificate is an error of the check", []string{withCA(newPipe(t)), "--config.check"}},
		{"a pipe as the web config is an error at the start", []string{"--demo", "--web.config.file=" + newPipe(t)}},
	} {
		t.Run(c.rule, func(t *testing.T) {
			if got := runExporter(t, nil, c.args...); got.code != 1 || !strings.Contains(got.stderr, notRegular) {
				t.Error(got)
			}
		})
	}
}
