package boards

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/promql/parser"
)

// fields are the columns that a table gets from Prometheus: the labels of its queries, and a value for each query.
func (p *panel) fields(known series, b *board, parse func(asked) parser.Expr) []string {
	set := labelSet{"Time": true}
	for _, q := range b.queries() {
		if q.panel != p {
			continue
		}
		set = set.with(names(known.labels(parse(q)))...)
		value := "Value"
		if len(p.Targets) > 1 {
			value += " #" + q.RefID
		}
		set[value] = true
	}
	for _, tr := range p.Transformations {
		if tr.ID == "groupBy" {
			set = tr.grouped(set)
		}
	}
	return names(set)
}

// grouped are the columns that groupBy makes of these: those that it groups by, and one for each aggregation.
func (tr *transformation) grouped(columns labelSet) labelSet {
	set := labelSet{}
	for name, field := range tr.Options.Fields {
		if columns[name] && field.Operation == "groupby" {
			set[name] = true
		}
		for _, aggregation := range field.Aggregations {
			if columns[name] && field.Operation == "aggregate" {
				set[name+" ("+aggregation+")"] = true
			}
		}
	}
	return set
}

// TestTablesNameColumnsThatExist: each column has a place and a name for people, and nothing is set for one that is not
// there.
func TestTablesNameColumnsThatExist(t *testing.T) {
	known := knownSeries(t)
	for _, b := range boards(t) {
		for i := range b.Panels {
			p := &b.Panels[i]
			if p.Type != "table" {
				continue
			}
			fields := p.fields(known, b, func(q asked) parser.Expr { return parsed(t, b, q) })
			var shown []string
			for _, f := range fields {
				if name, ok := p.column(f); ok {
					shown = append(shown, name)
				}
			}
			for _, tr := range p.Transformations {
				for _, arranged := range [][]string{names(tr.Options.Exclude), names(tr.Options.Index), names(tr.Options.Rename)} {
					for _, name := range arranged {
						if !slices.Contains(fields, name) {
							t.Errorf("%s: table %q arranges column %q, which it does not have: %q", b.file, p.Title, name, fields)
						}
					}
				}
			}
			for _, name := range shown {
				if name == strings.ToLower(name) || strings.HasPrefix(name, "Value") {
					t.Errorf("%s: table %q shows column %q under its raw name", b.file, p.Title, name)
				}
			}
			for _, o := range p.FieldConfig.Overrides {
				if !o.ofEmptyCells() && (o.Matcher.ID != "byName" || !slices.Contains(shown, o.Matcher.Options)) {
					t.Errorf(
						"%s: table %q sets something for column %q, which it does not show: %q",
						b.file,
						p.Title,
						o.Matcher.Options,
						shown,
					)
				}
			}
			if len(p.Targets) > 1 != p.merges() {
				t.Errorf("%s: table %q has %d queries; merge: %v", b.file, p.Title, len(p.Targets), p.merges())
			}
		}
	}
}

// TestLinksOfTablesUseColumnsThatExist: a link finds a value by the name of a field, after groupBy, or by the name that
// the column shows.
func TestLinksOfTablesUseColumnsThatExist(t *testing.T) {
	known, used := knownSeries(t), regexp.MustCompile(`\$\{__data\.fields\.(\w+)\}`)
	found := 0
	for _, b := range boards(t) {
		for i := range b.Panels {
			p := &b.Panels[i]
			if p.Type != "table" {
				continue
			}
			names := p.fields(known, b, func(q asked) parser.Expr { return parsed(t, b, q) })
			for _, f := range slices.Clone(names) {
				if name, ok := p.column(f); ok {
					names = append(names, name)
				}
			}
			for _, o := range p.FieldConfig.Overrides {
				for _, property := range o.Properties {
					for _, m := range used.FindAllStringSubmatch(string(property.Value), -1) {
						found++
						if !slices.Contains(names, m[1]) {
							t.Errorf("%s: table %q: a link uses column %q, which it does not have: %q", b.file, p.Title, m[1], names)
						}
					}
				}
			}
		}
	}
	if found < 10 {
		t.Errorf("only %d columns in links: the test looks for the wrong thing", found)
	}
}

// thresholdsOf are the thresholds that a panel or, if column is given, one of its columns shows.
func (p *panel) thresholdsOf(column string) *thresholds {
	for _, o := range p.FieldConfig.Overrides {
		for _, property := range o.Properties {
			if o.Matcher.Options == column && property.ID == "thresholds" {
				th := new(thresholds)
				if json.Unmarshal(property.Value, th) == nil {
					return th
				}
			}
		}
	}
	if column == "" {
		return p.FieldConfig.Defaults.Thresholds
	}
	return nil
}

// TestThresholdsEqualTheAlerts: each number that a board shows as a limit is the one that alerts.yml compares with, and
// stands in every panel that shows the quantity.
func TestThresholdsEqualTheAlerts(t *testing.T) {
	limits := conditionLimits(t)
	retention := []float64{limits["log_retention_warning"], limits["log_retention_critical"]}
	clock := []float64{-limits["clock_skew"], limits["clock_skew"]}
	threshold := []float64{1} // a share of the task's own threshold
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
		if got := shownThresholds(t, part[0], part[1], part[2]); !slices.Equal(got, want) {
			t.Errorf("%s: thresholds are %v, want %v as in %s", place, got, want, rulesFile)
		}
	}
}

func shownThresholds(t *testing.T, uid, title, column string) (values []float64) {
	t.Helper()
	for _, b := range boards(t) {
		for i := range b.Panels {
			p := &b.Panels[i]
			if b.UID != uid || p.Title != title {
				continue
			}
			th := p.thresholdsOf(column)
			if th == nil {
				t.Fatalf("%s: panel %q, column %q: no thresholds", uid, title, column)
			}
			for _, step := range th.Steps {
				if step.Value != nil {
					values = append(values, *step.Value)
				}
			}
			return values
		}
	}
	t.Fatalf("board %s has no panel %q", uid, title)
	return nil
}

// conditionLimits are the numbers that the rules of conditions compare with, by condition.
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
	for _, condition := range []string{"log_retention_warning", "log_retention_critical", "clock_skew",
		"sync_delay_stale"} {
		if limits[condition] == 0 || math.IsNaN(limits[condition]) {
			t.Fatalf("%s: condition %s compares with no number: %s", rulesFile, condition, fmt.Sprint(limits))
		}
	}
	return limits
}

// TestQuantitiesWithAlertsShowTheirLimits: a panel with one of these series over time shows where the alert begins.
func TestQuantitiesWithAlertsShowTheirLimits(t *testing.T) {
	for _, b := range boards(t) {
		for _, q := range b.queries() {
			if q.panel == nil || q.panel.Type != "timeseries" {
				continue
			}
			for _, name := range []string{"oms_task:log_retention_used_ratio", "oms_clock_offset_seconds"} {
				if th := q.panel.thresholdsOf(""); strings.Contains(q.Expr, name) && (th == nil || len(th.Steps) < 3) {
					t.Errorf("%s: shows %s without its limits", q.where, name)
				}
			}
			if strings.Contains(q.Expr, "oms_task_sync_effective_delay_seconds") {
				th := q.panel.thresholdsOf("")
				beside := slices.ContainsFunc(q.panel.Targets, func(other query) bool {
					return other.Expr != q.Expr && strings.Contains(other.Expr, "oms_task_sync_delay_threshold_seconds")
				})
				if !beside && (th == nil || len(th.Steps) != 2) {
					t.Errorf("%s: shows the delay without its threshold", q.where)
				}
			}
		}
	}
}
