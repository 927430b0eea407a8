package command

import (
	"io"
	"strings"
	"testing"
)

func TestExternalURL(t *testing.T) {
	for _, c := range []struct{ external, prefix, wantURL, wantPrefix string }{
		{"", "", "", ""},
		{"http://example.com", "", "http://example.com", ""},
		{"https://example.com:8443/a/oms/", "", "https://example.com:8443/a/oms", "/a/oms"},
		{"https://example.com/oms/", "/", "https://example.com/oms", ""},
		{"https://example.com/oms/", "/inside/", "https://example.com/oms", "/inside"},
		{"/oms/", "", "/oms", "/oms"},
		{"/", "", "", ""},
		{"", "/oms/", "", "/oms"},
	} {
		f := parse(t, "--demo", "--web.external-url="+c.external, "--web.route-prefix="+c.prefix)
		got := ""
		if f.ExternalURL != nil {
			got = f.ExternalURL.String()
		}
		if got != c.wantURL || f.RoutePrefix != c.wantPrefix {
			t.Errorf("%q, %q: got %q, %q", c.external, c.prefix, got, f.RoutePrefix)
		}
	}
}

func TestExternalURLErrors(t *testing.T) {
	for _, c := range []struct{ arg, want string }{
		{"--web.external-url=ftp://example.com", "--web.external-url: no supported scheme or no host: use http://"},
		{"--web.external-url=example.com/oms", "--web.external-url: no supported scheme or no host: use http://"},
		{"--web.external-url=//example.com/oms", "--web.external-url: no supported scheme or no host: use http://"},
		{"--web.external-url=http:///oms", "--web.external-url: no supported scheme or no host: use http://"},
		{"--web.external-url=http://u:Pl4nted@e.com/", "--web.external-url: contains user info: use http://"},
		{"--web.external-url=http://u:Pl4nted%@e.com/", "--web.external-url: invalid URL: use http://"},
		{"--web.external-url=http://example.com/?a", "--web.external-url: contains a query or a fragment: use http://"},
		{"--web.external-url=http://example.com/#", "--web.external-url: contains a query or a fragment: use http://"},
		{"--web.external-url=http://example.com/a//b", "--web.external-url: contains characters in the path other than"},
		{"--web.external-url=http://example.com/../b", "--web.external-url: contains characters in the path other than"},
		{"--web.external-url=http://example.com/{a}", "--web.external-url: contains characters in the path other than"},
		{"--web.external-url=\"http://example.com/\"", "--web.external-url: invalid URL: use http://"},
		{"--web.route-prefix=oms", "--web.route-prefix=oms: use a path such as /oms"},
		{"--web.route-prefix=/a b", "--web.route-prefix=/a b: use a path such as /oms"},
		{"--web.route-prefix=/a/../b", "--web.route-prefix=/a/../b: use a path such as /oms"},
		{"--web.route-prefix=http://example.com/", "--web.route-prefix=http://example.com/: use a path such as /oms"},
	} {
		if _, err := Parse([]string{"--demo", c.arg}, io.Discard); err == nil || !strings.HasPrefix(err.Error(), c.want) ||
			strings.Contains(err.Error(), "Pl4nted") {
			t.Errorf("%s: error is %v", c.arg, err)
		}
	}
}

func TestTelemetryPath(t *testing.T) {
	const valid = "/a/m.2~x_y-z"
	if got := parse(t, "--demo", "--web.telemetry-path="+valid).TelemetryPath; got != valid {
		t.Errorf("got %s", got)
	}
	for _, path := range []string{
		"", "metrics", "/", "/metrics/", "//metrics", "/a//b", "/..", "/a/../b", "/.", "/{x}", "/a b", "/a?b", "/a%20b",
		"/métriques", "/metrics\n",
	} {
		want := "--web.telemetry-path=" + path + ": use a path such as /metrics"
		if _, err := Parse([]string{"--demo", "--web.telemetry-path=" + path}, io.Discard); err == nil ||
			!strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: error is %v", path, err)
		}
	}
}
