package web

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oms-exporter/oms_exporter/collector"
	"github.com/oms-exporter/oms_exporter/internal/config"
	"github.com/oms-exporter/oms_exporter/internal/testutil"
	"github.com/oms-exporter/oms_exporter/internal/web/page"
	"github.com/oms-exporter/oms_exporter/oms"
	"github.com/oms-exporter/oms_exporter/oms/simulator"
)

func TestRecentWalks(t *testing.T) {
	t.Run("keeps the last walks and the last failures", func(t *testing.T) {
		for _, c := range []struct {
			rule   string
			failed func(i int) bool
		}{
			{"all succeed", func(int) bool { return false }},
			{"all fail", func(int) bool { return true }},
			{"every third", func(i int) bool { return i%3 == 0 }},
			{"few", func(i int) bool { return i%50 == 7 }},
			{"long ago", func(i int) bool { return i < 10 }},
		} {
			t.Run(c.rule, func(t *testing.T) {
				var kept recentWalks
				var want []int64
				const last = 300
				for i := range last {
					walk := recentWalk{page.RecentWalk{ID: int64(i)}, fmt.Sprint(i)}
					if c.failed(i) {
						walk.Reason = oms.Timeout
					}
					kept.add(walk)
				}
				failures := 0
				for i := last - 1; i >= 0; i-- {
					if c.failed(i) {
						failures++
					}
					if last-i <= maxRecentWalks || c.failed(i) && failures <= maxRecentWalks {
						want = append(want, int64(i))
					}
				}
				var got []int64
				for _, walk := range kept.list() {
					got = append(got, walk.ID)
					if log, ok := kept.log(walk.ID); !ok || log != fmt.Sprint(walk.ID) {
						t.Errorf("the log of walk %d is %q", walk.ID, log)
					}
				}
				if !slices.Equal(got, want) || len(got) > 2*maxRecentWalks {
					t.Errorf("kept are %d\nwant     %d", got, want)
				}
				if _, ok := kept.log(last); ok {
					t.Error("an unknown walk has a log")
				}
			})
		}
	})
	t.Run("the page links to the logs", func(t *testing.T) {
		oms := startListOMS(t)
		e := startExporter(t, nil, oms.target("prod", "  concurrency: 1"))
		if got := e.logs(); len(got) != 0 {
			t.Errorf("%d walks before the first scrape", len(got))
		}
		e.get("/metrics")
		debug, _, _ := strings.Cut(e.get("/probe?target=prod&debug=true").Body, "\n\n")
		got := e.logs()
		if len(got) != 1 {
			t.Fatalf("%d walks after a scrape and a debug walk", len(got))
		}
		if want := traceOf(debug); !slices.Equal(traceOf(strings.TrimSuffix(got[0], "\n")), want) {
			t.Errorf("the log is\n%s\nwant, as the debug walk has it,\n%s", got[0], debug)
		}
		oms.Set(func(b *simulator.Behaviour) {
			b.Faults = []simulator.Fault{{Kind: simulator.Answer, Status: 404, Body: "gone"}}
		})
		for range 3 {
			e.get("/probe?target=prod")
		}
		if got := e.logs(); len(got) != 4 || !strings.Contains(got[0], "the walk failed after") ||
			!strings.Contains(got[0], "404 Not Found") || strings.Contains(got[3], "404") {
			t.Errorf("the logs are %q", got)
		}
		if body := e.get("/").Body; !strings.Contains(body, "3 failed") ||
			!strings.Contains(body, `<span class="badge bad">http</span>`) {
			t.Error("the page does not show which walks failed")
		}
		for _, id := range []string{"1", "99999999999999999999", "x", "-1", "%0a"} {
			if got := e.get("/walks/" + id); got.Status != http.StatusNotFound || strings.Count(got.Body, "\n") != 1 ||
				!strings.Contains(got.Body, "is unknown or too old") {
				t.Errorf("walk %s: status %d, %q", id, got.Status, got.Body)
			}
		}
	})
	t.Run("a shared walk appears once", func(t *testing.T) {
		oms := startOMS(t)
		oms.Set(func(b *simulator.Behaviour) { b.Faults = []simulator.Fault{{Page: 1, Delay: 500 * time.Millisecond}} })
		e := startExporter(t, nil, oms.target("prod"))
		var all sync.WaitGroup
		for range 5 {
			all.Go(func() { e.get("/probe?target=prod") })
		}
		all.Wait()
		if got := e.logs(); len(got) != 1 {
			t.Errorf("%d walks for 5 scrapes at once", len(got))
		}
	})
	t.Run("some walks are not recorded", func(t *testing.T) {
		t.Run("a client that hangs up", func(t *testing.T) {
			oms := startOMS(t)
			oms.Set(func(b *simulator.Behaviour) { b.Faults = []simulator.Fault{{Kind: simulator.Silence}} })
			e := startExporter(t, nil, oms.target("prod"))
			ctx, hangUp := context.WithCancel(t.Context())
			request, err := http.NewRequestWithContext(ctx, http.MethodGet, e.http.URL+"/probe?target=prod", nil)
			if err != nil {
				t.Fatal(err)
			}
			time.AfterFunc(200*time.Millisecond, hangUp)
			if response, err := e.http.Client().Do(request); err == nil {
				_ = response.Body.Close()
			}
			if got := e.get("/probe?target=prod", timeoutHeader,
				"1"); got.Series(`oms_scrape_failure{oms="prod",reason="timeout"}`) != "1" {
				t.Error("the scrape does not end by timeout")
			}
			testutil.Eventually(t, "the walk that ended by timeout is there", func() bool { return len(e.logs()) > 0 })
			if got := e.logs(); len(got) != 1 || !strings.Contains(got[0], "timeout: OMS prod") {
				t.Errorf("the logs are %q", got)
			}
		})
		t.Run("withheld requests", func(t *testing.T) {
			oms := startOMS(t)
			e := startExporter(t, nil, strings.Replace(oms.target("prod"), password, "Wr0ng-password", 1))
			for range 50 {
				e.get("/probe?target=prod")
			}
			if got := e.logs(); len(got) != 1 || !strings.Contains(got[0], "page 1: failed after") ||
				strings.Contains(got[0], "Wr0ng") {
				t.Errorf("the logs are %q", got)
			}
		})
	})
	t.Run("a reload keeps the walks of targets that stay", func(t *testing.T) {
		oms := startOMS(t)
		e := startExporter(t, nil, oms.target("stays"), oms.target("changed"), oms.target("gone"))
		e.get("/metrics")
		gone := walkLinks.FindAllStringSubmatch(e.get("/").Body, -1)
		if len(gone) != 3 {
			t.Fatalf("%d walks of 3 targets", len(gone))
		}
		e.configure(oms.target("stays"), oms.target("changed", "  timeout: 10s"))
		e.reload()
		if got := e.logs(); len(got) != 2 || !strings.Contains(got[0], "target stays") ||
			!strings.Contains(got[1], "target changed") {
			t.Errorf("the logs are %q", got)
		}
		if got := e.get("/" + gone[2][1]); got.Status != http.StatusNotFound {
			t.Errorf("the log of a target that is gone: status %d", got.Status)
		}
		e.configure(oms.target("stays"), oms.target("gone"))
		e.reload()
		if got := e.logs(); len(got) != 1 {
			t.Errorf("a target that comes back has %d walks", len(got)-1)
		}
	})
}

func TestWalkTrace(t *testing.T) {
	t.Run("is limited in size", func(t *testing.T) {
		settings := config.DefaultTarget()
		settings.Name = "prod"
		s := newWalkTrace(context.Background(), &settings, maxTraceBytes)
		for i := range 10_000 {
			s.attempt(oms.Attempt{Page: i, Number: 3,
				Err: &oms.Error{Reason: oms.HTTP, Message: strings.Repeat("界", 160)}})
		}
		long := &oms.Error{Reason: oms.API, Message: strings.Repeat("界", 160), Advice: strings.Repeat("建", 160)}
		log := s.finish(&collector.Snapshot{Walk: &oms.Walk{Pages: 7}, Err: long})
		lines := strings.Split(strings.TrimSuffix(log, "\n"), "\n")
		if len(log) > maxTraceBytes || len(log) < maxTraceBytes/2 || cap([]byte(log)) > 2*maxTraceBytes {
			t.Errorf("the log has %d bytes", len(log))
		}
		if last := len(lines) - 1; !strings.Contains(lines[0], "walk of target prod") ||
			!strings.Contains(lines[last], "the walk failed after") ||
			!regexp.MustCompile(`\d+ lines are left out here$`).MatchString(lines[last-1]) {
			t.Errorf("the log begins with %q and ends with %q", lines[0], lines[max(0, last-1):])
		}
	})
	t.Run("is printable", func(t *testing.T) {
		settings := config.DefaultTarget()
		s := newWalkTrace(context.Background(), &settings, 0)
		s.printf("a\nb\x1b[31m\u202e")
		if got := s.finish(&collector.Snapshot{Walk: &oms.Walk{}}); strings.Count(got, "\n") != 5 ||
			strings.ContainsAny(got, "\x1b\u202e") {
			t.Errorf("the log is %q", got)
		}
	})
}

var walkLinks = regexp.MustCompile(`href="(walks/\d+)"`)

// logs returns the logs of the recent walks on the page.
func (e *exporter) logs() (logs []string) {
	e.t.Helper()
	for _, link := range walkLinks.FindAllStringSubmatch(e.get("/").Body, -1) {
		got := e.get("/" + link[1])
		if got.Status != http.StatusOK || !strings.HasPrefix(got.Header.Get("Content-Type"), "text/plain") {
			e.t.Errorf("%s: status %d, %s", link[1], got.Status, got.Header.Get("Content-Type"))
		}
		logs = append(logs, got.Body)
	}
	return logs
}
