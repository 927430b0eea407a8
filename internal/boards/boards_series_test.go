package boards

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/oms-exporter/oms_exporter/collector"
	"github.com/oms-exporter/oms_exporter/oms"
)

// promQL is the parser of Prometheus itself, without anything experimental.
var promQL = parser.NewParser(parser.Options{})

// labelSet are names of labels.
type labelSet map[string]bool

func setOf(names ...string) labelSet {
	s := labelSet{}
	for _, name := range names {
		s[name] = true
	}
	return s
}

func (s labelSet) with(names ...string) labelSet {
	union := setOf(names...)
	maps.Copy(union, s)
	return union
}

// series knows the labels of everything a board can ask for: what the exporter emits, what the rules record, and the
// alerts.
type series map[string]labelSet

// knownSeries takes the exporter's metrics from its code, and the rest from the rules.
func knownSeries(t *testing.T) series {
	t.Helper()
	known := series{}
	for _, m := range collector.NewMetrics(collector.AllCollectors).List() {
		known[m.Name] = setOf(m.Labels...)
	}
	known.addAPI(t)
	rules := readRules(t)
	known.addRules(t, rules)
	known.addRules(t, rules) // once more: some build on what a later one recorded a moment ago
	return known
}

func (known series) addRules(t *testing.T, rules ruleFile) {
	t.Helper()
	for _, group := range rules.Groups {
		for _, r := range group.Rules {
			expr, err := promQL.ParseExpr(r.Expr)
			if err != nil {
				t.Fatalf("%s%s: %v", r.Record, r.Alert, err)
			}
			labels := known.labels(expr).with(names(r.Labels)...)
			if r.Record != "" {
				known[r.Record] = known[r.Record].with(names(labels)...)
				continue
			}
			known["ALERTS_FOR_STATE"] = known["ALERTS_FOR_STATE"].with(names(labels)...).with("alertname")
			known["ALERTS"] = known["ALERTS_FOR_STATE"].with("alertstate")
		}
	}
}

// names are the keys of a map, in order.
func names[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// addAPI adds the counters of requests, which are there once a target is.
func (known series) addAPI(t *testing.T) {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	collector.NewRequestMetrics(registry).
		ForTarget("prod")(
		oms.Attempt{Action: oms.ActionListProjects, Number: 1, Duration: time.Second},
	)
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

// labels are the labels that the series of an expression's result can have.
func (known series) labels(expr parser.Expr) labelSet {
	switch e := expr.(type) {
	case *parser.VectorSelector:
		return known[e.Name].with()
	case *parser.AggregateExpr:
		return known.aggregated(e)
	case *parser.BinaryExpr:
		return known.joined(e)
	case *parser.Call:
		return known.called(e)
	case *parser.StepInvariantExpr:
		return known.labels(e.Expr)
	case *parser.ParenExpr:
		return known.labels(e.Expr)
	case *parser.UnaryExpr:
		return known.labels(e.Expr)
	case *parser.MatrixSelector:
		return known.labels(e.VectorSelector)
	case *parser.SubqueryExpr:
		return known.labels(e.Expr)
	}
	return labelSet{} // a number
}

func (known series) aggregated(e *parser.AggregateExpr) labelSet {
	labels := known.labels(e.Expr)
	if e.Op == parser.TOPK || e.Op == parser.BOTTOMK {
		return labels
	}
	if !e.Without {
		return setOf(e.Grouping...)
	}
	for _, name := range e.Grouping {
		delete(labels, name)
	}
	return labels
}

func (known series) called(e *parser.Call) labelSet {
	labels := labelSet{}
	for _, arg := range e.Args {
		labels = labels.with(names(known.labels(arg))...)
	}
	if e.Func.Name == "label_replace" || e.Func.Name == "label_join" {
		labels[e.Args[1].(*parser.StringLiteral).Val] = true
	}
	return labels
}

func (known series) joined(e *parser.BinaryExpr) labelSet {
	left, right := known.labels(e.LHS), known.labels(e.RHS)
	m := e.VectorMatching
	switch {
	case e.Op == parser.LAND || e.Op == parser.LUNLESS:
		return left
	case e.Op == parser.LOR || m == nil: // m is nil where one side is a number
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
