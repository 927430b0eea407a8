package web

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
	"github.com/oms-exporter/oms_exporter/oms/simulator"
)

// masks replace the values that differ between walks.
var masks = []struct {
	pattern *regexp.Regexp
	by      string
}{
	{regexp.MustCompile(`(?m)^# +[0-9.]+s  `), "# TIME  "},
	{regexp.MustCompile(`http://127\.0\.0\.1:\d+`), "URL"},
	{regexp.MustCompile(`\b(in|after) [0-9.]+(ms|µs|s)`), "$1 DURATION"},
	{regexp.MustCompile(`walk of target prod, timeout [0-9.]+m?s`), "walk of target prod, timeout TIME"},
	{regexp.MustCompile(`is -?[0-9hms.]+ off`), "is OFFSET off"},
	{regexp.MustCompile(`\d+ bytes`), "N bytes"},
}

// traceOf returns the log of the walk in the response to a debug probe, masked.
func traceOf(body string) []string {
	trace, _, _ := strings.Cut(body, "\n\n")
	for _, m := range masks {
		trace = m.pattern.ReplaceAllString(trace, m.by)
	}
	return strings.Split(trace, "\n")
}

const (
	opening = "# TIME  request: POST URL/api/v2?Action=ListProjects, page_size 30, concurrency 1"
	filter  = `# TIME  filter: search_key "", type "", statuses [], ` +
		`label_ids [], source_types [], sink_types [], subtasks false`
)

func TestDebugProbe(t *testing.T) {
	t.Run("logs the walk page by page", func(t *testing.T) {
		for _, c := range []struct {
			rule   string
			faults []simulator.Fault
			want   []string
			up     string
		}{
			{"a healthy walk", nil, []string{
				"# TIME  page 1: 200 OK in DURATION, N bytes, 30 rows",
				"# TIME  page 1 has 30 rows, totalCount is 79: 3 pages of 30 rows to read",
				"# TIME  page 2: 200 OK in DURATION, N bytes, 30 rows",
				"# TIME  page 3: 200 OK in DURATION, N bytes, 19 rows",
				"# TIME  the walk is complete after DURATION: 3 pages, 79 tasks, 0 rows repeated, 0 rows left out",
				"# TIME  the clock of the OMS is OFFSET off",
			}, "1"},
			{"a retry", []simulator.Fault{{Page: 2, Attempts: 1, Kind: simulator.Answer, Status: 503, Body: "busy"}},
				[]string{
					"# TIME  page 1: 200 OK in DURATION, N bytes, 30 rows",
					"# TIME  page 1 has 30 rows, totalCount is 79: 3 pages of 30 rows to read",
					"# TIME  page 2: failed after DURATION, N bytes: http: OMS prod: page 2: 503 Service Unavailable",
					"# TIME  page 2, retry 1: 200 OK in DURATION, N bytes, 30 rows",
					"# TIME  page 3: 200 OK in DURATION, N bytes, 19 rows",
					"# TIME  the walk is complete after DURATION: 3 pages, 79 tasks, 0 rows repeated, 0 rows left out",
					"# TIME  the clock of the OMS is OFFSET off",
				}, "1"},
			{"a failure", []simulator.Fault{{Page: 2, Kind: simulator.ErrorEnvelope, Code: "INNER_ERROR"}}, []string{
				"# TIME  page 1: 200 OK in DURATION, N bytes, 30 rows",
				"# TIME  page 1 has 30 rows, totalCount is 79: 3 pages of 30 rows to read",
				"# TIME  page 2: failed after DURATION, N bytes: api: OMS prod: page 2: ",
				"# TIME  the walk failed after DURATION and 1 pages: api: OMS prod: page 2: ",
				"# TIME  the clock of the OMS is OFFSET off",
			}, "0"},
		} {
			t.Run(c.rule, func(t *testing.T) {
				oms := startListOMS(t)
				oms.Set(func(b *simulator.Behaviour) { b.Faults = c.faults })
				e := startExporter(t, nil, oms.target("prod", "  concurrency: 1"))
				got := e.get("/probe?target=prod&debug=true")
				want := append([]string{"# TIME  walk of target prod, timeout TIME", opening, filter}, c.want...)
				lines := traceOf(got.Body)
				if len(lines) != len(want) {
					t.Fatalf("the log is:\n%s", strings.Join(lines, "\n"))
				}
				for i, line := range lines {
					// The message of OMS and the advice follow. Package oms tests them.
					failed := strings.Contains(line, "failed after")
					if line != want[i] && (!failed || !strings.HasPrefix(line, want[i])) {
						t.Errorf("line %d is %s\nwant    %s", i+1, line, want[i])
					}
				}
				if got.Series(`oms_up{oms="prod"}`) != c.up || got.Status != http.StatusOK ||
					!strings.HasPrefix(got.Header.Get("Content-Type"), "text/plain") {
					t.Errorf("%d, %s, oms_up %s", got.Status, got.Header.Get("Content-Type"),
						got.Series(`oms_up{oms="prod"}`))
				}
			})
		}
	})
	t.Run("has the metrics of a plain probe", func(t *testing.T) {
		e := startExporter(t, nil, startOMS(t).target("prod"))
		plain, debug := e.get("/probe?target=prod"), e.get("/probe?target=prod&debug=true")
		_, metrics, _ := strings.Cut(debug.Body, "\n\n")
		if diff := cmp.Diff(strings.Split(testutil.MaskMeasured(plain.Body), "\n"),
			strings.Split(testutil.MaskMeasured(metrics), "\n")); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("makes a walk of its own and keeps nothing", func(t *testing.T) {
		oms := startListOMS(t)
		e := startExporter(t, nil, oms.target("prod", "  min_interval: 1h"))
		e.get("/probe?target=prod&debug=true")
		if last, complete := e.targets.named("prod").Last(); last != nil || complete != nil {
			t.Error("the walk is kept")
		}
		e.get("/probe?target=prod")
		pages := oms.Counts().Pages
		e.get("/probe?target=prod")
		if again := oms.Counts().Pages; again != pages {
			t.Error("min_interval does not hold for a plain probe")
		}
		e.get("/probe?target=prod&debug=true")
		if again := oms.Counts().Pages; again != pages+3 {
			t.Errorf("a debug probe read %d pages, want 3 of a walk of its own", again-pages)
		}
	})
	t.Run("logs the filter", func(t *testing.T) {
		e := startExporter(t, nil,
			startOMS(t).target("prod",
				"  filter: {search_key: a b, type: SYNC, statuses: [RUNNING, FAILED], subtasks: true}"))
		want := `filter: search_key "a b", type "SYNC", statuses ["RUNNING" "FAILED"], ` +
			`label_ids [], source_types [], sink_types [], subtasks true`
		if got := e.get("/probe?target=prod&debug=true"); !strings.Contains(got.Body, want) {
			t.Errorf("%.600s", got.Body)
		}
	})
}
