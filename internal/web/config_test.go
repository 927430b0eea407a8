package web

import (
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
	"github.com/oms-exporter/oms_exporter/oms/simulator"
)

func (e *exporter) reload() testutil.Reply { return e.do(http.MethodPost, "/-/reload") }

func TestReload(t *testing.T) {
	t.Run("loads the new config", func(t *testing.T) {
		oms := startOMS(t)
		e := startExporter(t, nil, oms.target("prod"))
		e.configure(oms.target("prod", "  filter: {type: SYNC}"), oms.target("test"))
		if got := e.reload(); got.Status != http.StatusOK || got.Body != "OK\n" {
			t.Fatalf("%d %s", got.Status, got.Body)
		}
		got := e.get("/metrics")
		all, sync := len(oms.Truth(oms.Now())), len(oms.TruthOf(oms.Now(), simulator.Query{Type: "SYNC"}))
		if got.Tasks() != all+sync || got.Series(`oms_scrape_tasks{oms="prod"}`) != strconv.Itoa(sync) {
			t.Errorf("%d tasks, %s of prod, want %d and %d", got.Tasks(), got.Series(`oms_scrape_tasks{oms="prod"}`),
				all+sync, sync)
		}
		if n := e.log.count("The config is reloaded"); n != 1 {
			t.Errorf("logged %d times", n)
		}
	})
	t.Run("an invalid config changes nothing", func(t *testing.T) {
		oms := startOMS(t)
		for _, c := range []struct {
			rule   string
			broken []string
		}{
			{"an invalid config", []string{"- {name: prod}\n"}},
			{"a certificate that cannot be read",
				[]string{oms.target("new"),
					"- {name: prod, url: https://127.0.0.1:1, http_client: {tls_config: {ca_file: none.pem}}}\n"}},
			{"a changed target, and then a broken one",
				[]string{oms.target("prod", "  timeout: 1s"),
					"- {name: b, url: https://127.0.0.1:1, http_client: {tls_config: {ca_file: none.pem}}}\n"}},
			{"a removed target and a broken one",
				[]string{"- {name: b, url: https://127.0.0.1:1, http_client: {tls_config: {ca_file: none.pem}}}\n"}},
		} {
			t.Run(c.rule, func(t *testing.T) {
				e := startExporter(t, nil, oms.target("prod"), oms.target("other"))
				before, shown := e.targets.list(), e.get("/config").Body
				_, first := e.options.Store.LastReload()
				e.configure(c.broken...)
				got := e.reload()
				if got.Status != http.StatusInternalServerError || strings.Count(got.Body, "\n") != 1 ||
					!strings.Contains(got.Body, "prod") &&
						!strings.Contains(got.Body, "targets[0]") && !strings.Contains(got.Body, "target b: ") {
					t.Errorf("%d %q", got.Status, got.Body)
				}
				if c.rule != "an invalid config" && !strings.Contains(got.Body, "none.pem") {
					t.Errorf("the error does not name the file: %s", got.Body)
				}
				after := e.targets.list()
				if len(after) != 2 || after[0] != before[0] || after[1] != before[1] || e.get("/config").Body != shown {
					t.Error("the running targets have changed")
				}
				metrics := e.get("/metrics")
				if metrics.Series("oms_exporter_config_last_reload_successful") != "0" ||
					metrics.Series(`oms_up{oms="prod"}`) != "1" {
					t.Error("the metrics do not show the failure, or the running config is lost")
				}
				loaded := metrics.Series("oms_exporter_config_last_reload_success_timestamp_seconds")
				if at, _ := strconv.ParseFloat(loaded, 64); int64(at) != first.Unix() {
					t.Errorf("the last success is at %f, want %d", at, first.Unix())
				}
				if strings.Contains(metrics.Body, `oms="new"`) || strings.Contains(metrics.Body, `oms="b"`) {
					t.Error("a target that never ran has series")
				}
				if n := e.log.count("Failed to reload the config"); n != 1 {
					t.Errorf("logged %d times", n)
				}
				e.configure(oms.target("prod"))
				if got := e.reload(); got.Status != http.StatusOK ||
					e.get("/metrics").Series("oms_exporter_config_last_reload_successful") != "1" {
					t.Errorf("the next reload: %d %s", got.Status, got.Body)
				}
			})
		}
	})
	t.Run("only targets that changed are new", func(t *testing.T) {
		oms := startListOMS(t)
		kept, changed := oms.target("kept", "  min_interval: 1h"), oms.target("changed", "  min_interval: 1h")
		e := startExporter(t, nil, kept, changed)
		e.get("/metrics")
		before := oms.Counts().Pages
		wasKept, wasChanged := e.targets.named("kept"), e.targets.named("changed")

		e.configure(oms.target("changed", "  min_interval: 2h"), kept)
		e.reload()
		if e.targets.named("kept") != wasKept || e.targets.named("changed") == wasChanged ||
			e.targets.list()[0].Name != "changed" {
			t.Error("the unchanged target is new, or the changed one is not, or the order is not that of the config")
		}
		got := e.get("/metrics")
		if pages := oms.Counts().Pages - before; pages != 3 {
			t.Errorf("%d pages were read, want 3 of the changed target", pages)
		}
		if n := got.Series(`oms_api_requests_total{action="ListProjects",oms="changed",outcome="ok"}`); n != "6" {
			t.Errorf("the changed target has %s requests, want 6 with those before the reload", n)
		}
		if got := e.reload(); got.Status != http.StatusOK || e.targets.named("kept") != wasKept {
			t.Errorf("after a reload without a change: status %d, or the target is new", got.Status)
		}
	})
	t.Run("a removed target is forgotten", func(t *testing.T) {
		var open openConnections
		oms, gone := startOMS(t), startWatchedOMS(t, open.note)
		e := startExporter(t, nil, oms.target("stays"), gone.target("gone"))
		e.get("/metrics")
		if open.count() == 0 {
			t.Fatal("no connection is open before the reload")
		}
		e.configure(oms.target("stays"))
		e.reload()
		testutil.Eventually(t, "its connections are closed", func() bool { return open.count() == 0 })
		if got := e.get("/metrics"); strings.Contains(got.Body, `oms="gone"`) ||
			got.Series(`oms_up{oms="stays"}`) != "1" {
			t.Error("the series of the removed target stay")
		}
		if got := e.get("/probe?target=gone"); got.Status != http.StatusBadRequest {
			t.Errorf("/probe: %d", got.Status)
		}
	})
	t.Run("running scrapes finish on the old config", func(t *testing.T) {
		for _, c := range []struct{ rule, path string }{
			{"a scrape", "/probe?target=gone"}, {"a debugging probe", "/probe?target=gone&debug=true"},
		} {
			t.Run(c.rule, func(t *testing.T) {
				var open openConnections
				oms, gone := startOMS(t), startWatchedOMS(t, open.note)
				gone.Set(func(b *simulator.Behaviour) {
					b.Faults = []simulator.Fault{{Page: 2, Delay: 300 * time.Millisecond}}
				})
				e := startExporter(t, nil, oms.target("stays"), gone.target("gone"))

				var got testutil.Reply
				var scrape sync.WaitGroup
				scrape.Go(func() { got = e.get(c.path) })
				testutil.Eventually(t, "the walk is at page 2", func() bool { return gone.requests() >= 2 })
				e.configure(oms.target("stays"))
				e.reload()
				scrape.Wait()
				if got.Status != http.StatusOK || got.Tasks() != len(gone.Truth(gone.Now())) {
					t.Errorf("%d, %d tasks", got.Status, got.Tasks())
				}
				testutil.Eventually(t, "its connections are closed afterwards", func() bool { return open.count() == 0 })
				if got := e.get("/metrics"); strings.Contains(got.Body, `oms="gone"`) {
					t.Error("the counters of the removed target are back")
				}
			})
		}
	})
}

// openConnections counts the open connections of a server.
type openConnections struct {
	mu   sync.Mutex
	open map[net.Conn]bool
}

// note is for http.Server.ConnState.
func (o *openConnections) note(conn net.Conn, state http.ConnState) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.open == nil {
		o.open = map[net.Conn]bool{}
	}
	if state == http.StateClosed || state == http.StateHijacked {
		delete(o.open, conn)
	} else {
		o.open[conn] = true
	}
}

func (o *openConnections) count() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.open)
}
