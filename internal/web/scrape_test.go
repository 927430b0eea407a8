package web

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oms-exporter/oms_exporter/collector"
	"github.com/oms-exporter/oms_exporter/internal/testutil"
	"github.com/oms-exporter/oms_exporter/oms/simulator"
)

func TestMetrics(t *testing.T) {
	t.Run("has the exporter and the tasks of all targets", func(t *testing.T) {
		oms, other := startListOMS(t), startListOMS(t)
		e := startExporter(t, nil, oms.target("prod"), other.target("test"))
		e.get("/metrics") // counts requests to OMS
		got := e.get("/metrics")
		for _, name := range []string{"prod", "test"} {
			if got.Series(`oms_up{oms="`+name+`"}`) != "1" || got.Series(`oms_scrape_pages{oms="`+name+`"}`) != "3" {
				t.Errorf("%s is not up, or has not 3 pages", name)
			}
			if n := got.Series(`oms_api_requests_total{action="ListProjects",oms="` + name +
				`",outcome="ok"}`); n != "6" {
				t.Errorf("%s received %s requests, want 6", name, n)
			}
		}
		if want := 2 * len(oms.Truth(oms.Now())); got.Tasks() != want {
			t.Errorf("%d tasks, want %d", got.Tasks(), want)
		}
		for _, family := range []string{
			"go_goroutines", "process_open_fds", "oms_exporter_build_info", "promhttp_metric_handler_requests_total",
			"promhttp_metric_handler_errors_total", "oms_exporter_config_last_reload_successful"} {
			if !strings.Contains(got.Body, "# TYPE "+family+" ") {
				t.Errorf("%s is missing", family)
			}
		}
	})
	t.Run("has only the exporter without TasksOnMetrics", func(t *testing.T) {
		oms := startOMS(t)
		e := startExporter(t, func(o *Options) { o.TasksOnMetrics = false }, oms.target("prod"))
		got := e.get("/metrics")
		if got.Tasks() != 0 || strings.Contains(got.Body, "oms_up") || oms.requests() != 0 ||
			got.Series("go_goroutines") == "" {
			t.Errorf("%d tasks, %d requests to OMS", got.Tasks(), oms.requests())
		}
		if got := e.get("/probe?target=prod"); got.Tasks() == 0 {
			t.Error("/probe has no tasks")
		}
	})
	t.Run("omits disabled collectors", func(t *testing.T) {
		for _, c := range []struct {
			collectors collector.Collectors
			missing    string
		}{
			{collector.Collectors{Sync: true, Alarm: true}, "oms_task_step_"},
			{collector.Collectors{Step: true, Alarm: true}, "oms_task_sync_"},
			{collector.Collectors{Step: true, Sync: true}, "oms_task_recent_alarms"},
		} {
			e := startExporter(t, func(o *Options) { o.Collectors = c.collectors }, startOMS(t).target("prod"))
			if got := e.get("/metrics"); strings.Contains(got.Body, c.missing) || got.Tasks() == 0 {
				t.Errorf("%s is exported, or no task is", c.missing)
			}
		}
	})
	t.Run("names select families", func(t *testing.T) {
		e := startExporter(t, nil, startOMS(t).target("prod"))
		for _, path := range []string{
			"/probe?target=prod&name[]=oms_up&name[]=oms_scrape_tasks",
			"/metrics?name[]=oms_up&name[]=oms_scrape_tasks",
			"/probe?target=prod&debug=true&name[]=oms_up&name[]=oms_scrape_tasks",
			"/probe?target=prod&debug=false&name[]=oms_up&name[]=oms_scrape_tasks"} {
			got := e.get(path)
			if n := strings.Count(got.Body, "# TYPE"); n != 2 || got.Series(`oms_up{oms="prod"}`) != "1" {
				t.Errorf("%s: %d families", path, n)
			}
		}
	})
	t.Run("is compressed for a client that accepts gzip", func(t *testing.T) {
		e := startExporter(t, nil, startOMS(t).target("prod"))
		if got := e.get("/metrics", "Accept-Encoding", "gzip"); got.Header.Get("Content-Encoding") != "gzip" {
			t.Error("not compressed")
		}
	})
	t.Run("keeps only the steps that it exports", func(t *testing.T) {
		for _, c := range []struct {
			setting string
			without string // statuses
		}{
			{"  finished_detail: 5w", "DELETED RELEASED"},
			{"  finished_detail: 0s", "DELETED FINISHED RELEASED"},
		} {
			t.Run(c.setting, func(t *testing.T) {
				e := startExporter(t, nil, startOMS(t).target("prod", c.setting))
				if got := e.get("/probe?target=prod"); got.Series(`oms_up{oms="prod"}`) != "1" {
					t.Fatalf("%d: %s", got.Status, got.Body)
				}
				_, complete := e.targets.named("prod").Last()
				steps := map[string]int{}
				for _, task := range complete.Walk.Tasks {
					steps[task.Status] += len(task.Steps)
				}
				var without []string
				for status, n := range steps {
					if n == 0 {
						without = append(without, status)
					}
				}
				slices.Sort(without)
				if got := strings.Join(without, " "); got != c.without {
					t.Errorf("tasks of status %s have no steps, want %s; steps by status: %v", got, c.without, steps)
				}
			})
		}
	})
}

func TestProbe(t *testing.T) {
	t.Run("has only the tasks of one target", func(t *testing.T) {
		oms, other := startOMS(t), startOMS(t)
		e := startExporter(t, nil, oms.target("prod"), other.target("test"))
		got := e.get("/probe?target=test")
		if got.Tasks() != len(other.Truth(other.Now())) || strings.Contains(got.Body, `oms="prod"`) ||
			oms.requests() != 0 {
			t.Errorf("%d tasks, prod received %d requests", got.Tasks(), oms.requests())
		}
		for line := range strings.Lines(got.Body) {
			name := strings.TrimPrefix(strings.TrimPrefix(line, "# HELP "), "# TYPE ")
			if !strings.HasPrefix(name, "oms_") || strings.HasPrefix(name, "oms_exporter_") ||
				strings.HasPrefix(name, "oms_api_") {
				t.Fatalf("this is not of a target: %s", line)
			}
		}
	})
	t.Run("invalid parameters are an error of one line", func(t *testing.T) {
		oms := startOMS(t)
		e := startExporter(t, nil, oms.target("prod"))
		for _, c := range []struct{ query, want string }{
			{"", "parameter target is missing: use /probe?target=NAME with the name of a target in the config"},
			{"?target=", "parameter target is missing: use /probe?target=NAME with the name of a target in the config"},
			{"?target", "parameter target is missing: use /probe?target=NAME with the name of a target in the config"},
			{"?debug=true", "parameter target is missing: use /probe?target=NAME with the name of a target in the config"},
			{"?target=test", `target "test" is not in the config: /sd lists the targets`},
			{"?target=Prod", `target "Prod" is not in the config: /sd lists the targets`},
			{"?target=http://192.0.2.1/", `target "http://192.0.2.1/" is not in the config: /sd lists the targets`},
			{"?target=a%0Ab", `target "a\nb" is not in the config: /sd lists the targets`},
			{"?target=prod&target=prod", "parameter target is given more than once: remove one"},
			{"?target=prod&target=", "parameter target is given more than once: remove one"},
			{"?target=prod&module=x", `parameter "module" is unknown: use target, debug or name[]`},
			{"?target=prod&Target=prod", `parameter "Target" is unknown: use target, debug or name[]`},
			{"?target=prod&name=oms_up", `parameter "name" is unknown: use target, debug or name[]`},
			{"?target=prod&debug=1", "parameter debug is invalid: use true or false"},
			{"?target=prod&debug=", "parameter debug is invalid: use true or false"},
			{"?target=prod&debug", "parameter debug is invalid: use true or false"},
			{"?target=prod&debug=True", "parameter debug is invalid: use true or false"},
			{"?target=prod&debug=true&debug=", "parameter debug is given more than once: remove one"},
			{"?target=prod;debug=true", "the query cannot be parsed: use /probe?target=NAME"},
			{"?target=%zz", "the query cannot be parsed: use /probe?target=NAME"},
			{"?z=1&a=1&target=x", `parameter "a" is unknown: use target, debug or name[]`},
			{"?target=" + strings.Repeat("x", 9000), `target "` + strings.Repeat("x", 60) +
				`" is not in the config: /sd lists the targets`},
		} {
			if got := e.get("/probe" + c.query); got.Status != http.StatusBadRequest || got.Body != c.want+"\n" {
				t.Errorf("%.80s: %d %q, want %q", c.query, got.Status, got.Body, c.want)
			}
		}
		if oms.requests() != 0 {
			t.Errorf("OMS received %d requests", oms.requests())
		}
	})
}

func TestScrapeTimeout(t *testing.T) {
	t.Run("header and offset", func(t *testing.T) {
		const ms = time.Millisecond
		for _, c := range []struct {
			rule, header string
			offset, want time.Duration
		}{
			{"without a header the targets' timeouts apply", "", 500 * ms, 0},
			{"the offset is subtracted", "10", 500 * ms, 9500 * ms},
			{"fractions count", "2.5", 500 * ms, 2000 * ms},
			{"exponents count", "1e1", 500 * ms, 9500 * ms},
			{"no offset", "10", 0, 10000 * ms},
			{"an offset just below half", "1", 499 * ms, 501 * ms},
			{"an offset of half the header", "1", 500 * ms, 500 * ms},
			{"an offset of more than half: half the header", "1", 600 * ms, 500 * ms},
			{"an offset of more than the header: half the header", "1", 60000 * ms, 500 * ms},
			{"text is ignored", "soon", 500 * ms, 0},
			{"a unit is ignored", "10s", 500 * ms, 0},
			{"a list is ignored", "10, 20", 500 * ms, 0},
			{"not a number is ignored", "NaN", 500 * ms, 0},
			{"zero is ignored", "0", 500 * ms, 0},
			{"minus zero is ignored", "-0", 500 * ms, 0},
			{"a negative number is ignored", "-5", 500 * ms, 0},
			{"minus infinity is ignored", "-Inf", 500 * ms, 0},
			{"infinity is a day", "+Inf", 0, 24 * time.Hour},
			{"a timeout beyond the range of a duration is a day", "1e300", 0, 24 * time.Hour},
			{"a timeout beyond the range of a number is ignored", "1e400", 0, 0},
		} {
			if got := scrapeTimeout(c.header, c.offset); got != c.want {
				t.Errorf("%s: %q less %s is %s, want %s", c.rule, c.header, c.offset, got, c.want)
			}
		}
	})
	t.Run("the response arrives in time", func(t *testing.T) {
		oms, healthy := startOMS(t), startOMS(t)
		oms.Set(func(b *simulator.Behaviour) { b.Faults = []simulator.Fault{{Kind: simulator.Silence}} })
		e := startExporter(t, nil, oms.target("prod"), healthy.target("healthy"))
		for _, c := range []struct{ path, header string }{
			{"/metrics", "15"}, {"/probe?target=prod", "1"}, {"/probe?target=prod&debug=true", "1"},
		} {
			got := e.get(c.path, timeoutHeader, c.header)
			if got.Status != http.StatusOK || got.Series(`oms_up{oms="prod"}`) != "0" ||
				got.Series(`oms_scrape_failure{oms="prod",reason="timeout"}`) != "1" {
				t.Errorf("%s: %d\n%.1000s", c.path, got.Status, got.Body)
			}
			if c.path == "/metrics" && got.Tasks() != len(healthy.Truth(healthy.Now())) {
				t.Errorf("beside a hanging target, another one has %d tasks", got.Tasks())
			}
		}
		testutil.Eventually(t, "the requests of scrapes that ended stop",
			func() bool { return oms.Counts().InFlight == 0 })
	})
	t.Run("a shorter timeout of the target holds", func(t *testing.T) {
		oms := startOMS(t)
		oms.Set(func(b *simulator.Behaviour) { b.Faults = []simulator.Fault{{Kind: simulator.Silence}} })
		e := startExporter(t, nil, oms.target("prod", "  timeout: 200ms"))
		for _, header := range []string{"", "600", "soon"} {
			if got := e.get("/metrics", timeoutHeader,
				header); got.Series(`oms_scrape_failure{oms="prod",reason="timeout"}`) != "1" {
				t.Errorf("%q:\n%.1000s", header, got.Body)
			}
		}
	})
}

func TestScrapeAborted(t *testing.T) {
	oms := startOMS(t)
	e := startExporter(t, nil, oms.target("prod"))
	ctx, leave := context.WithCancel(t.Context())
	e.get("/probe?target=prod")
	leave()
	request := httptest.NewRequestWithContext(ctx, http.MethodGet, "/metrics", nil)
	if !aborts(func() { e.ServeHTTP(httptest.NewRecorder(), request) }) {
		t.Error("the response is not aborted")
	}
	if n := e.log.count("could not be sent"); n != 0 {
		t.Errorf("logged as a warning %d times", n)
	}
	if n := e.log.count("level=debug msg=\"The client closed the connection"); n != 1 {
		t.Errorf("logged at debug %d times, want once\n%s", n, e.log)
	}
	if got := e.get("/metrics").Series(`promhttp_metric_handler_errors_total{cause="encoding"}`); got != "1" {
		t.Errorf("counted %s times", got)
	}
}
