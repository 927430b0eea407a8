package boards

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

var (
	windows       = regexp.MustCompile(`\[([^\]:]+)[\]:]`)
	recordedNames = regexp.MustCompile(`\boms[a-z_]*:[a-z_]+`)
)

func TestQueries(t *testing.T) {
	t.Parallel()
	t.Run("graphs have range queries, other panels instant queries", func(t *testing.T) {
		for _, q := range queries(t) {
			overTime := q.panel == nil || q.panel.Type == "timeseries" || q.panel.Type == "state-timeline"
			if q.Range != overTime || q.Instant == overTime {
				t.Errorf("%s: range is %v, instant is %v", q, q.Range, q.Instant)
			}
			if q.panel != nil && q.panel.Type == "table" && q.Format != "table" {
				t.Errorf("%s: format is %q in a table", q, q.Format)
			}
		}
	})
	t.Run("old and new versions of Grafana read the same annotations", func(t *testing.T) {
		for _, b := range boards(t) {
			for _, a := range b.Annotations.List {
				if a.Expr != a.Target.Expr || a.Step != a.Target.Interval {
					t.Errorf("%s: annotation %q has two queries", b.file, a.Name)
				}
			}
		}
	})
	t.Run("series and labels exist", func(t *testing.T) {
		known := knownSeries(t)
		for _, q := range queries(t) {
			expr := q.parse(t)
			for _, fault := range known.faults(expr) {
				t.Errorf("%s: %s", q, fault)
			}
			result := known.labels(expr)
			for _, label := range q.shownLabels() {
				if !result[label] {
					t.Errorf("%s: the text names label %q, which the result does not have", q, label)
				}
			}
		}
	})
	t.Run("conditions and alerts exist", func(t *testing.T) { // otherwise a panel is empty, without an error
		known := map[string][]string{"condition": slices.Collect(maps.Keys(conditions(t))), "alertname": alertNames(t)}
		for _, q := range queries(t) {
			for _, selector := range parser.ExtractSelectors(q.parse(t)) {
				for _, m := range selector {
					exists, checked := known[m.Name]
					if !checked || m.Value == "OMS.+" {
						continue
					}
					for name := range strings.SplitSeq(m.Value, "|") {
						if !slices.Contains(exists, name) {
							t.Errorf("%s: no rule has %s %q", q, m.Name, name)
						}
					}
				}
			}
		}
	})
	// A fixed window is too short for a long time range: Prometheus then skips some of the samples.
	t.Run("windows of range queries follow the time range", func(t *testing.T) {
		found := false
		for _, q := range queries(t) {
			for _, window := range windows.FindAllStringSubmatch(q.Expr, -1) {
				found = true
				if q.Range && window[1] != "$__rate_interval" {
					t.Errorf("%s: window %s, want $__rate_interval", q, window[1])
				}
			}
		}
		if !found {
			t.Error("no query has a window")
		}
	})
	t.Run("a panel shows a limited number of tasks", func(t *testing.T) {
		known := knownSeries(t)
		for _, q := range queries(t) {
			expr := q.parse(t)
			if !known.labels(expr)["task_id"] || selectsOneTask(expr) {
				continue
			}
			if !strings.Contains(q.Expr, "topk(") {
				t.Errorf("%s: has a series for each task", q)
			}
			// At each step topk selects other series. With "@ end()" it selects once.
			if q.Range && !strings.Contains(q.Expr, "@ end()") {
				t.Errorf("%s: selects tasks again at each step", q)
			}
		}
	})
	t.Run("boards use metrics where the exporter has them, not recording rules", func(t *testing.T) {
		for _, q := range queries(t) {
			for _, name := range recordedNames.FindAllString(q.Expr, -1) {
				if name != "oms:clock_offset_seconds" && name != "oms_task:log_retention_used_ratio" {
					t.Errorf("%s: uses the rule %s", q, name)
				}
			}
		}
	})
	t.Run("an end time is shown only while the status is an end status", testEndTimes)
}

// selectsOneTask reports whether every selector of a series of tasks or alerts has task_id="...".
func selectsOneTask(expr parser.Expr) bool {
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

var braced = regexp.MustCompile(`\{\{\s*(\w+)\s*\}\}`)

// shownLabels returns the labels in the legend of a query or in the texts of an annotation.
func (q *query) shownLabels() (shown []string) {
	text := q.Legend
	if a := q.annotation; a != nil {
		text = a.TitleFormat + a.TextFormat
		shown = strings.FieldsFunc(a.TagKeys, func(r rune) bool { return r == ',' })
	}
	for _, m := range braced.FindAllStringSubmatch(text, -1) {
		shown = append(shown, m[1])
	}
	return shown
}

var conditionsBehind = regexp.MustCompile(`(?s)^[^\n]*((?:\n\s*and on [^\n]*)*)`)

// OMS returns a finish time of a step that synchronizes, and a failure time of a task that has recovered.
func testEndTimes(t *testing.T) {
	need := map[string][]string{
		"oms_task_finished_timestamp_seconds":      {`oms_task_status{oms="$oms", task_id="$task_id", status=~"FINISHED|RELEASING|RELEASED|DELETED"}`},
		"oms_task_failed_timestamp_seconds":        {`oms_task_status{oms="$oms", task_id="$task_id", status="FAILED"}`, "oms_task_failure_info"},
		"oms_task_step_finished_timestamp_seconds": {`oms_task_step_status{oms="$oms", task_id="$task_id", status="FINISHED"}`},
		"oms_task_step_failed_timestamp_seconds":   {`oms_task_step_status{oms="$oms", task_id="$task_id", status="FAILED"}`, "oms_task_step_failure_info"},
	}
	found := map[string]bool{}
	for _, q := range queries(t) {
		for name, conditions := range need {
			for _, rest := range strings.Split(q.Expr, name)[1:] {
				found[name] = true
				for _, condition := range conditions {
					if !strings.Contains(conditionsBehind.FindString(rest), condition) {
						t.Errorf("%s: has %s without %s", q, name, condition)
					}
				}
			}
		}
	}
	if len(found) != len(need) {
		t.Errorf("the boards have only %v", names(found))
	}
}
