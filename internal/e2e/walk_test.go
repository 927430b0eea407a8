package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
	"github.com/oms-exporter/oms_exporter/oms/simulator"
)

// An OMS that leaves out, after paging, the rows that the user may not see: 3,000 tasks in 20 pages of 150 rows, one
// row visible on each.
func TestFilteredPages(t *testing.T) {
	const pages, pageSize, concurrency = 20, 150, 4
	var requests atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		var asked struct{ PageNumber int }
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
			t.Error(err)
		}
		rows := ""
		if asked.PageNumber <= pages {
			rows = fmt.Sprintf(`{"id":"np_%d","status":"RUNNING"}`, asked.PageNumber)
		}
		_, _ = fmt.Fprintf(w, `{"success":true,"totalCount":%d,"pageSize":%d,"pageNumber":%d,"data":[%s]}`,
			pages*pageSize, pageSize, asked.PageNumber, rows)
	}))
	t.Cleanup(server.Close)
	p := start(t, nil, "--config.file="+configFile(t, "- {name: prod, url: "+server.URL+"}\n"))
	for range 3 {
		requests.Store(0)
		got := p.get("/probe?target=prod")
		for _, c := range []struct {
			series string
			want   float64
		}{
			{`oms_up{oms="prod"}`, 1}, {`oms_scrape_tasks{oms="prod"}`, pages}, {`oms_scrape_reported_tasks{oms="prod"}`, pages * pageSize},
		} {
			if value := got.Value(t, c.series); value != c.want {
				t.Errorf("%s is %v, want %v", c.series, value, c.want)
			}
		}
		if n := requests.Load(); n > 2*(pages+concurrency) { // the first scrape may confirm the shortfall by a second pass
			t.Errorf("%d requests", n)
		}
	}
	if n := requests.Load(); n > pages+concurrency {
		t.Errorf("%d requests for a list whose shortfall is known, want at most %d", n, pages+concurrency)
	}
}

func TestConnectionsThatDieWhileIdle(t *testing.T) {
	t.Parallel() // it waits more than it computes
	oms := serveOMS(
		t,
		simulator.Options{
			Generated: 200,
			Behaviour: simulator.Behaviour{Faults: []simulator.Fault{{Delay: 20 * time.Millisecond}}},
		},
	)
	for _, concurrency := range []int{2, 4, 10} {
		t.Run(fmt.Sprintf("concurrency %d", concurrency), func(t *testing.T) {
			box := testutil.NewMiddlebox(t, strings.TrimPrefix(oms.url, "http://"))
			p := start(t, nil, "--config.file="+configFile(t, fmt.Sprintf(
				"- {name: prod, url: 'http://%s', page_size: 20, concurrency: %d, timeout: 2m}\n", box.Address(), concurrency)))
			up := func(header ...string) bool {
				got := p.get("/probe?target=prod", header...)
				return got.Value(t, `oms_up{oms="prod"}`) == 1 && got.Tasks() == 200
			}
			if !up() {
				t.Fatal("the first scrape failed")
			}
			for range 3 {
				box.ResetOpen()
				if !up() {
					t.Error("a scrape failed because idle connections were reset")
				}
			}
			box.SilenceOpen()
			if up("X-Prometheus-Scrape-Timeout-Seconds", "2") {
				t.Error("a scrape got an answer through connections that pass nothing")
			}
			if !up() {
				t.Error("silent connections cost more than one scrape")
			}
		})
	}
}

// A servlet that names the character encoding in Content-Encoding sends plain JSON.
func TestUnknownContentEncoding(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "UTF-8")
		_, _ = w.Write([]byte(`{"success":true,"totalCount":1,"data":[{"id":"np_1","status":"RUNNING"}]}`))
	}))
	t.Cleanup(server.Close)
	p := start(t, nil, "--config.file="+configFile(t, "- {name: prod, url: "+server.URL+"}\n"))
	if got := p.get("/probe?target=prod"); got.Value(t, `oms_up{oms="prod"}`) != 1 || got.Tasks() != 1 {
		t.Errorf("a scrape:\n%s", got.Body)
	}
}

// A rate limiter in front of OMS that answers 503 for the first three seconds, without Retry-After.
func TestRateLimiterWithoutRetryAfter(t *testing.T) {
	t.Parallel() // it waits more than it computes
	oms := startOMS(t)
	var first atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		first.CompareAndSwap(0, time.Now().UnixNano())
		if time.Since(time.Unix(0, first.Load())) < 3*time.Second {
			http.Error(w, "slow down", http.StatusServiceUnavailable)
			return
		}
		oms.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	oms.url = server.URL
	p := start(t, nil, "--config.file="+configFile(t, oms.target("prod", "  timeout: 1m")))
	if got := p.get("/probe?target=prod"); got.Value(t, `oms_up{oms="prod"}`) != 1 || got.Tasks() != oms.truth() {
		t.Errorf("a scrape whose timeout leaves time for another try failed:\n%s", p.Stderr.String())
	}
}
