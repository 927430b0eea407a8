package boards

import (
	"slices"
	"strings"
	"testing"
)

func TestPanels(t *testing.T) {
	t.Parallel()
	t.Run("each panel has a type of Grafana's core", func(t *testing.T) {
		core := strings.Fields("stat timeseries table state-timeline bargauge barchart gauge text")
		for _, p := range panels(t) {
			if !slices.Contains(core, p.Type) {
				t.Errorf("%s: type %s", p, p.Type)
			}
		}
	})
	t.Run("ids and titles are unique in a board", func(t *testing.T) {
		for _, b := range boards(t) {
			ids, titles := map[int]bool{0: true}, map[string]bool{"": true}
			for _, p := range b.Panels {
				if ids[p.ID] || titles[p.Title] {
					t.Errorf("%s: id %d or the title is not unique", p, p.ID)
				}
				ids[p.ID], titles[p.Title] = true, true
			}
		}
	})
	t.Run("each panel has a query, a unit and a normal value", func(t *testing.T) {
		units := []string{"none", "string", "short", "s", "percentunit", "rowsps", "reqps", "Bps", "suffix: x"}
		for _, p := range panels(t) {
			if !strings.Contains(p.Description, "Normal: ") {
				t.Errorf("%s: the description has no normal value: %q", p, p.Description)
			}
			if !slices.Contains(units, p.FieldConfig.Defaults.Unit) {
				t.Errorf("%s: unit %q is not one of %v", p, p.FieldConfig.Defaults.Unit, units)
			}
			if len(p.Targets) == 0 && p.Type != "text" {
				t.Errorf("%s: no query", p)
			}
		}
	})
	t.Run("panels do not overlap", func(t *testing.T) {
		for _, b := range boards(t) {
			taken := map[[2]int]*panel{}
			for _, p := range b.Panels {
				g := p.GridPos
				if g.W < 1 || g.H < 1 || g.X < 0 || g.Y < 0 || g.X+g.W > 24 {
					t.Errorf("%s: outside the grid: %+v", p, g)
				}
				for x := g.X; x < g.X+g.W; x++ {
					for y := g.Y; y < g.Y+g.H; y++ {
						if other := taken[[2]int{x, y}]; other != nil {
							t.Fatalf("%s and %s overlap at %d, %d", other, p, x, y)
						}
						taken[[2]int{x, y}] = p
					}
				}
			}
		}
	})
	// dtdurations with decimals 0 shows 7199 s as "1 hour", and s with decimals 0 shows 5400 s as "2 hours".
	t.Run("durations keep their smaller units", func(t *testing.T) {
		found := 0
		check := func(p *panel, unit string, decimals *int) {
			if unit == "s" {
				found++
			}
			if strings.HasPrefix(unit, "dtduration") || unit == "s" && decimals != nil && *decimals == 0 {
				t.Errorf("%s: unit %s rounds a duration", p, unit)
			}
		}
		for _, p := range panels(t) {
			check(p, p.FieldConfig.Defaults.Unit, p.FieldConfig.Defaults.Decimals)
			for _, o := range p.FieldConfig.Overrides {
				var unit string
				var decimals *int
				o.property("unit", &unit)
				o.property("decimals", &decimals)
				check(p, unit, decimals)
			}
		}
		if found < 15 {
			t.Errorf("found only %d durations", found)
		}
	})
}

func TestMissingValues(t *testing.T) {
	t.Parallel()
	// Without a mapping, Grafana gives a missing value the color of the lowest threshold, which is often green.
	t.Run("a missing value has a color that is not green", func(t *testing.T) {
		found := 0
		for _, p := range panels(t) {
			if p.Type == "timeseries" { // lines have gaps
				continue
			}
			if p.FieldConfig.Defaults.Thresholds != nil {
				found++
				if !colorsMissing(p.FieldConfig.Defaults.Mappings) {
					t.Errorf("%s: a missing value has no color, or green", p)
				}
			}
			for _, o := range p.FieldConfig.Overrides {
				if !o.property("thresholds", new(thresholds)) {
					continue
				}
				found++
				var mappings []mapping
				if o.property("mappings", &mappings); !colorsMissing(mappings) {
					t.Errorf("%s, column %q: a missing value has no color, or green", p, o.Matcher.Options)
				}
			}
		}
		if found < 20 {
			t.Errorf("found only %d panels and columns with thresholds", found)
		}
	})
	t.Run("the first panel is red without oms_up", func(t *testing.T) {
		for _, b := range boards(t) {
			p := b.panels()[0]
			if p.GridPos.X != 0 || p.GridPos.Y != 1 || len(p.Targets) != 1 || !strings.Contains(p.Targets[0].Expr, "oms_up{") {
				t.Errorf("%s: the first panel does not show oms_up", p)
			}
			for _, m := range p.FieldConfig.Defaults.Mappings {
				if m.Type == "special" && m.missing().Color != "red" {
					t.Errorf("%s: color %s, want red", p, m.missing().Color)
				}
			}
		}
	})
	t.Run("a table has a line for each reason why alerts are missing", func(t *testing.T) {
		for _, b := range boards(t) {
			for _, text := range []string{"OMS cannot be read", "The alert rules are not loaded", "No exporter is scraped"} {
				if !slices.ContainsFunc(b.queries(), func(q *query) bool {
					return q.panel != nil && q.panel.Type == "table" && strings.Contains(q.Expr, `"`+text+`"`)
				}) {
					t.Errorf("%s: no table has a line %q", b.file, text)
				}
			}
		}
	})
	t.Run("an empty panel has a text, which empty cells of tables do not repeat", func(t *testing.T) {
		for _, p := range panels(t) {
			if p.Title == "Alert rules" { // always has a value
				continue
			}
			if p.FieldConfig.Defaults.NoValue == "" {
				t.Errorf("%s: no text for an empty result", p)
			}
			if o := p.FieldConfig.Overrides; p.Type == "table" && (len(o) == 0 || !o[0].clearsEmptyCells()) {
				t.Errorf("%s: empty cells repeat the text", p)
			}
		}
	})
	t.Run("a tile shows 0 only while every OMS that it counts can be read", func(t *testing.T) {
		found := 0
		for _, q := range queries(t) {
			_, zero, ok := strings.Cut(q.Expr, "\nor\n0 * ")
			if !ok || q.panel.Title == "OMS unreachable" {
				continue
			}
			found++
			if !strings.Contains(zero, "unless on (oms) oms_up == 1") && !strings.Contains(zero, "and on (oms) oms_up == 1") {
				t.Errorf("%s: shows 0 while an OMS cannot be read", q)
			}
		}
		if found < 6 {
			t.Errorf("found only %d queries that count 0", found)
		}
	})
}

// colorsMissing reports whether the mappings give a missing value a color that is not green.
func colorsMissing(mappings []mapping) bool {
	return slices.ContainsFunc(mappings, func(m mapping) bool {
		color := m.missing().Color
		return color != "" && !strings.Contains(color, "green")
	})
}
