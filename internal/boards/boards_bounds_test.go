package boards

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// TestRatesFollowTheShownTime: a fixed window is too short where the shown time is long, and Prometheus is then not
// asked for all of it. Only an instant query has no shown time; what it looks back on is said in words.
func TestRatesFollowTheShownTime(t *testing.T) {
	window := regexp.MustCompile(`\[([^\]:]+)[\]:]`)
	found := false
	for _, b := range boards(t) {
		for _, q := range b.queries() {
			for _, m := range window.FindAllStringSubmatch(q.Expr, -1) {
				found = true
				if q.Range && m[1] != "$__rate_interval" {
					t.Errorf("%s: window %s instead of $__rate_interval", q.where, m[1])
				}
			}
		}
	}
	if !found {
		t.Error("no query has a window: the test looks for the wrong thing")
	}
}

// TestPanelsStayReadableWithThousandsOfTasks: what can have a series for each task is an instant query with a bound.
func TestPanelsStayReadableWithThousandsOfTasks(t *testing.T) {
	known := knownSeries(t)
	for _, b := range boards(t) {
		for _, q := range b.queries() {
			expr := parsed(t, b, q)
			if !known.labels(expr)["task_id"] || ofOneTask(expr) {
				continue
			}
			if !strings.Contains(q.Expr, "topk(") {
				t.Errorf("%s: has a series for each task, and no bound", q.where)
			}
			// topk selects series at each step again, so it is a bound at one instant only.
			if q.Range && !strings.Contains(q.Expr, "@ end()") {
				t.Errorf("%s: selects tasks again at each step", q.where)
			}
		}
	}
}

// ofOneTask reports whether every series that an expression selects is of one task, or of none.
func ofOneTask(expr parser.Expr) bool {
	one := true
	parser.Inspect(expr, func(node parser.Node, _ []parser.Node) error {
		if v, ok := node.(*parser.VectorSelector); ok &&
			(strings.HasPrefix(v.Name, "oms_task") || strings.HasPrefix(v.Name, "ALERTS")) {
			one = one && slices.ContainsFunc(v.LabelMatchers, func(m *labels.Matcher) bool {
				return m.Name == "task_id" && m.Type == labels.MatchEqual
			})
		}
		return nil
	})
	return one
}

func TestQueriesAreInstantOrRange(t *testing.T) {
	for _, b := range boards(t) {
		for _, q := range b.queries() {
			if q.Instant == q.Range {
				t.Errorf("%s: instant is %v and range is %v", q.where, q.Instant, q.Range)
			}
			if overTime := q.panel == nil || q.panel.Type == "timeseries" ||
				q.panel.Type == "state-timeline"; overTime != q.Range {
				t.Errorf("%s: range is %v", q.where, q.Range)
			}
			if q.panel != nil && q.panel.Type == "table" && q.Format != "table" {
				t.Errorf("%s: format is %q in a table", q.where, q.Format)
			}
		}
		for _, a := range b.Annotations.List {
			if a.Expr != a.Target.Expr || a.Step != a.Target.Interval {
				t.Errorf("%s: annotation %q differs between old and new Grafana versions", b.file, a.Name)
			}
		}
	}
}
