package web

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
	"github.com/oms-exporter/oms_exporter/oms/simulator"
)

func TestLimitScrapes(t *testing.T) {
	t.Run("the limit holds for all paths together", func(t *testing.T) {
		oms := startOMS(t)
		oms.Set(func(b *simulator.Behaviour) { b.Faults = []simulator.Fault{{Kind: simulator.Silence}} })
		e := startExporter(t, func(o *Options) { o.MaxRequests = 2 }, oms.target("prod"), oms.target("other"))

		ctx, leave := context.WithCancel(t.Context())
		var waiting sync.WaitGroup
		defer waiting.Wait()
		defer leave()
		for _, path := range []string{"/metrics", "/probe?target=prod"} {
			waiting.Go(func() {
				req, _ := http.NewRequestWithContext(ctx, http.MethodGet, e.http.URL+path, nil)
				if res, err := e.http.Client().Do(req); err == nil {
					_ = res.Body.Close()
				}
			})
		}
		testutil.Eventually(t, "two scrapes run", func() bool { return len(e.scrapes.places) == 2 })

		for _, path := range []string{"/metrics", "/probe?target=prod", "/probe?target=other&debug=true", "/probe"} {
			got := e.get(path)
			if got.Status != http.StatusServiceUnavailable ||
				got.Body != "too many scrapes: --web.max-requests allows 2 at a time\n" {
				t.Errorf("%s: %d %q", path, got.Status, got.Body)
			}
		}
		for _, path := range []string{"/", "/sd", "/config", "/-/healthy", "/-/ready"} {
			if got := e.get(path); got.Status != http.StatusOK {
				t.Errorf("%s, which is no scrape: status %d", path, got.Status)
			}
		}
		if n := e.log.count("A request was refused: too many scrapes"); n != 1 {
			t.Errorf("the refusals are logged %d times within a minute, want once", n)
		}
		leave()
		testutil.Eventually(t, "the places of cancelled scrapes are free",
			func() bool { return len(e.scrapes.places) == 0 })
		oms.Set(func(b *simulator.Behaviour) { b.Faults = nil })
		if got := e.get("/metrics"); got.Status != http.StatusOK ||
			got.Series(`promhttp_metric_handler_requests_total{code="503"}`) != "1" {
			t.Errorf("afterwards: %d, and the refusal of /metrics is not counted", got.Status)
		}
	})
}

func TestLimitPages(t *testing.T) {
	e := startExporter(t, nil, startOMS(t).target("prod"))
	e.get("/metrics")
	for range maxPages {
		e.pages.tryAcquire()
	}
	for _, path := range []string{"/", "/tasks?target=prod"} {
		if got := e.get(path); got.Status != http.StatusServiceUnavailable || got.Header.Get("Retry-After") == "" {
			t.Errorf("%s beyond the limit: %d", path, got.Status)
		}
	}
	if got := e.get("/metrics"); got.Status != http.StatusOK {
		t.Errorf("a scrape meanwhile: %d", got.Status)
	}
	for range maxPages {
		e.pages.release()
	}
	if got := e.get("/"); got.Status != http.StatusOK {
		t.Errorf("afterwards: %d", got.Status)
	}
	if len(e.pages.places)+len(e.renders.places) != 0 {
		t.Error("a place is still taken")
	}
}

func TestLimiterAcquire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLimiter(1, "tests", "a test")
		if !l.acquire(t.Context(), time.Minute) {
			t.Fatal("no place in an empty limiter")
		}
		start := time.Now()
		if l.acquire(t.Context(), time.Minute) || time.Since(start) != time.Minute {
			t.Errorf("gave up after %s", time.Since(start))
		}
		ctx, leave := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, leave)
		if l.acquire(ctx, time.Minute) || time.Since(start) != time.Minute+time.Second {
			t.Errorf("a client that left waited until %s", time.Since(start))
		}
		time.AfterFunc(time.Second, l.release)
		if !l.acquire(t.Context(), time.Minute) {
			t.Error("a place that becomes free is not taken")
		}
	})
}

func TestDebugLimit(t *testing.T) {
	e := startExporter(t, nil, startOMS(t).target("prod"))
	e.debugs.tryAcquire()
	if got := e.get("/probe?target=prod&debug=true"); got.Status != http.StatusServiceUnavailable ||
		got.Body != "too many debug walks: the exporter allows 1 at a time\n" {
		t.Errorf("%d %q", got.Status, got.Body)
	}
	e.debugs.release()
	if got := e.get("/probe?target=prod&debug=true"); got.Status != http.StatusOK {
		t.Errorf("afterwards: %d", got.Status)
	}
}
