package e2e

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

// secretMark begins each secret of TestSecrets.
const secretMark = "Pl4nted"

// secretTraces returns the texts that reveal a secret: half of its mark, and the mark in base64 at each of the three
// offsets. It leaves out the base64 characters that depend on neighboring bytes.
func secretTraces() []string {
	traces := []string{secretMark[:4]}
	for offset := range 3 {
		encoded := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", offset) + secretMark + "xx"))
		begin, end := (offset*8+5)/6, (offset+len(secretMark))*8/6
		traces = append(traces, encoded[begin:end])
	}
	return traces
}

// secretTargets returns the names and the config of targets with secrets of every kind. All of them use one server.
func secretTargets(t *testing.T, url string) (names []string, config string) {
	t.Helper()
	folder := t.TempDir()
	// Each secret differs, and has characters that YAML, JSON, HTML or URLs escape.
	secrets := 0
	secret := func() string {
		secrets++
		return fmt.Sprintf(`%s-%d "<&>%%+é`, secretMark, secrets)
	}
	inline := func() string { return "'" + secret() + "'" }
	inFile := func() string {
		path := filepath.Join(folder, fmt.Sprintf("secret-%d", secrets))
		return testutil.WriteFile(t, path, secret()+"\n")
	}
	host := strings.TrimPrefix(url, "http://")
	token := "token_url: '" + url + "/token"
	var targets strings.Builder
	for _, c := range []struct{ name, url, client string }{
		{"basic", url, "basic_auth: {username: monitor, password: " + inline() + "}"},
		{"basic-file", url, "basic_auth: {username: monitor, password_file: " + inFile() + "}"},
		{"token", url, "authorization: {credentials: " + inline() + "}"},
		{"token-file", url, "authorization: {type: Token, credentials_file: " + inFile() + "}"},
		{"bearer", url, "bearer_token: " + secretMark + "-bearer"},
		{"header", url, "http_headers: {X-Custom: {secrets: [" + secretMark + "-header]}}"},
		{"header-file", url, "http_headers: {X-Custom: {files: [" + writeFile(t, "header", secretMark+"-header-file") + "]}}"},
		{"header-value", url, "http_headers: {X-Api-Key: {values: [" + secretMark + "-value]}}"},
		{"proxy", "http://oms.example", "proxy_url: 'http://monitor:" + secretMark + "-proxy%22%25@" + host + "'"},
		{"proxy-connect", "https://oms.example", "proxy_url: 'http://monitor:" + secretMark + "-connect@" + host + "', proxy_connect_header: {X-Proxy-Token: [" + secretMark + "-connect-header]}"},
		{"oauth2", url, "oauth2: {client_id: monitor, client_secret: " + inline() + ", " + token + "'}"},
		{"oauth2-file", url, "oauth2: {client_id: monitor, client_secret_file: " + inFile() + ", " + token + "?secret=" + secretMark + "-query'}"},
	} {
		names = append(names, c.name)
		fmt.Fprintf(&targets, "- name: %s\n  url: %s\n  timeout: 10s\n  http_client: {%s}\n", c.name, c.url, c.client)
	}
	return names, configText(targets.String())
}

// TestSecrets searches everything that the exporter writes for secrets, while OMS repeats them in its answers.
func TestSecrets(t *testing.T) {
	t.Parallel()
	traces := secretTraces()
	for _, trace := range traces[1:] {
		if len(trace) < 6 {
			t.Fatalf("the trace %q is so short that it occurs by chance", trace)
		}
	}
	server := startEchoServer(t)
	names, config := secretTargets(t, server.url)
	path := writeFile(t, "config.yml", config)
	modes := echoModes()
	server.mode.Store(modes[0])
	p := startExporter(t, "--config.file="+path, "--log.level=debug")

	check := func(where, text string) {
		t.Helper()
		for _, trace := range traces {
			if at := strings.Index(text, trace); at >= 0 {
				t.Errorf("%s: a secret is in %s:\n%s",
					server.mode.Load().name, where, text[max(0, at-200):min(len(text), at+100)])
				return
			}
		}
	}
	loggedPages := 0
	for _, mode := range modes {
		server.mode.Store(mode)
		logged := len(p.Stderr.String())
		var clients sync.WaitGroup
		for _, name := range names {
			clients.Go(func() {
				probe := "/probe?target=" + name
				for _, path := range []string{probe, probe + "&debug=true", "/tasks?target=" + name} {
					got, err := p.request(http.MethodGet, path)
					for err == nil && got.Status == http.StatusServiceUnavailable { // one debug walk runs at a time
						time.Sleep(10 * time.Millisecond)
						got, err = p.request(http.MethodGet, path)
					}
					if err != nil {
						t.Errorf("%s: %s: %v", mode.name, path, err)
					}
					check(path, got.Body)
				}
			})
		}
		clients.Wait()
		for _, link := range regexp.MustCompile(`href="(walks/\d+)"`).FindAllStringSubmatch(p.get("/").Body, -1) {
			got := p.get("/" + link[1])
			loggedPages += strings.Count(got.Body, "page 1")
			check(link[1], got.Body)
		}
		for _, page := range []string{"/", "/config", "/sd", "/tasks", "/probe", "/probe?target=nobody"} {
			check(page, p.get(page).Body)
		}
		check("the log", p.Stderr.String()[logged:])
	}
	if n := int(server.secrets.Load()); n < len(modes)*len(names) {
		t.Errorf("the server received secrets in %d requests, want at least %d", n, len(modes)*len(names))
	}
	if loggedPages < len(names) {
		t.Errorf("the logs of recent walks have %d requests, want at least %d", loggedPages, len(names))
	}
	check("/metrics", p.get("/metrics").Body)

	for _, invalid := range []string{
		"url: http://127.0.0.1:1, http_client: {basic_auth: {password: [" + secretMark + "]}}",
		"url: 'http://monitor:" + secretMark + "@127.0.0.1:1'",
		"url: http://127.0.0.1:1, http_client: {proxy_url: 'http://monitor:" + secretMark + "@[::1'}",
		"url: http://127.0.0.1:1, http_client: {bearer_token: " + secretMark + ", basic_auth: {username: u, password: " + secretMark + "}}",
		"url: http://127.0.0.1:1, timeout: " + secretMark + "1",
	} {
		testutil.WriteFile(t, path, config+"- {name: x, "+invalid+"}\n")
		check("the error of a reload", p.reload(http.StatusInternalServerError))
	}
	check("stdout", p.Stdout.String())
	check("stderr", p.Stderr.String())
}
