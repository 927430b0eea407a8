package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
	"github.com/oms-exporter/oms_exporter/oms/simulator"
)

func TestWalk(t *testing.T) {
	// OMS first cuts the list into pages, then removes the rows that the user may not see.
	t.Run("a shortfall is confirmed once, then one pass is enough", func(t *testing.T) {
		const pages, pageSize, concurrency = 20, 150, 4
		var requests atomic.Int64
		url := serve(t, func(w http.ResponseWriter, r *http.Request) {
			requests.Add(1)
			var request struct{ PageNumber int }
			if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
				t.Error(err)
			}
			row := ""
			if request.PageNumber <= pages {
				row = fmt.Sprintf(`{"id":"np_%d","status":"RUNNING"}`, request.PageNumber)
			}
			_, _ = fmt.Fprintf(w, `{"success":true,"totalCount":%d,"pageSize":%d,"pageNumber":%d,"data":[%s]}`,
				pages*pageSize, pageSize, request.PageNumber, row)
		})
		p := startExporter(t, configFlag(t, prodTarget(url)))
		for _, passes := range []int64{2, 1, 1} {
			requests.Store(0)
			got := p.get("/probe?target=prod")
			tasks := got.Value(t, `oms_scrape_tasks{oms="prod"}`)
			reported := got.Value(t, `oms_scrape_reported_tasks{oms="prod"}`)
			if got.Value(t, `oms_up{oms="prod"}`) != 1 || tasks != pages || reported != pages*pageSize {
				t.Errorf("%v tasks of %v, want %d of %d:\n%s", tasks, reported, pages, pages*pageSize, got.Body)
			}
			if n := requests.Load(); n > passes*(pages+concurrency) {
				t.Errorf("%d requests, want at most %d", n, passes*(pages+concurrency))
			}
		}
	})
	t.Run("100 scrapes use no more goroutines and file descriptors than 10", func(t *testing.T) {
		oms := startOMS(t)
		p := startExporter(t, configFlag(t, oms.target("prod", "  concurrency: 1")), "--no-web.tasks-on-metrics")
		scrape := func(times int) usage {
			for range times {
				if got := p.get("/probe?target=prod"); got.Tasks() != oms.taskCount() {
					t.Fatalf("%d tasks, want %d", got.Tasks(), oms.taskCount())
				}
			}
			return p.usage()
		}
		after10, after100 := scrape(10), scrape(90)
		testutil.WaitFor(t, "the scrapes have released their resources", func() error {
			if after100.goroutines <= after10.goroutines && after100.files <= after10.files {
				return nil
			}
			err := fmt.Errorf("%v after 10 scrapes, %v after 100", after10, after100)
			after100 = p.usage() // connections close some time after the scrape
			return err
		})
	})
}

func TestRetries(t *testing.T) {
	t.Parallel()
	slow := simulator.Behaviour{Faults: []simulator.Fault{{Delay: 20 * time.Millisecond}}}
	oms := serveOMS(t, simulator.Options{Generated: 200, Behaviour: slow})
	for _, concurrency := range []int{2, 4, 10} {
		t.Run(fmt.Sprintf("broken connections cost at most one scrape with concurrency %d", concurrency), func(t *testing.T) {
			t.Parallel()
			box := testutil.NewMiddlebox(t, strings.TrimPrefix(oms.url, "http://"))
			p := startExporter(t, configFlag(t, fmt.Sprintf(
				"- {name: prod, url: 'http://%s', page_size: 20, concurrency: %d, timeout: 2m}\n", box.Address(), concurrency)))
			scrape := func(header ...string) (complete bool) {
				got := p.get("/probe?target=prod", header...)
				return got.Value(t, `oms_up{oms="prod"}`) == 1 && got.Tasks() == 200
			}
			if !scrape() {
				t.Fatal("the first scrape failed")
			}
			for range 3 {
				box.ResetOpen()
				if !scrape() {
					t.Error("a scrape failed after a reset of the idle connections")
				}
			}
			box.SilenceOpen()
			if scrape("X-Prometheus-Scrape-Timeout-Seconds", "2") {
				t.Error("a scrape succeeded through silenced connections")
			}
			if !scrape() {
				t.Error("a second scrape failed after the connections were silenced")
			}
		})
	}
	t.Run("a page is requested again after status 503 without Retry-After", func(t *testing.T) {
		t.Parallel()
		oms := startOMS(t)
		var first atomic.Int64
		oms.url = serve(t, func(w http.ResponseWriter, r *http.Request) {
			first.CompareAndSwap(0, time.Now().UnixNano())
			if time.Since(time.Unix(0, first.Load())) < 3*time.Second {
				http.Error(w, "slow down", http.StatusServiceUnavailable)
				return
			}
			oms.ServeHTTP(w, r)
		})
		p := startExporter(t, configFlag(t, oms.target("prod", "  timeout: 1m")))
		if got := p.get("/probe?target=prod"); got.Value(t, `oms_up{oms="prod"}`) != 1 || got.Tasks() != oms.taskCount() {
			t.Errorf("a scrape with time for a retry failed:\n%s", p.Stderr.String())
		}
	})
}
