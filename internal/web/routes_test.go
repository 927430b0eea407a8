package web

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"

	"github.com/oms-exporter/oms_exporter/internal/config"
)

func TestRoutes(t *testing.T) {
	t.Run("a path answers only its methods", func(t *testing.T) {
		e := startExporter(t, nil, startOMS(t).target("prod"))
		for _, c := range []struct{ path, allow string }{
			{"/", "GET, HEAD"}, {"/metrics", "GET, HEAD"}, {"/probe?target=prod", "GET, HEAD"}, {"/sd", "GET, HEAD"},
			{"/config", "GET, HEAD"},
			{"/-/healthy", "GET, HEAD"}, {"/-/ready", "GET, HEAD"}, {"/-/reload", "POST"},
		} {
			for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"} {
				got := e.do(method, c.path)
				want := http.StatusMethodNotAllowed
				if strings.Contains(c.allow, method) {
					want = http.StatusOK
				}
				if got.Status != want {
					t.Errorf("%s %s: status %d, want %d", method, c.path, got.Status, want)
				}
				if want != http.StatusOK && got.Header.Get("Allow") != c.allow {
					t.Errorf("%s %s: Allow is %q, want %q", method, c.path, got.Header.Get("Allow"), c.allow)
				}
				if method == "HEAD" && got.Body != "" {
					t.Errorf("%s %s: has a body", method, c.path)
				}
				if got.Header.Get("X-Content-Type-Options") != "nosniff" {
					t.Errorf("%s %s: no header nosniff", method, c.path)
				}
			}
		}
	})
	t.Run("a reload with GET names the right method", func(t *testing.T) {
		e := startExporter(t, nil, startOMS(t).target("prod"))
		if got := e.get("/-/reload"); got.Body != "method not allowed: use POST\n" {
			t.Errorf("body is %q", got.Body)
		}
	})
	t.Run("an unknown path is not found with any method", func(t *testing.T) {
		e := startExporter(t, nil, startOMS(t).target("prod"))
		for _, path := range []string{
			"/nope", "/metrics/", "/probe/prod", "/-/", "/-/quit", "/debug/pprof/", "/debug/vars", "/favicon.ico",
			"/Metrics",
		} {
			for _, method := range []string{"GET", "HEAD", "POST", "DELETE", "OPTIONS"} {
				if got := e.do(method, path); got.Status != http.StatusNotFound {
					t.Errorf("%s %s: status %d", method, path, got.Status)
				}
			}
		}
	})
	t.Run("only a scrape sends requests to OMS", func(t *testing.T) {
		oms := startOMS(t)
		e := startExporter(t, nil, oms.target("prod"))
		for _, path := range []string{"/-/healthy", "/-/ready"} {
			if got := e.get(path); got.Status != http.StatusOK || got.Body != "OK\n" {
				t.Errorf("%s: %d %q", path, got.Status, got.Body)
			}
		}
		for _, path := range []string{"/", "/sd", "/config"} {
			e.get(path)
		}
		if got := e.do("POST", "/-/reload"); got.Status != http.StatusOK {
			t.Errorf("reload: %d %s", got.Status, got.Body)
		}
		if oms.requests() != 0 {
			t.Errorf("OMS received %d requests", oms.requests())
		}
	})
	t.Run("a page has the language of the browser", func(t *testing.T) {
		e := startExporter(t, nil, startOMS(t).target("prod"))
		for _, c := range []struct{ accept, want string }{{"", "en"}, {"zh-CN,zh;q=0.9", "zh-CN"}, {"en-GB", "en"}} {
			for _, path := range []string{"/", "/tasks"} {
				got := e.get(path, "Accept-Language", c.accept)
				if !strings.Contains(got.Body, `<html lang="`+c.want+`">`) ||
					!slices.Contains(got.Header.Values("Vary"), "Accept-Language") {
					t.Errorf("%s for %q: Vary is %q\n%.300s", path, c.accept, got.Header.Values("Vary"), got.Body)
				}
			}
		}
		for _, path := range []string{"/tasks?target=nope", "/probe", "/walks/1"} {
			if got := e.get(path, "Accept-Language", "zh-CN"); strings.ContainsFunc(got.Body, isHan) {
				t.Errorf("the error of %s is not English: %s", path, got.Body)
			}
		}
	})
}

func TestTelemetryPath(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config.yml")
	(&exporter{t: t, file: file}).configure("- {name: prod, url: http://127.0.0.1:1}\n")
	store, err := config.NewStore(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path  string
		taken bool
	}{
		{"/metrics", false}, {"/federate/oms", false},
		{"/probe", true}, {"/sd", true}, {"/config", true}, {"/-/healthy", true}, {"/-/ready", true}, {"/-/reload", true},
	} {
		options := usualOptions(store, &logText{})
		options.TelemetryPath = c.path
		s, err := New(options)
		switch {
		case !c.taken && err != nil:
			t.Errorf("%q: %v", c.path, err)
		case !c.taken:
			answer := httptest.NewRecorder()
			s.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, c.path, nil))
			if answer.Code != http.StatusOK {
				t.Errorf("%q: status %d", c.path, answer.Code)
			}
			s.Close()
		case err == nil || err.Error() != "--web.telemetry-path="+c.path+": this path is already in use: choose another one":
			t.Errorf("%q: error is %v", c.path, err)
		}
	}
}

func TestDiscovery(t *testing.T) {
	oms := startOMS(t)
	e := startExporter(t, nil, oms.target("prod"), oms.target("test.eu-1"))
	over := httptest.NewTLSServer(e.Server)
	defer over.Close()
	res, err := over.Client().Get(over.URL + "/sd")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()

	type group struct {
		Targets []string
		Labels  map[string]string
	}
	entry := func(host, name, scheme string) group {
		labels := map[string]string{"__metrics_path__": "/probe", "__param_target": name, "instance": name}
		if scheme != "" {
			labels["__scheme__"] = scheme
		}
		return group{[]string{host}, labels}
	}
	var got []group
	if err := json.NewDecoder(res.Body).Decode(&got); err != nil {
		t.Fatal(err)
	}
	host := strings.TrimPrefix(over.URL, "https://")
	if diff := cmp.Diff([]group{entry(host, "prod", "https"), entry(host, "test.eu-1", "https")}, got); diff != "" {
		t.Errorf("over TLS:\n%s", diff)
	}

	r := httptest.NewRequest(http.MethodGet, "/sd", nil)
	r.Host = "exporter.example.com:10089"
	answer := httptest.NewRecorder()
	e.ServeHTTP(answer, r)
	got = nil
	if err := json.Unmarshal(answer.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]group{entry(r.Host, "prod", ""), entry(r.Host, "test.eu-1", "")}, got); diff != "" {
		t.Errorf("over plain HTTP, by another name:\n%s", diff)
	}
	if kind := answer.Header().Get("Content-Type"); kind != "application/json" {
		t.Errorf("Content-Type is %s: Prometheus wants application/json", kind)
	}
}

func TestServeConfig(t *testing.T) {
	e := startExporter(t, nil, startOMS(t).target("prod"))
	got := e.get("/config")
	if strings.Contains(got.Body, password) || !strings.Contains(got.Body, "password: <secret>") {
		t.Errorf("the password is not hidden:\n%s", got.Body)
	}
	var shown struct{ Targets []map[string]any }
	if err := yaml.Unmarshal([]byte(got.Body), &shown); err != nil || len(shown.Targets) != 1 ||
		shown.Targets[0]["name"] != "prod" {
		t.Errorf("%v: %v", err, shown)
	}
	if kind := got.Header.Get("Content-Type"); !strings.HasPrefix(kind, "text/plain") {
		t.Errorf("Content-Type is %s", kind)
	}
}

func isHan(r rune) bool { return unicode.Is(unicode.Han, r) }
