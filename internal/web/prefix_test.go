package web

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

// front is a reverse proxy before an exporter. Its address ends in /oms, below which the exporter is.
type front struct {
	url    string
	client *http.Client // follows no redirect
}

// startFront starts a proxy and an exporter that knows its address. With strip, the proxy removes /oms from paths.
func startFront(t *testing.T, strip bool) front {
	t.Helper()
	var handler http.Handler
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(proxy.Close)
	external, err := url.Parse(proxy.URL + "/oms")
	if err != nil {
		t.Fatal(err)
	}
	e := startExporter(t, func(o *Options) {
		o.ExternalURL = external
		if !strip {
			o.RoutePrefix = "/oms"
		}
	}, startOMS(t).target("prod"))
	to, err := url.Parse(e.http.URL)
	if err != nil {
		t.Fatal(err)
	}
	// The proxy replaces the Host of the request by the exporter's own.
	handler = &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to) }}
	if strip {
		handler = http.StripPrefix("/oms", handler)
	}
	client := &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     &http.Transport{},
	}
	t.Cleanup(client.CloseIdleConnections)
	return front{external.String(), client}
}

func (f front) get(t *testing.T, address string) (status int, body, location string) {
	t.Helper()
	got, err := testutil.Request(t, f.client, http.MethodGet, address)
	if err != nil {
		t.Fatal(err)
	}
	return got.Status, got.Body, got.Header.Get("Location")
}

var hrefs = regexp.MustCompile(`(?:href|action)="([^"#]+)"`)

func TestRoutePrefix(t *testing.T) {
	for _, c := range []struct {
		rule  string
		strip bool
	}{{"behind a proxy that keeps the prefix", false}, {"behind a proxy that strips the prefix", true}} {
		t.Run(c.rule, func(t *testing.T) {
			f := startFront(t, c.strip)
			t.Run("every link of the pages leads somewhere", f.testLinks)
			t.Run("the targets that /sd lists can be scraped", f.testDiscovery)
			t.Run("redirects lead back below the prefix", f.testRedirects)
			if !c.strip {
				t.Run("the root redirects to the prefix", f.testRoot)
			}
		})
	}
	t.Run("without a proxy", func(t *testing.T) {
		e := startExporter(t,
			func(o *Options) { o.RoutePrefix, o.TelemetryPath, o.EnablePprof = "/a/oms", "/m", true },
			startOMS(t).target("prod"))
		for _, c := range []struct {
			path string
			want int
		}{
			{"/a/oms/", http.StatusOK}, {"/a/oms/m", http.StatusOK}, {"/a/oms/probe?target=prod", http.StatusOK},
			{"/a/oms/sd", http.StatusOK},
			{"/a/oms/tasks", http.StatusOK}, {"/a/oms/config", http.StatusOK}, {"/a/oms/-/healthy", http.StatusOK},
			{"/a/oms/-/ready", http.StatusOK},
			{"/a/oms/debug/pprof/heap?debug=1", http.StatusOK},
			{"/m", http.StatusNotFound}, {"/sd", http.StatusNotFound}, {"/-/healthy", http.StatusNotFound},
			{"/a/", http.StatusNotFound}, {"/a/omsx", http.StatusNotFound},
			{"/a/oms/nope", http.StatusNotFound}, {"/a/oms/a/oms/sd", http.StatusNotFound},
		} {
			if got := e.get(c.path); got.Status != c.want {
				t.Errorf("%s: status %d, want %d", c.path, got.Status, c.want)
			}
		}
		if got := e.do(http.MethodPost, "/a/oms/-/reload"); got.Status != http.StatusOK {
			t.Errorf("reload: %d", got.Status)
		}
		if got := e.do(http.MethodPost, "/a/oms/sd"); got.Status != http.StatusMethodNotAllowed {
			t.Errorf("another method: status %d", got.Status)
		}
		if got := e.get("/a/oms/sd"); !strings.Contains(got.Body, `"__metrics_path__":"/a/oms/probe"`) ||
			!strings.Contains(got.Body, e.http.Listener.Addr().String()) {
			t.Errorf("/sd is %s", got.Body)
		}
	})
}

func (f front) testLinks(t *testing.T) {
	for _, page := range []string{f.url + "/", f.url + "/tasks?target=prod"} {
		base, err := url.Parse(page)
		if err != nil {
			t.Fatal(err)
		}
		_, body, _ := f.get(t, page)
		links := hrefs.FindAllStringSubmatch(body, -1)
		if len(links) < 4 {
			t.Errorf("%s has %d links", page, len(links))
		}
		for _, link := range links {
			if strings.HasPrefix(link[1], "data:") {
				continue
			}
			to, err := base.Parse(strings.ReplaceAll(link[1], "&amp;", "&"))
			if err != nil {
				t.Fatal(err)
			}
			if status, _, _ := f.get(t, to.String()); status != http.StatusOK || !strings.HasPrefix(to.String(), f.url+"/") {
				t.Errorf("%s: the link %s leads to %s: status %d", page, link[1], to, status)
			}
		}
	}
}

func (f front) testDiscovery(t *testing.T) {
	_, body, _ := f.get(t, f.url+"/sd")
	var groups []struct {
		Targets []string
		Labels  map[string]string
	}
	if err := json.Unmarshal([]byte(body), &groups); err != nil || len(groups) != 1 {
		t.Fatalf("%v: %s", err, body)
	}
	labels := groups[0].Labels
	address := "http://" + groups[0].Targets[0] + labels["__metrics_path__"] + "?target=" + labels["__param_target"]
	if status, body, _ := f.get(t, address); status != http.StatusOK ||
		!strings.Contains(body, `oms_up{oms="prod"} 1`) || !strings.HasPrefix(address, f.url) {
		t.Errorf("%s: status %d", address, status)
	}
}

func (f front) testRedirects(t *testing.T) {
	for _, c := range []struct{ path, want string }{
		{"//sd?x=1", "/oms/sd?x=1"}, {"/-/../sd", "/oms/sd"}, {"//", "/oms/"},
	} {
		if status, _, location := f.get(t, f.url+c.path); status != http.StatusTemporaryRedirect || location != c.want {
			t.Errorf("%s: status %d, location %s", c.path, status, location)
		}
	}
}

func (f front) testRoot(t *testing.T) {
	root := strings.TrimSuffix(f.url, "/oms")
	for _, address := range []string{f.url, root, root + "/"} {
		if status, _, location := f.get(t, address); status != http.StatusFound || location != "/oms/" {
			t.Errorf("%s: status %d, location %s", address, status, location)
		}
	}
}

func TestExternalURL(t *testing.T) {
	e := startExporter(t, func(o *Options) {
		o.ExternalURL = &url.URL{Scheme: "https", Host: "oms.example.com", Path: "/x"}
	}, startOMS(t).target("prod"))
	if got := e.get("/sd").Body; !strings.Contains(got, `["oms.example.com"]`) ||
		!strings.Contains(got, `"__scheme__":"https"`) || !strings.Contains(got, `"/x/probe"`) {
		t.Errorf("/sd is %s", got)
	}
}
