package boards

import (
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"
)

// faster is how many times faster than on the wall the rules' time passes in the end-to-end test: a minute is a second
// there.
const faster = 60

// compress makes the rules' time pass faster. The rule: every window, offset, `for` and `keep_firing_for` is divided by
// that, and so is every time for which a condition must have held (what oms:condition_confirmed_seconds is compared
// with). All other numbers stay as they are, since they are held against OMS's times, which pass as always: delays,
// ages, thresholds, shares of the retention.
func compress(t *testing.T, rules ruleFile) ruleFile {
	t.Helper()
	for i := range rules.Groups {
		group := &rules.Groups[i]
		group.Interval = "1s"
		for j := range group.Rules {
			r := &group.Rules[j]
			r.For, r.KeepFiringFor = shorter(t, r.For), shorter(t, r.KeepFiringFor)
			expr, err := promQL.ParseExpr(r.Expr)
			if err != nil {
				t.Fatal(err)
			}
			parser.Inspect(expr, func(node parser.Node, _ []parser.Node) error {
				compressNode(node)
				return nil
			})
			r.Expr = expr.String()
		}
	}
	return rules
}

func compressNode(node parser.Node) {
	switch e := node.(type) {
	case *parser.MatrixSelector:
		e.Range /= faster
	case *parser.VectorSelector:
		e.OriginalOffset /= faster
	case *parser.BinaryExpr:
		if e.Op.IsComparisonOperator() && selects(e.LHS, "oms:condition_confirmed_seconds") {
			e.RHS = &parser.BinaryExpr{
				Op:  parser.DIV,
				LHS: &parser.ParenExpr{Expr: e.RHS},
				RHS: &parser.NumberLiteral{Val: faster},
			}
		}
	}
}

func selects(expr parser.Expr, name string) bool {
	found := false
	parser.Inspect(expr, func(node parser.Node, _ []parser.Node) error {
		if v, ok := node.(*parser.VectorSelector); ok && v.Name == name {
			found = true
		}
		return nil
	})
	return found
}

func shorter(t *testing.T, duration string) string {
	t.Helper()
	if duration == "" {
		return ""
	}
	d, err := model.ParseDuration(duration)
	if err != nil {
		t.Fatal(err)
	}
	return model.Duration(time.Duration(d) / faster).String()
}

func TestCompressedRulesDifferInTimeAlone(t *testing.T) {
	for expr, want := range map[string]string{
		`last_over_time(x[1h] offset 1s) > 1800`:                         `last_over_time(x[1m] offset 16ms) > 1800`,
		`oms:condition_confirmed_seconds{condition="a"} >= 13 * 60`:      `oms:condition_confirmed_seconds{condition="a"} >= (13 * 60) / 60`,
		`max without (c) (oms:condition_confirmed_seconds >= 180)`:       `max without (c) (oms:condition_confirmed_seconds >= (180) / 60)`,
		`oms_task:sync_late_seconds > 60`:                                `oms_task:sync_late_seconds > 60`,
		`max_over_time(up[3m]) == 0 and on (job, instance) up offset 3m`: `max_over_time(up[3s]) == 0 and on (job, instance) up offset 3s`,
	} {
		rules := compress(
			t,
			ruleFile{Groups: []ruleGroup{{Interval: "1m", Rules: []rule{{Expr: expr, For: "5m", KeepFiringFor: "1h"}}}}},
		)
		if got := rules.Groups[0].Rules[0]; got.Expr != want || got.For != "5s" || got.KeepFiringFor != "1m" {
			t.Errorf("%s: got %+v, want %s", expr, got, want)
		}
	}
}
