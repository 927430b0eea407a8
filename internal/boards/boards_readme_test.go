package boards

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
	"github.com/oms-exporter/oms_exporter/oms/simulator"
)

const (
	readmeFile  = "../../docs/dashboards-queries.md"
	readmeBegin = "<!-- overview queries: begin -->"
	readmeEnd   = "<!-- overview queries: end -->"
)

// shownQuery is a query of the overview as docs/dashboards-queries.md shows it, with the answer as a table in text.
type shownQuery struct {
	title, ref, expr string
	columns          []string
	rows             []string
}

var shownForm = regexp.MustCompile(
	"(?s)Panel \\*\\*([^*]+)\\*\\*, query ([A-Z])(?:[^`]*)```promql\n(.*?)\n```\n+```text\n(.*?)\n```",
)

// readShown takes the queries from between the two markers.
func readShown(t *testing.T, text string) (shown []shownQuery) {
	t.Helper()
	_, rest, begins := strings.Cut(text, readmeBegin)
	part, _, ends := strings.Cut(rest, readmeEnd)
	if !begins || !ends {
		t.Fatalf("%s has no part between %q and %q", readmeFile, readmeBegin, readmeEnd)
	}
	for _, m := range shownForm.FindAllStringSubmatch(part, -1) {
		lines := strings.Split(m[4], "\n")
		shown = append(shown, shownQuery{m[1], m[2], m[3], regexp.MustCompile(`  +`).Split(lines[0], -1), lines[1:]})
	}
	if len(shown) < 6 || len(shown) != strings.Count(part, "```promql") {
		t.Fatalf("%s shows %d queries, and names the panels of %d", readmeFile, strings.Count(part, "```promql"), len(shown))
	}
	return shown
}

// TestReadmeShowsTheOverviewsQueries: they are those of the board word for word, their columns are labels of the answer
// and the value, and the tasks in the answers are those of the simulated OMS. The figures are those of one run and not
// held.
func TestReadmeShowsTheOverviewsQueries(t *testing.T) {
	text := testutil.ReadFile(t, readmeFile)
	for _, fault := range readmeFaults(t, readShown(t, string(text))) {
		t.Errorf("%s: %s", readmeFile, fault)
	}
}

func readmeFaults(t *testing.T, shown []shownQuery) (faults []string) {
	t.Helper()
	known, b := knownSeries(t), readBoard(t, "oms-overview.json")
	tasks := map[string]string{}
	for _, row := range simulator.New(simulator.Options{}).Truth(time.Now()) {
		tasks[row.ID] = row.Name
	}
	for _, s := range shown {
		at := slices.IndexFunc(b.queries(), func(q asked) bool {
			return q.panel != nil && q.panel.Title == s.title && q.RefID == s.ref && q.Expr == s.expr
		})
		if at < 0 {
			faults = append(faults, fmt.Sprintf("panel %q has no such query %s: %s", s.title, s.ref, s.expr))
			continue
		}
		labels := known.labels(parsed(t, b, b.queries()[at]))
		for _, column := range s.columns[:len(s.columns)-1] {
			if !labels[column] {
				faults = append(faults, fmt.Sprintf("panel %q, query %s: the answer has no label %s", s.title, s.ref, column))
			}
		}
		faults = append(faults, rowFaults(s, tasks)...)
	}
	return faults
}

var taskID = regexp.MustCompile(`\bnp_\w+`)

// rowFaults are the lines that are of no task of the simulated OMS, or give one another's name.
func rowFaults(s shownQuery, tasks map[string]string) (faults []string) {
	if len(s.rows) == 0 {
		faults = append(faults, fmt.Sprintf("panel %q, query %s: no result", s.title, s.ref))
	}
	for _, row := range s.rows {
		if !slices.Contains(s.columns, "task_id") || strings.HasPrefix(row, "... and ") {
			continue
		}
		name, ok := tasks[taskID.FindString(row)]
		if !ok || slices.Contains(s.columns, "name") && !strings.Contains(row, name) {
			faults = append(faults, fmt.Sprintf("panel %q, query %s: of no task of the demo: %s", s.title, s.ref, row))
		}
	}
	return faults
}

func TestTheReadmeCheckFindsMistakes(t *testing.T) {
	right := shownQuery{
		"Health of each OMS",
		"C",
		`max by (oms) (oms_scrape_duration_seconds{oms=~"$oms"})`,
		[]string{"oms", "walk"},
		[]string{"demo  12 ms"},
	}
	other := func(change func(*shownQuery)) shownQuery { s := right; change(&s); return s }
	for name, test := range map[string]struct {
		shown  shownQuery
		faults int
	}{
		"as the board has it": {right, 0},
		"another query":       {other(func(s *shownQuery) { s.expr = `min(oms_up)` }), 1},
		"another panel":       {other(func(s *shownQuery) { s.title = "Health" }), 1},
		"no such label":       {other(func(s *shownQuery) { s.columns = []string{"task_id", "up"}; s.rows = []string{"np_t01  1"} }), 1},
		"no such task": {other(func(s *shownQuery) {
			s.columns = []string{"oms", "task_id", "up"}
			s.rows = []string{"demo  np_x99  1"}
		}), 2},
		"no result": {other(func(s *shownQuery) { s.rows = nil }), 1},
	} {
		if got := readmeFaults(t, []shownQuery{test.shown}); len(got) != test.faults {
			t.Errorf("%s: found %q, want %d faults", name, got, test.faults)
		}
	}
}
