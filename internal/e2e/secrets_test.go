package e2e

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

// marker is in each secret that the test plants. The rest of a secret differs, and has characters that are escaped here
// and there.
const marker = "Pl4nted"

// traces are what a secret leaves wherever it shows: its first half, plain or in base64, with whatever stands before
// it.
func traces() []string {
	all := []string{marker[:4]}
	for before := range 3 {
		encoded := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", before) + marker + "xx"))
		// What depends on the characters around the marker is left out.
		begin, end := (before*8+5)/6, (before+len(marker))*8/6
		all = append(all, encoded[begin:end])
	}
	return all
}

// planted is a config whose targets have secrets of every kind, all of them at the same server.
func planted(t *testing.T, e *echo) string {
	t.Helper()
	folder := t.TempDir()
	n := 0
	secret := func() string {
		n++
		return fmt.Sprintf(`%s-%d "<&>%%+é`, marker, n)
	}
	inline := func() string { return "'" + secret() + "'" }
	inFile := func() string {
		path := filepath.Join(folder, fmt.Sprintf("secret-%d", n))
		testutil.WriteFile(t, path, secret()+"\n")
		return path
	}
	host := strings.TrimPrefix(e.url, "http://")
	var targets strings.Builder
	add := func(name, url, client string) {
		fmt.Fprintf(&targets, "- name: %s\n  url: %s\n  timeout: 10s\n  http_client: {%s}\n", name, url, client)
	}
	add("basic", e.url, "basic_auth: {username: monitor, password: "+inline()+"}")
	add("basic-file", e.url, "basic_auth: {username: monitor, password_file: "+inFile()+"}")
	add("token", e.url, "authorization: {credentials: "+inline()+"}")
	add("token-file", e.url, "authorization: {type: Token, credentials_file: "+inFile()+"}")
	add("bearer", e.url, "bearer_token: "+marker+"-bearer")
	add("header", e.url, "http_headers: {X-Custom: {secrets: ["+marker+"-header]}}")
	add("header-file", e.url, "http_headers: {X-Custom: {files: ["+file(t, "header", marker+"-header-file")+"]}}")
	add("header-value", e.url, "http_headers: {X-Api-Key: {values: ["+marker+"-value]}}")
	add("proxy", "http://oms.example", "proxy_url: 'http://monitor:"+marker+"-proxy%22%25@"+host+"'")
	add(
		"proxy-connect",
		"https://oms.example",
		"proxy_url: 'http://monitor:"+marker+"-connect@"+host+"', proxy_connect_header: {X-Proxy-Token: ["+marker+"-connect-header]}",
	)
	add("oauth2", e.url, "oauth2: {client_id: monitor, client_secret: "+inline()+", token_url: '"+e.url+"/token'}")
	add(
		"oauth2-file",
		e.url,
		"oauth2: {client_id: monitor, client_secret_file: "+inFile()+", token_url: '"+e.url+"/token?secret="+marker+"-query'}",
	)
	return "targets:\n" + targets.String()
}

func TestNoSecretShows(t *testing.T) {
	t.Parallel() // it waits more than it computes
	for _, trace := range traces()[1:] {
		if len(trace) < 6 {
			t.Fatalf("trace %q is too short to tell", trace)
		}
	}
	oms := startEcho(t)
	path := file(t, "config.yml", planted(t, oms))
	oms.mode.Store(echoModes()[0])
	p := start(t, nil, "--config.file="+path, "--log.level=debug")

	said := func(where, text string) {
		t.Helper()
		for _, trace := range traces() {
			if at := strings.Index(text, trace); at >= 0 {
				t.Errorf("%s: %s:\n%s", oms.mode.Load().name, where, text[max(0, at-200):min(len(text), at+100)])
				return
			}
		}
	}
	names := []string{"basic", "basic-file", "token", "token-file", "bearer", "header", "header-file", "header-value",
		"proxy", "proxy-connect", "oauth2", "oauth2-file"}
	var heard atomic.Int32
	logs := 0
	for _, mode := range echoModes() {
		oms.mode.Store(&echoMode{mode.name, func(w http.ResponseWriter, r *http.Request, text string) {
			if strings.Contains(text, marker) {
				heard.Add(1)
			}
			mode.answer(w, r, text)
		}})
		logged := len(p.Stderr.String())
		var all sync.WaitGroup
		for _, name := range names {
			all.Go(func() {
				for _, path := range []string{"/probe?target=" + name, "/probe?target=" + name + "&debug=true",
					"/tasks?target=" + name} {
					got, err := p.ask(http.MethodGet, path)
					for err == nil && got.Status == http.StatusServiceUnavailable { // one debug walk at a time
						time.Sleep(10 * time.Millisecond)
						got, err = p.ask(http.MethodGet, path)
					}
					if err != nil {
						t.Errorf("%s: %s: %v", mode.name, path, err)
					}
					said(path, got.Body)
				}
			})
		}
		all.Wait()
		for _, link := range regexp.MustCompile(`href="(walks/\d+)"`).FindAllStringSubmatch(p.get("/").Body, -1) {
			got := p.get("/" + link[1])
			logs += strings.Count(got.Body, "page 1")
			said(link[1], got.Body)
		}
		for _, page := range []string{"/", "/config", "/sd", "/tasks", "/probe", "/probe?target=nobody"} {
			said(page, p.get(page).Body)
		}
		said("the log", p.Stderr.String()[logged:])
	}
	if got := int(heard.Load()); got < len(echoModes())*len(names) {
		t.Errorf("the secrets came to the server %d times: too few to prove anything", got)
	}
	if logs < len(names) {
		t.Errorf("the logs of recent walks have %d requests: too few to prove anything", logs)
	}
	said("/metrics", p.get("/metrics").Body)
	checkBrokenConfigs(t, p, path, said)
	said("stdout", p.Stdout.String())
	said("stderr", p.Stderr.String())
}

// checkBrokenConfigs reloads configs in which secrets stand where they cannot be read.
func checkBrokenConfigs(t *testing.T, p *process, path string, said func(where, text string)) {
	t.Helper()
	whole := testutil.ReadFile(t, path)
	for _, broken := range []string{
		string(whole) + "- {name: x, url: http://127.0.0.1:1, http_client: {basic_auth: {password: [" + marker + "]}}}\n",
		string(whole) + "- {name: x, url: 'http://monitor:" + marker + "@127.0.0.1:1'}\n",
		string(whole) + "- {name: x, url: http://127.0.0.1:1, http_client: {proxy_url: 'http://monitor:" + marker + "@[::1'}}\n",
		string(whole) + "- {name: x, url: http://127.0.0.1:1, http_client: {bearer_token: " + marker + ", basic_auth: {username: u, password: " + marker + "}}}\n",
		string(whole) + "- {name: x, url: http://127.0.0.1:1, timeout: " + marker + "1}\n",
	} {
		testutil.WriteFile(t, path, broken)
		got, err := p.ask(http.MethodPost, "/-/reload")
		if err != nil || got.Status != http.StatusInternalServerError {
			t.Errorf("reload: %v, %d", err, got.Status)
		}
		said("the error of a reload", got.Body)
	}
}
