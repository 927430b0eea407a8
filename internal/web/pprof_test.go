package web

import (
	"net/http"
	"strings"
	"testing"
)

func TestPprof(t *testing.T) {
	e := startExporter(t, func(o *Options) { o.EnablePprof = true }, startOMS(t).target("prod"))
	for _, c := range []struct{ path, want string }{
		{"/debug/pprof/", "full goroutine stack dump"},
		{"/debug/pprof/goroutine?debug=1", "goroutine profile: total"},
		{"/debug/pprof/heap?debug=1", "heap profile:"},
		{"/debug/pprof/cmdline", "web.test"},
		{"/debug/pprof/symbol", "num_symbols"},
		{"/debug/pprof/trace?seconds=0.1", "go 1."},
		{"/debug/pprof/profile?seconds=1", "\x1f\x8b"},
	} {
		if got := e.get(c.path); got.Status != http.StatusOK || !strings.Contains(got.Body, c.want) {
			t.Errorf("%s: status %d, %.100q", c.path, got.Status, got.Body)
		}
	}
	if got := e.get("/debug/pprof/nope"); got.Status != http.StatusNotFound {
		t.Errorf("an unknown profile: status %d", got.Status)
	}
	if got := e.do(http.MethodPost, "/debug/pprof/heap"); got.Status != http.StatusMethodNotAllowed {
		t.Errorf("another method: status %d", got.Status)
	}
}
