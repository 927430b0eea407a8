package boards

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/promql/parser"
)

func graphs(t *testing.T) []*panel {
	t.Helper()
	return slices.DeleteFunc(panels(t), func(p *panel) bool { return p.Type != "timeseries" })
}

func TestGraphs(t *testing.T) {
	t.Parallel()
	// A threshold does not widen an axis. An axis without a fixed maximum must extend beyond its thresholds.
	t.Run("thresholds are inside the axis", func(t *testing.T) {
		found := 0
		for _, p := range graphs(t) {
			defaults := p.FieldConfig.Defaults
			axis := defaults.Custom
			if defaults.Thresholds == nil || axis.Lines.Mode == "off" || defaults.Max != nil {
				continue
			}
			for _, value := range defaults.Thresholds.values() {
				found++
				if axis.SoftMin == nil || axis.SoftMax == nil || value <= *axis.SoftMin || value >= *axis.SoftMax {
					t.Errorf("%s: the line at %g can be outside the axis", p, value)
				}
			}
		}
		if found < 3 {
			t.Errorf("found only %d lines", found)
		}
	})
	t.Run("delays have a logarithmic axis, because they can differ a thousandfold", func(t *testing.T) {
		p := readBoard(t, "oms-overview").panel(t, "Worst delays over time")
		if scale := p.FieldConfig.Defaults.Custom.Scale.Type; scale != "log" {
			t.Errorf("%s: the axis is %q", p, scale)
		}
	})
	t.Run("a legend is sorted by the last value, the largest first", func(t *testing.T) {
		for _, p := range graphs(t) {
			if legend := p.Options.Legend; legend.SortBy != "Last *" || !legend.SortDesc {
				t.Errorf("%s: the legend is sorted by %q", p, legend.SortBy)
			}
		}
	})
	t.Run("lines have the color of their severity", func(t *testing.T) { // a palette begins with green
		for place, want := range map[string]string{
			"oms-overview/Worst delays over time/threshold": "red",
			"oms-overview/Firing alerts/critical":           "red",
			"oms-overview/Firing alerts/warning":            "orange",
			"oms-overview/Firing alerts/info":               "blue",
			"oms-overview/Failures of walks by reason/":     "red",
			"oms-overview/Requests to OMS/ok":               "green",
			"oms-overview/Requests to OMS/":                 "red",
			"oms-task/Delay//^threshold /":                  "red",
		} {
			part := strings.SplitN(place, "/", 3)
			if got := readBoard(t, part[0]).panel(t, part[1]).lineColor(part[2]); got != want {
				t.Errorf("%s: color %q, want %q", place, got, want)
			}
		}
	})
	t.Run("a status has one color", func(t *testing.T) {
		overview, task := readBoard(t, "oms-overview"), readBoard(t, "oms-task")
		lines := overview.panel(t, "Tasks by status")
		tile, timeline := task.panel(t, "Status").textColors(), task.panel(t, "Status timeline").textColors()
		delete(timeline, "other")
		if len(timeline) < 10 {
			t.Fatalf("the timeline has only %v", timeline)
		}
		for status, want := range timeline {
			if tile[status] != want {
				t.Errorf("%s: color %q in the timeline, %q in the tile", status, want, tile[status])
			}
			inOverview := status != "RELEASED" && status != "DELETED"
			if color := lines.lineColor(status); inOverview && color != want {
				t.Errorf("%s: color %q in the timeline, %q in the overview", status, want, color)
			}
		}
	})
}

// lineColor returns the color of a line, or of all lines for "".
func (p *panel) lineColor(line string) string {
	color := p.FieldConfig.Defaults.Color
	for _, o := range p.FieldConfig.Overrides {
		if line != "" && o.Matcher.Options == line {
			o.property("color", &color)
		}
	}
	return color.Name
}

// textColors returns the colors of the texts that a panel shows.
func (p *panel) textColors() map[string]string {
	colors := map[string]string{}
	for _, m := range p.FieldConfig.Defaults.Mappings {
		for value, shown := range m.values() {
			colors[cmp.Or(shown.Text, value)] = shown.Color
		}
	}
	return colors
}

func TestThresholds(t *testing.T) {
	t.Parallel()
	t.Run("thresholds equal the limits of the alert rules", func(t *testing.T) {
		limits := conditionLimits(t)
		retention := []float64{limits["log_retention_warning"], limits["log_retention_critical"]}
		clock := []float64{-limits["clock_skew"], limits["clock_skew"]}
		threshold := []float64{1} // in parts of the threshold of the task
		for place, want := range map[string][]float64{
			"oms-overview/Worst delays/Share":                  threshold,
			"oms-overview/Worst delays over time/":             threshold,
			"oms-overview/Delay by source and sink type/Share": threshold,
			"oms-overview/Health of each OMS/Clock offset":     clock,
			"oms-overview/Clock offset/":                       clock,
			"oms-task/Delay against its threshold/":            threshold,
			"oms-task/Retention used/":                         retention,
			"oms-task/Retention used over time/":               retention,
			"oms-task/Checkpoint/Measured ago":                 {limits["sync_delay_stale"]},
		} {
			part := strings.Split(place, "/")
			if got := readBoard(t, part[0]).panel(t, part[1]).thresholds(part[2]); !slices.Equal(got, want) {
				t.Errorf("%s: thresholds are %v, want %v as in %s", place, got, want, rulesFile)
			}
		}
	})
	t.Run("a graph shows the limits of a quantity that has an alert", func(t *testing.T) {
		for _, p := range graphs(t) {
			for _, q := range p.Targets {
				for _, name := range []string{"oms_task:log_retention_used_ratio", "oms_clock_offset_seconds"} {
					if strings.Contains(q.Expr, name) && len(p.thresholds("")) < 2 {
						t.Errorf("%s: shows %s without its limits", q, name)
					}
				}
				hasThreshold := slices.ContainsFunc(p.Targets, func(other *query) bool {
					return other.Expr != q.Expr && strings.Contains(other.Expr, "oms_task_sync_delay_threshold_seconds")
				})
				if strings.Contains(q.Expr, "oms_task_sync_effective_delay_seconds") &&
					!hasThreshold && len(p.thresholds("")) != 1 {
					t.Errorf("%s: shows the delay without its threshold", q)
				}
			}
		}
	})
}

// thresholds returns the thresholds of a column of a table, or of the whole panel for "".
func (p *panel) thresholds(column string) []float64 {
	var th thresholds
	if column == "" && p.FieldConfig.Defaults.Thresholds != nil {
		th = *p.FieldConfig.Defaults.Thresholds
	}
	for _, o := range p.FieldConfig.Overrides {
		if o.Matcher.Options == column {
			o.property("thresholds", &th)
		}
	}
	return th.values()
}

// conditionLimits returns the numbers that the rules of conditions compare with, by condition.
func conditionLimits(t *testing.T) map[string]float64 {
	t.Helper()
	limits := map[string]float64{}
	for condition, expr := range conditions(t) {
		parser.Inspect(expr, func(node parser.Node, _ []parser.Node) error {
			if e, ok := node.(*parser.BinaryExpr); ok && e.Op == parser.GTR {
				if n, ok := e.RHS.(*parser.NumberLiteral); ok {
					limits[condition] = n.Val
				}
			}
			return nil
		})
	}
	for condition := range strings.FieldsSeq("log_retention_warning log_retention_critical clock_skew sync_delay_stale") {
		if limits[condition] == 0 {
			t.Fatalf("condition %s has no limit: %v", condition, limits)
		}
	}
	return limits
}
