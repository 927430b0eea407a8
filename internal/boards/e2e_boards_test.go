//go:build slow

package boards

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
	"github.com/oms-exporter/oms_exporter/oms/simulator"
)

// variablesHaveValues runs the variables' own queries.
func (w *world) variablesHaveValues(t *testing.T) {
	want := map[string]string{
		"oms-overview.json oms": "prod", "oms-overview.json type": "SYNC", "oms-overview.json source_type": "OB_MYSQL",
		"oms-overview.json sink_type": "KAFKA", "oms-overview.json importance": "IGNORE", "oms-task.json oms": "lost",
		"oms-task.json task_id": "orders_stalled_at_42 · np_t01=np_t01",
	}
	for _, b := range boards(t) {
		for _, v := range b.Templating.List {
			if v.Type != "query" {
				continue
			}
			text := fill(t, v.text(), b.chosen(map[string]string{"oms": "prod"}))
			var got []string
			if m := labelValues.FindStringSubmatch(text); m != nil {
				got = w.prometheus.values(t, m[1], m[2])
			} else if m := queryResult.FindStringSubmatch(text); m != nil {
				got = w.options(t, m[1], v.Regex)
			}
			if value := want[b.file+" "+v.Name]; !slices.Contains(got, value) {
				t.Errorf("%s: variable %s does not offer %q, but %q", b.file, v.Name, value, got)
			}
		}
	}
}

// options are those that Grafana makes of the answer to query_result: its regular expression finds text and value in
// each series, written as text.
func (w *world) options(t *testing.T, query, pattern string) (options []string) {
	t.Helper()
	found, err := w.prometheus.ask(t, query, false)
	if err != nil {
		t.Errorf("%s: %v", query, err)
	}
	for _, r := range found {
		var labels []string
		for _, name := range names(r.Metric) {
			labels = append(labels, fmt.Sprintf(`%s="%s"`, name, r.Metric[name]))
		}
		text, value := option(t, pattern, "{"+strings.Join(labels, ",")+"} 1 1")
		options = append(options, text+"="+value)
	}
	return options
}

func (w *world) overviewHasData(t *testing.T) {
	b := readBoard(t, "oms-overview.json")
	for _, q := range b.queries() {
		// An alert takes its time, and until then a tile shows no 0: one OMS cannot be read.
		testutil.Eventually(t, q.where+": data", func() bool { return len(w.run(t, b, q, nil)) > 0 })
		w.run(
			t,
			b,
			q,
			map[string]string{"oms": "prod|lost", "type": "SYNC|MIGRATION", "importance": "HIGH|MEDIUM", "sink_type": "KAFKA"},
		)
		w.run(t, b, q, map[string]string{"oms": "lost"})
		w.run(t, b, q, map[string]string{"oms": "none"})
	}
	w.tablesMerge(t, b, nil)
}

// rare are queries that have data in a story only sometimes, and need not here.
var rare = []string{`annotation "Status changes"`}

func (w *world) taskBoardHasData(t *testing.T) {
	b := readBoard(t, "oms-task.json")
	answered := map[string]bool{}
	for _, row := range w.oms.Truth(time.Now()) {
		values := map[string]string{"oms": "prod", "task_id": row.ID}
		for _, q := range b.queries() {
			if len(w.run(t, b, q, values)) > 0 {
				answered[q.where] = true
			}
		}
		w.tablesMerge(t, b, values)
	}
	for _, q := range b.queries() {
		w.run(t, b, q, map[string]string{"oms": "prod", "task_id": "none"})
		if !answered[q.where] &&
			!slices.ContainsFunc(rare, func(name string) bool { return strings.HasSuffix(q.where, name) }) {
			t.Errorf("%s: no data for any task", q.where)
		}
	}
}

// run runs a query of a board and fails on an error.
func (w *world) run(t *testing.T, b *board, q asked, values map[string]string) []result {
	t.Helper()
	found, err := w.prometheus.ask(t, fill(t, q.Expr, b.chosen(values)), q.Range)
	if err != nil {
		t.Errorf("%s, with %v: %v", q.where, values, err)
	}
	return found
}

// tablesMerge: Grafana joins the answers of a table's queries by the columns that all of them have. That gives one line
// for each thing only if those columns name it, and no other column that two answers share differs (as a
// metric's name would).
func (w *world) tablesMerge(t *testing.T, b *board, values map[string]string) {
	t.Helper()
	for i := range b.Panels {
		p := &b.Panels[i]
		if !p.merges() {
			continue
		}
		var answers [][]result
		for _, q := range b.queries() {
			if q.panel == p {
				if found := w.run(t, b, q, values); len(found) > 0 {
					answers = append(answers, found)
				}
			}
		}
		for _, fault := range mergeFaults(answers) {
			t.Errorf("%s: table %q, with %v: %s", b.file, p.Title, values, fault)
		}
	}
}

func mergeFaults(answers [][]result) (faults []string) {
	if len(answers) == 0 {
		return nil
	}
	var columns []labelSet
	for _, found := range answers {
		set := labelSet{}
		for _, r := range found {
			maps.Copy(set, setOf(names(r.Metric)...))
		}
		columns = append(columns, set)
	}
	key := func(r result) (text string) {
		for _, name := range names(columns[0]) {
			if !slices.ContainsFunc(columns, func(c labelSet) bool { return !c[name] }) {
				text += name + "=" + r.Metric[name] + " "
			}
		}
		return text
	}
	for _, found := range answers {
		seen := map[string]bool{}
		for _, r := range found {
			if name := r.Metric["__name__"]; name != "" {
				faults = append(faults, "the name "+name+" keeps lines apart")
			}
			if seen[key(r)] {
				faults = append(faults, "several lines for "+key(r))
			}
			seen[key(r)] = true
		}
	}
	return faults
}

// figuresAreTrue holds counts against the simulated OMS itself: two replicas must not count twice.
func (w *world) figuresAreTrue(t *testing.T) {
	for title, counts := range map[string]func(simulator.Row) bool{
		"Running":         func(r simulator.Row) bool { return strings.HasPrefix(r.Status, "RUNNING") },
		"Failed":          func(r simulator.Row) bool { return r.Status == "FAILED" },
		"Alarming":        func(r simulator.Row) bool { return r.Alarming || r.Status == "RUNNING_ALARMING" },
		"Tasks by status": func(r simulator.Row) bool { return r.Status != "RELEASED" && r.Status != "DELETED" },
	} {
		// The tasks live on meanwhile: Prometheus is a scrape behind.
		testutil.WaitFor(t, "the true figure in panel "+title, func() error {
			want := 0.0
			for _, row := range w.oms.Truth(time.Now()) {
				if counts(row) {
					want++
				}
			}
			if got := w.total(t, title); got != want {
				return fmt.Errorf("the panel shows %v, OMS has %v", got, want)
			}
			return nil
		})
	}
	if got := w.total(t, "Alert rules"); got != 1 {
		t.Errorf("panel Alert rules shows %v although the rules are loaded", got)
	}
}

// total is the sum of all newest values of a panel's first query.
func (w *world) total(t *testing.T, title string) (sum float64) {
	t.Helper()
	b := readBoard(t, "oms-overview.json")
	for _, q := range b.queries() {
		if q.panel.Title != title {
			continue
		}
		for _, r := range w.run(t, b, q, nil) {
			newest := r.Value
			if q.Range {
				newest = r.Values[len(r.Values)-1]
			}
			value, err := strconv.ParseFloat(newest[1].(string), 64)
			if err != nil {
				t.Fatal(err)
			}
			sum += value
		}
		return sum
	}
	t.Fatalf("the overview has no panel %q", title)
	return 0
}

// statesHaveColours: every state that the exporter shows, of tasks or of steps, has a colour where the board shows such
// states.
func (w *world) statesHaveColours(t *testing.T) {
	tasks, steps := w.prometheus.values(
		t,
		"oms_task_status",
		"status",
	), w.prometheus.values(
		t,
		"oms_task_step_status",
		"status",
	)
	if len(tasks) < 10 || len(steps) < 5 {
		t.Fatalf("too few states: %q, %q", tasks, steps)
	}
	b := readBoard(t, "oms-task.json")
	for title, states := range map[string][]string{"Status": tasks, "Status timeline": tasks, "Steps over time": steps} {
		at := slices.IndexFunc(b.Panels, func(p panel) bool { return p.Title == title })
		if at < 0 {
			t.Fatalf("no panel %q", title)
		}
		for _, state := range states {
			if !colored(b.Panels[at].FieldConfig.Defaults.Mappings, state) {
				t.Errorf("panel %q has no colour for %s", title, state)
			}
		}
	}
}

// colored reports whether the mappings give a text a color.
func colored(mappings []mapping, text string) bool {
	return slices.ContainsFunc(mappings, func(m mapping) bool {
		return slices.ContainsFunc(
			slices.Collect(maps.Values(m.Values)),
			func(v shownValue) bool { return v.Text == text && v.Color != "" },
		)
	})
}
