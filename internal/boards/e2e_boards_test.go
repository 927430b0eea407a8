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

func (s *stack) testVariables(t *testing.T) {
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
			text := b.fill(t, v.text(), map[string]string{"oms": "prod"})
			var got []string
			if m := labelValues.FindStringSubmatch(text); m != nil {
				got = s.prometheus.labelValues(t, m[1], m[2])
			} else if m := queryResult.FindStringSubmatch(text); m != nil {
				got = s.options(t, m[1], v.Regex)
			}
			if value := want[b.file+" "+v.Name]; !slices.Contains(got, value) {
				t.Errorf("%s: variable %s does not offer %q, but %q", b.file, v.Name, value, got)
			}
		}
	}
}

// options returns the options of a variable of the type query_result, as text=value.
func (s *stack) options(t *testing.T, expr, pattern string) (options []string) {
	t.Helper()
	found, err := s.prometheus.query(t, expr, false)
	if err != nil {
		t.Errorf("%s: %v", expr, err)
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

func (s *stack) testOverview(t *testing.T) {
	b := readBoard(t, "oms-overview")
	for _, q := range b.queries() {
		// An alert begins after some time. Until then the tiles have no value, because one OMS cannot be read.
		testutil.Eventually(t, q.String()+": data", func() bool { return len(s.results(t, q, nil)) > 0 })
		for _, values := range []map[string]string{
			{"oms": "prod|lost", "type": "SYNC|MIGRATION", "importance": "HIGH|MEDIUM", "sink_type": "KAFKA"},
			{"oms": "lost"},
			{"oms": "none"},
		} {
			s.results(t, q, values)
		}
	}
	s.checkMerges(t, b, nil)
}

func (s *stack) testTaskBoard(t *testing.T) {
	b := readBoard(t, "oms-task")
	hasData := map[*query]bool{}
	for _, row := range s.oms.Truth(time.Now()) {
		values := map[string]string{"oms": "prod", "task_id": row.ID}
		for _, q := range b.queries() {
			if len(s.results(t, q, values)) > 0 {
				hasData[q] = true
			}
		}
		s.checkMerges(t, b, values)
	}
	for _, q := range b.queries() {
		s.results(t, q, map[string]string{"oms": "prod", "task_id": "none"})
		// Status changes need not occur during the test.
		if !hasData[q] && (q.annotation == nil || q.annotation.Name != "Status changes") {
			t.Errorf("%s: no data for any task", q)
		}
	}
}

// results runs a query of a board. An error of the query fails the test.
func (s *stack) results(t *testing.T, q *query, values map[string]string) []result {
	t.Helper()
	found, err := s.prometheus.query(t, q.board.fill(t, q.Expr, values), q.Range)
	if err != nil {
		t.Errorf("%s, with %v: %v", q, values, err)
	}
	return found
}

// checkMerges checks that each merged table has one line for each thing.
func (s *stack) checkMerges(t *testing.T, b *board, values map[string]string) {
	t.Helper()
	for _, p := range b.Panels {
		if p.merge() < 0 {
			continue
		}
		var responses [][]result
		for _, q := range p.Targets {
			if found := s.results(t, q, values); len(found) > 0 {
				responses = append(responses, found)
			}
		}
		for _, fault := range mergeFaults(responses) {
			t.Errorf("%s, with %v: %s", p, values, fault)
		}
	}
}

// mergeFaults checks that Grafana merges the responses into one line for each thing. Grafana merges by the columns that
// all responses have. These columns must identify the row. Every other shared column must be equal. Metric names
// differ, so no response may have one.
func mergeFaults(responses [][]result) (faults []string) {
	common := map[string]int{} // the number of responses that have a column
	for _, found := range responses {
		columns := labelSet{}
		for _, r := range found {
			columns = columns.with(names(r.Metric)...)
		}
		for name := range columns {
			common[name]++
		}
	}
	maps.DeleteFunc(common, func(_ string, n int) bool { return n < len(responses) })
	for _, found := range responses {
		seen := map[string]bool{}
		for _, r := range found {
			key := ""
			for _, name := range names(common) {
				key += name + "=" + r.Metric[name] + " "
			}
			if seen[key] {
				faults = append(faults, "several lines for "+key)
			}
			seen[key] = true
			if name := r.Metric["__name__"]; name != "" {
				faults = append(faults, "the name "+name+" separates lines")
			}
		}
	}
	return faults
}

// testCounts compares the overview with the simulated OMS. Two replicas must not double a count.
func (s *stack) testCounts(t *testing.T) {
	for title, counts := range map[string]func(simulator.Row) bool{
		"Running":         func(r simulator.Row) bool { return strings.HasPrefix(r.Status, "RUNNING") },
		"Failed":          func(r simulator.Row) bool { return r.Status == "FAILED" },
		"Alarming":        func(r simulator.Row) bool { return r.Alarming || r.Status == "RUNNING_ALARMING" },
		"Tasks by status": func(r simulator.Row) bool { return r.Status != "RELEASED" && r.Status != "DELETED" },
	} {
		testutil.WaitFor(t, "the count in panel "+title, func() error { // Prometheus is one scrape behind
			want := 0.0
			for _, row := range s.oms.Truth(time.Now()) {
				if counts(row) {
					want++
				}
			}
			if got := s.total(t, title); got != want {
				return fmt.Errorf("the panel shows %v, OMS has %v", got, want)
			}
			return nil
		})
	}
	if got := s.total(t, "Alert rules"); got != 1 {
		t.Errorf("panel Alert rules shows %v although the rules are loaded", got)
	}
}

// total returns the sum of the newest values of a panel's first query.
func (s *stack) total(t *testing.T, title string) (sum float64) {
	t.Helper()
	q := readBoard(t, "oms-overview").panel(t, title).Targets[0]
	for _, r := range s.results(t, q, nil) {
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

// testStatusColors checks the colors of every status that the exporter shows.
func (s *stack) testStatusColors(t *testing.T) {
	tasks := s.prometheus.labelValues(t, "oms_task_status", "status")
	steps := s.prometheus.labelValues(t, "oms_task_step_status", "status")
	if len(tasks) < 10 || len(steps) < 5 {
		t.Fatalf("found only %q and %q", tasks, steps)
	}
	b := readBoard(t, "oms-task")
	for title, statuses := range map[string][]string{"Status": tasks, "Status timeline": tasks, "Steps over time": steps} {
		p := b.panel(t, title)
		for _, status := range statuses {
			if p.textColors()[status] == "" {
				t.Errorf("%s: no color for %s", p, status)
			}
		}
	}
}
