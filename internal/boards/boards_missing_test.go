package boards

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestMissingValuesHaveAColour: without a mapping, Grafana gives a missing value the color of the lowest threshold,
// often green.
func TestMissingValuesHaveAColour(t *testing.T) {
	found := 0
	for _, b := range boards(t) {
		for i := range b.Panels {
			p := &b.Panels[i]
			if p.Type == "row" || p.Type == "timeseries" { // lines have gaps
				continue
			}
			if th := p.FieldConfig.Defaults.Thresholds; th != nil {
				found++
				if !missingHasColour(p.FieldConfig.Defaults.Mappings) {
					t.Errorf("%s: panel %q: a missing value has no color of its own, or green", b.file, p.Title)
				}
			}
			for _, o := range p.FieldConfig.Overrides {
				var mappings []mapping
				if o.property("thresholds", new(thresholds)) {
					found++
					if !o.property("mappings", &mappings) || !missingHasColour(mappings) {
						t.Errorf(
							"%s: panel %q, column %q: a missing value has no color of its own, or green",
							b.file,
							p.Title,
							o.Matcher.Options,
						)
					}
				}
			}
		}
	}
	if found < 20 {
		t.Errorf("only %d panels and columns with thresholds: the test looks for the wrong thing", found)
	}
}

// missingHasColour reports whether the mappings give a missing value a color other than green.
func missingHasColour(mappings []mapping) bool {
	return slices.ContainsFunc(mappings, func(m mapping) bool {
		return m.Type == "special" && m.Match == "null+nan" && m.Result.Color != "" &&
			!strings.Contains(m.Result.Color, "green")
	})
}

// TestAnUnreadableOMSIsSeenFirst: the first panel of each board is about oms_up, red where that is missing, and the
// list of alerts names an OMS that cannot be read before any alert can fire.
func TestAnUnreadableOMSIsSeenFirst(t *testing.T) {
	for _, b := range boards(t) {
		p := b.Panels[1]
		if p.GridPos.X != 0 || p.GridPos.Y != 1 || len(p.Targets) != 1 || !strings.Contains(p.Targets[0].Expr, "oms_up{") {
			t.Errorf("%s: the first panel is %q, which does not show oms_up", b.file, p.Title)
		}
		for _, m := range p.FieldConfig.Defaults.Mappings {
			if m.Type == "special" && m.Result.Color != "red" {
				t.Errorf("%s: panel %q is %s without oms_up, want red", b.file, p.Title, m.Result.Color)
			}
		}
		for _, text := range []string{"OMS cannot be read", "The alert rules are not loaded", "No exporter is scraped"} {
			if !slices.ContainsFunc(b.queries(), func(q asked) bool {
				return q.panel != nil && q.panel.Type == "table" && strings.Contains(q.Expr, `"`+text+`"`)
			}) {
				t.Errorf("%s: no table has a line %q", b.file, text)
			}
		}
	}
}

// TestZeroesNeedEveryOMS: a tile counts 0 only while every OMS can be read, on the board of a task its own.
func TestZeroesNeedEveryOMS(t *testing.T) {
	found := 0
	for _, b := range boards(t) {
		for _, q := range b.queries() {
			_, zero, ok := strings.Cut(q.Expr, "\nor\n0 * ")
			if !ok || q.panel.Title == "OMS unreachable" {
				continue
			}
			found++
			if !strings.Contains(zero, "unless on (oms) oms_up == 1") && !strings.Contains(zero, "and on (oms) oms_up == 1") {
				t.Errorf("%s: shows 0 while an OMS cannot be read", q.where)
			}
		}
	}
	if found < 6 {
		t.Errorf("%d tiles with a fallback of 0: the test looks for the wrong thing", found)
	}
}

// TestEmptyPanelsSayWhy: an empty panel has a sentence, and the cells of a table do not repeat it.
func TestEmptyPanelsSayWhy(t *testing.T) {
	for _, b := range boards(t) {
		for i := range b.Panels {
			p := &b.Panels[i]
			if p.Type == "row" || p.Title == "Alert rules" { // which always has a value
				continue
			}
			if text := p.FieldConfig.Defaults.NoValue; text == nil || *text == "" {
				t.Errorf("%s: panel %q has no text for an empty result", b.file, p.Title)
			}
			if p.Type == "table" && (len(p.FieldConfig.Overrides) == 0 || !p.FieldConfig.Overrides[0].ofEmptyCells()) {
				t.Errorf("%s: table %q repeats the text of an empty table in each empty cell", b.file, p.Title)
			}
		}
	}
}

// TestDurationsKeepTheirUnits: dtdurations with decimals 0 shows 7199 s as "1 hour", and s with decimals 0 shows 5400 s
// as "2 hours".
func TestDurationsKeepTheirUnits(t *testing.T) {
	found := 0
	for _, b := range boards(t) {
		eachObject(b.all, func(object map[string]any) {
			if object["unit"] == "s" {
				found++
				if object["decimals"] == 0.0 {
					t.Errorf("%s: a duration without decimals: %v", b.file, object)
				}
			}
			properties, _ := object["properties"].([]any)
			for _, property := range properties {
				if p := property.(map[string]any); p["id"] == "unit" && p["value"] == "s" {
					found++
					if slices.ContainsFunc(properties, func(other any) bool {
						o := other.(map[string]any)
						return o["id"] == "decimals" && o["value"] == 0.0
					}) {
						t.Errorf("%s: a duration without decimals: %v", b.file, object["matcher"])
					}
				}
			}
		})
		eachString(b.all, func(text string) {
			if strings.HasPrefix(text, "dtduration") {
				t.Errorf("%s: unit %s cuts a duration to its largest unit", b.file, text)
			}
		})
	}
	if found < 15 {
		t.Errorf("only %d durations: the test looks for the wrong thing", found)
	}
}

// TestEndsAreShownOfWhatHasEnded: OMS sends a finish time of a step that synchronizes, and a failed time of one that
// recovered.
func TestEndsAreShownOfWhatHasEnded(t *testing.T) {
	need := map[string][]string{
		"oms_task_finished_timestamp_seconds": {
			`oms_task_status{oms="$oms", task_id="$task_id", status=~"FINISHED|RELEASING|RELEASED|DELETED"}`,
		},
		"oms_task_failed_timestamp_seconds": {
			"oms_task_failure_info",
			`oms_task_status{oms="$oms", task_id="$task_id", status="FAILED"}`,
		},
		"oms_task_step_finished_timestamp_seconds": {
			`oms_task_step_status{oms="$oms", task_id="$task_id", status="FINISHED"}`,
		},
		"oms_task_step_failed_timestamp_seconds": {
			"oms_task_step_failure_info",
			`oms_task_step_status{oms="$oms", task_id="$task_id", status="FAILED"}`,
		},
	}
	after := regexp.MustCompile(`(?s)^[^\n]*((?:\n\s*and on [^\n]*)*)`)
	found := map[string]bool{}
	for _, b := range boards(t) {
		for _, q := range b.queries() {
			for name, conditions := range need {
				for _, rest := range strings.Split(q.Expr, name)[1:] {
					found[name] = true
					for _, condition := range conditions {
						if !strings.Contains(after.FindString(rest), condition) {
							t.Errorf("%s: takes %s without %s", q.where, name, condition)
						}
					}
				}
			}
		}
	}
	if len(found) != len(need) {
		t.Errorf("the boards show only %v", names(found))
	}
}

// TestBoardsNeedFewRules: a series that the exporter has is not taken from a recording rule.
func TestBoardsNeedFewRules(t *testing.T) {
	recorded := regexp.MustCompile(`\boms[a-z_]*:[a-z_]+`)
	for _, b := range boards(t) {
		for _, q := range b.queries() {
			for _, name := range recorded.FindAllString(q.Expr, -1) {
				if name != "oms:clock_offset_seconds" && name != "oms_task:log_retention_used_ratio" {
					t.Errorf("%s: needs the rule %s", q.where, name)
				}
			}
		}
	}
}
