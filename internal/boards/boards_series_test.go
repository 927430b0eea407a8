package boards

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/oms-exporter/oms_exporter/collector"
	"github.com/oms-exporter/oms_exporter/oms"
)

// labelSet is a set of label names.
type labelSet map[string]bool

func setOf(names ...string) labelSet {
	s := labelSet{}
	for _, name := range names {
		s[name] = true
	}
	return s
}

// with returns a new set that also has names.
func (s labelSet) with(names ...string) labelSet {
	union := setOf(names...)
	maps.Copy(union, s)
	return union
}

// names returns the sorted keys of a map.
func names[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// series has the labels of each metric, by name.
type series map[string]labelSet

// knownSeries returns the metrics of the exporter, the series that the rules record, and the series of alerts.
func knownSeries(t *testing.T) series {
	t.Helper()
	known := series{}
	for _, m := range collector.NewMetrics(collector.AllCollectors).List() {
		known[m.Name] = setOf(m.Labels...)
	}
	known.addRequestMetrics(t)
	for range 2 { // a rule can read what a later rule recorded in the last evaluation
		for _, r := range allRules(t) {
			labels := known.labels(parseExpr(t, r.Expr)).with(names(r.Labels)...)
			if r.Record != "" {
				known[r.Record] = known[r.Record].with(names(labels)...)
				continue
			}
			known["ALERTS_FOR_STATE"] = known["ALERTS_FOR_STATE"].with(names(labels)...).with("alertname")
			known["ALERTS"] = known["ALERTS_FOR_STATE"].with("alertstate")
		}
	}
	return known
}

// addRequestMetrics adds the metrics that exist once the exporter has a target.
func (known series) addRequestMetrics(t *testing.T) {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	observe := collector.NewRequestMetrics(registry).ForTarget("prod")
	observe(oms.Attempt{Action: oms.ActionListProjects, Number: 1, Duration: time.Second})
	families, err := registry.Gather()
	if err != nil || len(families) == 0 {
		t.Fatalf("no metrics of requests: %v", err)
	}
	for _, f := range families {
		labels := labelSet{}
		for _, m := range f.Metric {
			for _, pair := range m.Label {
				labels[pair.GetName()] = true
			}
		}
		if f.GetType().String() == "HISTOGRAM" {
			known[f.GetName()+"_bucket"] = labels.with("le")
			known[f.GetName()+"_sum"], known[f.GetName()+"_count"] = labels, labels
		}
		known[f.GetName()] = labels
	}
}

// labels returns the labels that the result of an expression can have.
func (known series) labels(expr parser.Expr) labelSet {
	switch e := expr.(type) {
	case *parser.VectorSelector:
		return known[e.Name].with()
	case *parser.AggregateExpr:
		return known.aggregateLabels(e)
	case *parser.BinaryExpr:
		return known.binaryLabels(e)
	}
	labels := labelSet{}
	for child := range parser.ChildrenIter(expr) { // of a function: its arguments
		labels = labels.with(names(known.labels(child.(parser.Expr)))...)
	}
	if call, ok := expr.(*parser.Call); ok && (call.Func.Name == "label_replace" || call.Func.Name == "label_join") {
		labels[call.Args[1].(*parser.StringLiteral).Val] = true
	}
	return labels
}

func (known series) aggregateLabels(e *parser.AggregateExpr) labelSet {
	labels := known.labels(e.Expr)
	switch {
	case e.Op == parser.TOPK || e.Op == parser.BOTTOMK:
		return labels
	case !e.Without:
		return setOf(e.Grouping...)
	}
	for _, name := range e.Grouping {
		delete(labels, name)
	}
	return labels
}

func (known series) binaryLabels(e *parser.BinaryExpr) labelSet {
	left, right := known.labels(e.LHS), known.labels(e.RHS)
	m := e.VectorMatching
	switch {
	case e.Op == parser.LAND || e.Op == parser.LUNLESS:
		return left
	case e.Op == parser.LOR || m == nil: // one side is a number
		return left.with(names(right)...)
	case m.Card == parser.CardOneToMany:
		return right.with(m.Include...)
	case m.Card == parser.CardManyToOne:
		return left.with(m.Include...)
	case m.On:
		return setOf(m.MatchingLabels...)
	}
	return left
}

// faults returns the uses of series and labels in an expression that do not exist.
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

func TestSeriesFaults(t *testing.T) {
	t.Parallel()
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
		if got := known.faults(parseExpr(t, query)); len(got) != faults {
			t.Errorf("%s: found %q, want %d faults", query, got, faults)
		}
	}
}
