package boards

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"
)

// speedup is the factor by which TestEndToEnd shortens the times of the rules: a minute becomes a second.
const speedup = 60

// compress shortens the times of the rules: each window, offset, `for` and `keep_firing_for`, and each time that an
// alert compares oms:condition_confirmed_seconds with. It keeps all other numbers, which the rules compare with times
// of OMS: delays, ages, thresholds, shares of the retention.
func compress(t *testing.T, rules ruleFile) ruleFile {
	t.Helper()
	for i := range rules.Groups {
		group := &rules.Groups[i]
		group.Interval = "1s"
		for j := range group.Rules {
			r := &group.Rules[j]
			r.For, r.KeepFiringFor = compressDuration(t, r.For), compressDuration(t, r.KeepFiringFor)
			expr := parseExpr(t, r.Expr)
			parser.Inspect(expr, func(node parser.Node, _ []parser.Node) error {
				switch e := node.(type) {
				case *parser.MatrixSelector:
					e.Range /= speedup
				case *parser.VectorSelector:
					e.OriginalOffset /= speedup
				case *parser.BinaryExpr:
					if e.Op.IsComparisonOperator() && strings.Contains(e.LHS.String(), "oms:condition_confirmed_seconds") {
						e.RHS = parseExpr(t, fmt.Sprintf("(%s) / %d", e.RHS, speedup))
					}
				}
				return nil
			})
			r.Expr = expr.String()
		}
	}
	return rules
}

func compressDuration(t *testing.T, duration string) string {
	t.Helper()
	if duration == "" {
		return ""
	}
	d, err := model.ParseDuration(duration)
	if err != nil {
		t.Fatal(err)
	}
	return model.Duration(time.Duration(d) / speedup).String()
}

func TestCompress(t *testing.T) {
	t.Parallel()
	for expr, want := range map[string]string{
		`last_over_time(x[1h] offset 1s) > 1800`:                         `last_over_time(x[1m] offset 16ms) > 1800`,
		`oms:condition_confirmed_seconds{condition="a"} >= 13 * 60`:      `oms:condition_confirmed_seconds{condition="a"} >= (13 * 60) / 60`,
		`max without (c) (oms:condition_confirmed_seconds >= 180)`:       `max without (c) (oms:condition_confirmed_seconds >= (180) / 60)`,
		`oms_task:sync_late_seconds > 60`:                                `oms_task:sync_late_seconds > 60`,
		`max_over_time(up[3m]) == 0 and on (job, instance) up offset 3m`: `max_over_time(up[3s]) == 0 and on (job, instance) up offset 3s`,
	} {
		rules := compress(
			t, ruleFile{Groups: []ruleGroup{{Interval: "1m", Rules: []rule{{Expr: expr, For: "5m", KeepFiringFor: "1h"}}}}})
		if got := rules.Groups[0].Rules[0]; got.Expr != want || got.For != "5s" || got.KeepFiringFor != "1m" {
			t.Errorf("%s: got %+v, want %s", expr, got, want)
		}
	}
}
