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
	queriesPage  = "../../docs/dashboards-queries.md"
	queriesBegin = "<!-- overview queries: begin -->"
	queriesEnd   = "<!-- overview queries: end -->"
)

// documentedQuery is a query of the overview in docs/dashboards-queries.md, with its result as a table in text.
type documentedQuery struct {
	title, ref, expr string
	columns          []string
	rows             []string
}

func (d documentedQuery) String() string { return fmt.Sprintf("panel %q, query %s", d.title, d.ref) }

var (
	documentedForm = regexp.MustCompile(
		"(?s)Panel \\*\\*([^*]+)\\*\\*, query ([A-Z])(?:[^`]*)```promql\n(.*?)\n```\n+```text\n(.*?)\n```")
	columnGap = regexp.MustCompile(`  +`)
	taskID    = regexp.MustCompile(`\bnp_\w+`)
)

func readDocumentedQueries(t *testing.T) (found []documentedQuery) {
	t.Helper()
	_, rest, hasBegin := strings.Cut(string(testutil.ReadFile(t, queriesPage)), queriesBegin)
	text, _, hasEnd := strings.Cut(rest, queriesEnd)
	if !hasBegin || !hasEnd {
		t.Fatalf("no text between %q and %q", queriesBegin, queriesEnd)
	}
	for _, m := range documentedForm.FindAllStringSubmatch(text, -1) {
		lines := strings.Split(m[4], "\n")
		found = append(found, documentedQuery{m[1], m[2], m[3], columnGap.Split(lines[0], -1), lines[1:]})
	}
	if all := strings.Count(text, "```promql"); len(found) < 6 || len(found) != all {
		t.Fatalf("found %d of %d queries", len(found), all)
	}
	return found
}

// TestDocumentedQueries compares the page with the board and with the tasks of the simulated OMS. It does not compare
// the values, which differ from run to run.
func TestDocumentedQueries(t *testing.T) {
	t.Parallel()
	t.Run("the page has the queries of the board", func(t *testing.T) {
		for _, d := range readDocumentedQueries(t) {
			for _, fault := range d.faults(t) {
				t.Errorf("%s: %s: %s", queriesPage, d, fault)
			}
		}
	})
	right := documentedQuery{
		"Health of each OMS",
		"C",
		`max by (oms) (oms_scrape_duration_seconds{oms=~"$oms"})`,
		[]string{"oms", "walk"},
		[]string{"demo  12 ms"},
	}
	for name, c := range map[string]struct {
		change func(*documentedQuery)
		faults int
	}{
		"the query of the board has no fault": {func(*documentedQuery) {}, 0},
		"another query is found":              {func(d *documentedQuery) { d.expr = `min(oms_up)` }, 1},
		"another panel is found":              {func(d *documentedQuery) { d.title = "Health" }, 1},
		"an unknown label is found":           {func(d *documentedQuery) { d.columns = []string{"task_id", "up"}; d.rows = []string{"np_t01  1"} }, 1},
		"an unknown task is found": {func(d *documentedQuery) {
			d.columns = []string{"oms", "task_id", "up"}
			d.rows = []string{"demo  np_x99  1"}
		}, 2},
		"a missing result is found": {func(d *documentedQuery) { d.rows = nil }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			d := right
			c.change(&d)
			if got := d.faults(t); len(got) != c.faults {
				t.Errorf("found %q, want %d faults", got, c.faults)
			}
		})
	}
}

func (d documentedQuery) faults(t *testing.T) (faults []string) {
	t.Helper()
	queries := readBoard(t, "oms-overview").queries()
	at := slices.IndexFunc(queries, func(q *query) bool {
		return q.panel != nil && q.panel.Title == d.title && q.RefID == d.ref && q.Expr == d.expr
	})
	if at < 0 {
		return []string{"the board does not have this query: " + d.expr}
	}
	labels := knownSeries(t).labels(queries[at].parse(t))
	for _, column := range d.columns[:len(d.columns)-1] { // the last one is the value
		if !labels[column] {
			faults = append(faults, "the result has no label "+column)
		}
	}
	if len(d.rows) == 0 {
		faults = append(faults, "no result")
	}
	tasks := map[string]string{}
	for _, row := range simulator.New(simulator.Options{}).Truth(time.Now()) {
		tasks[row.ID] = row.Name
	}
	for _, row := range d.rows {
		if !slices.Contains(d.columns, "task_id") || strings.HasPrefix(row, "... and ") {
			continue
		}
		name, ok := tasks[taskID.FindString(row)]
		if !ok || slices.Contains(d.columns, "name") && !strings.Contains(row, name) {
			faults = append(faults, "not a task of the simulated OMS: "+row)
		}
	}
	return faults
}
