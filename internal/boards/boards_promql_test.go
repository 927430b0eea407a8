package boards

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"
)

// chosenTask are values for the variables of both boards, where a query needs none in particular.
var chosenTask = map[string]string{"oms": "prod", "task_id": "np_1"}

// parsed is a query with its syntax tree.
func parsed(t *testing.T, b *board, q asked) parser.Expr {
	t.Helper()
	expr, err := promQL.ParseExpr(fill(t, q.Expr, b.chosen(chosenTask)))
	if err != nil {
		t.Fatalf("%s: %v", q.where, err)
	}
	return expr
}

func TestQueriesUseSeriesAndLabelsThatExist(t *testing.T) {
	known := knownSeries(t)
	for _, b := range boards(t) {
		for _, q := range b.queries() {
			expr := parsed(t, b, q)
			for _, fault := range known.faults(expr) {
				t.Errorf("%s: %s", q.where, fault)
			}
			shown := known.labels(expr)
			for _, text := range shownLabels(b, q) {
				if !shown[text] {
					t.Errorf("%s: shows label %q, which its result does not have", q.where, text)
				}
			}
		}
	}
}

// faults are the uses of series and labels in an expression that no exporter and no rule makes.
func (known series) faults(expr parser.Expr) (faults []string) {
	need := func(where parser.Node, has labelSet, names ...string) {
		for _, name := range names {
			if !has[name] {
				faults = append(faults, "no label "+name+" at this place: "+where.String())
			}
		}
	}
	parser.Inspect(expr, func(node parser.Node, _ []parser.Node) error {
		switch e := node.(type) {
		case *parser.VectorSelector:
			if known[e.Name] == nil {
				faults = append(faults, "no such series: "+e.Name)
			}
			for _, m := range e.LabelMatchers {
				if m.Name != model.MetricNameLabel {
					need(e, known[e.Name], m.Name)
				}
			}
		case *parser.AggregateExpr:
			need(e, known.labels(e.Expr), e.Grouping...)
		case *parser.BinaryExpr:
			if m := e.VectorMatching; m != nil {
				need(e, known.labels(e.LHS), m.MatchingLabels...)
				need(e, known.labels(e.RHS), m.MatchingLabels...)
				if m.Card == parser.CardManyToOne {
					need(e, known.labels(e.RHS), m.Include...)
				}
				if m.Card == parser.CardOneToMany {
					need(e, known.labels(e.LHS), m.Include...)
				}
			}
		}
		return nil
	})
	return faults
}

var braced = regexp.MustCompile(`\{\{\s*(\w+)\s*\}\}`)

// shownLabels are the labels that the legend of a query, or the texts of an annotation, put before people.
func shownLabels(b *board, q asked) (names []string) {
	text := q.Legend
	if q.panel == nil {
		for _, a := range b.Annotations.List {
			if strings.HasSuffix(q.where, `"`+a.Name+`"`) {
				text = a.TitleFormat + a.TextFormat
				names = strings.FieldsFunc(a.TagKeys, func(r rune) bool { return r == ',' })
			}
		}
	}
	for _, m := range braced.FindAllStringSubmatch(text, -1) {
		names = append(names, m[1])
	}
	return names
}

// TestTheLabelCheckFindsMistakes: a check that finds nothing wrong in the boards could also be one that finds nothing
// at all.
func TestTheLabelCheckFindsMistakes(t *testing.T) {
	known := knownSeries(t)
	for query, faults := range map[string]int{
		`oms_up{oms="prod"}`:              0,
		`oms_upp`:                         1,
		`oms_up{task_id="np_1"}`:          1,
		`sum by (status) (oms_task_info)`: 1,
		`oms_task_alarming * on (oms, task_id) group_left (name) oms_task_info`:             0,
		`oms_task_alarming * on (oms, task_id) group_left (title) oms_task_info`:            1,
		`max by (oms) (oms_task_alarming) and on (task_id) oms_task_info`:                   1,
		`rate(oms_api_requests_total{outcome="ok"}[5m])`:                                    0,
		`rate(oms_api_requests_total{reason="ok"}[5m])`:                                     1,
		`oms:condition{condition="task_failed", step="", direction=""}`:                     0,
		`oms:condition{order="1"}`:                                                          1,
		`ALERTS{alertstate="firing", alertname="OMSDown", severity="critical", oms="prod"}`: 0,
		`ALERTS_FOR_STATE{alertstate="firing"}`:                                             1,
	} {
		expr, err := promQL.ParseExpr(query)
		if err != nil {
			t.Fatal(err)
		}
		if got := known.faults(expr); len(got) != faults {
			t.Errorf("%s: found %q, want %d faults", query, got, faults)
		}
	}
}

// TestQueriesNameConditionsAndAlertsThatExist: a condition or an alert that no rule has gives an empty panel, not an
// error.
func TestQueriesNameConditionsAndAlertsThatExist(t *testing.T) {
	known := map[string][]string{"condition": slices.Collect(maps.Keys(conditions(t))), "alertname": alertNames}
	for _, b := range boards(t) {
		for _, q := range b.queries() {
			for _, selector := range parser.ExtractSelectors(parsed(t, b, q)) {
				for _, m := range selector {
					names, checked := known[m.Name]
					if !checked || m.Value == "OMS.+" {
						continue
					}
					for name := range strings.SplitSeq(m.Value, "|") {
						if !slices.Contains(names, name) {
							t.Errorf("%s: no rule has %s %q", q.where, m.Name, name)
						}
					}
				}
			}
		}
	}
}
