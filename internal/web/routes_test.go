package web

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"

	"github.com/oms-exporter/oms_exporter/internal/config"
)

func TestAPathAnswersItsMethodsAlone(t *testing.T) {
	e := startExporter(t, nil, startOMS(t).target("prod"))
	for path, allow := range map[string]string{
		"/": "GET, HEAD", "/metrics": "GET, HEAD", "/probe?target=prod": "GET, HEAD", "/sd": "GET, HEAD", "/config": "GET, HEAD",
		"/-/healthy": "GET, HEAD", "/-/ready": "GET, HEAD", "/-/reload": "POST",
	} {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"} {
			got := e.do(method, path)
			want := http.StatusMethodNotAllowed
			if strings.Contains(allow, method) {
				want = http.StatusOK
			}
			if got.Status != want {
				t.Errorf("%s %s: status %d, want %d", method, path, got.Status, want)
			}
			if want != http.StatusOK && got.Header.Get("Allow") != allow {
				t.Errorf("%s %s: Allow is %q, want %q", method, path, got.Header.Get("Allow"), allow)
			}
			if method == "HEAD" && got.Body != "" {
				t.Errorf("%s %s: has a body", method, path)
			}
			if got.Header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%s %s: a browser may guess what it is", method, path)
			}
		}
	}
}

func TestAnUnknownPathIsNotFoundWhateverTheMethod(t *testing.T) {
	e := startExporter(t, nil, startOMS(t).target("prod"))
	for _, path := range []string{"/nope", "/metrics/", "/probe/prod", "/-/", "/-/quit", "/debug/pprof/", "/debug/vars", "/favicon.ico", "/Metrics"} {
		for _, method := range []string{"GET", "HEAD", "POST", "DELETE", "OPTIONS"} {
			if got := e.do(method, path); got.Status != http.StatusNotFound {
				t.Errorf("%s %s: status %d", method, path, got.Status)
			}
		}
	}
}

func TestWhatIsNoScrapeNeverAsksOMS(t *testing.T) {
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
	if oms.asked() != 0 {
		t.Errorf("OMS was asked %d times", oms.asked())
	}
}

func TestTelemetryPath(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config.yml")
	(&exporter{t: t, file: file}).configure("- {name: prod, url: http://127.0.0.1:1}\n")
	store, err := config.NewStore(file)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"/metrics": "", "/federate/oms": "", "/m.2~x_y-z": "",
		"": "not a path", "metrics": "not a path", "/": "not a path", "/metrics/": "not a path", "//metrics": "not a path",
		"/a//b": "not a path", "/..": "not a path", "/a/../b": "not a path", "/.": "not a path", "/{x}": "not a path", "/a b": "not a path",
		"/a?b": "not a path", "/a%20b": "not a path", "/métriques": "not a path", "/metrics\n": "not a path",
		"/probe": "serves something else", "/sd": "serves something else", "/config": "serves something else",
		"/-/healthy": "serves something else", "/-/ready": "serves something else", "/-/reload": "serves something else",
	} {
		options := usualOptions(store, &logText{})
		options.TelemetryPath = path
		s, err := New(options)
		switch {
		case want == "" && err != nil:
			t.Errorf("%q: %v", path, err)
		case want == "":
			answer := httptest.NewRecorder()
			s.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, path, nil))
			if answer.Code != http.StatusOK {
				t.Errorf("%q: status %d", path, answer.Code)
			}
			s.Close()
		case err == nil || !strings.Contains(err.Error(), "--web.telemetry-path="+path) || !strings.Contains(err.Error(), want):
			t.Errorf("%q: error is %v, want one with %q", path, err, want)
		}
	}
}

func TestDiscoveryListsTheTargetsSoThatNothingNeedsRelabelling(t *testing.T) {
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

func TestConfigIsShownWithoutItsSecrets(t *testing.T) {
	e := startExporter(t, nil, startOMS(t).target("prod"))
	got := e.get("/config")
	if strings.Contains(got.Body, password) || !strings.Contains(got.Body, "password: <secret>") {
		t.Errorf("the password is not hidden:\n%s", got.Body)
	}
	var shown struct{ Targets []map[string]any }
	if err := yaml.Unmarshal([]byte(got.Body), &shown); err != nil || len(shown.Targets) != 1 || shown.Targets[0]["name"] != "prod" {
		t.Errorf("%v: %v", err, shown)
	}
	if kind := got.Header.Get("Content-Type"); !strings.HasPrefix(kind, "text/plain") {
		t.Errorf("Content-Type is %s", kind)
	}
}

func TestTheFirstPageLinksToAllThereIs(t *testing.T) {
	e := startExporter(t, nil, startOMS(t).target("prod"))
	page := e.get("/").Body
	for _, link := range []string{"/metrics", "/probe?target=prod", "/sd", "/config", "/-/healthy"} {
		if !strings.Contains(page, `href="`+link) && !strings.Contains(page, `href="`+strings.TrimPrefix(link, "/")) {
			t.Errorf("no link to %s", link)
		}
	}
}
