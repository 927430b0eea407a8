package boards

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/promql/parser"
)

// narrow is the width of a small screen, margin the gap between panels, side that at the edges of the page, all in
// pixels.
const narrow, margin, side = 1366, 8, 16

// pixels is the width of a panel of so many of the grid's 24 columns.
func pixels(columns int) int {
	return ((narrow-2*side-23*margin)*columns)/24 + (columns-1)*margin
}

// TestTablesFitASmallScreen: no column that a table shows is out of view, and names have room. Grafana gives a column
// without a width 150 pixels at least, unless minWidth is set.
func TestTablesFitASmallScreen(t *testing.T) {
	known := knownSeries(t)
	for _, b := range boards(t) {
		for i := range b.Panels {
			p := &b.Panels[i]
			if p.Type != "table" {
				continue
			}
			if width := p.FieldConfig.Defaults.Custom.MinWidth; width == 0 || width > 100 {
				t.Errorf("%s: table %q: minWidth is %d", b.file, p.Title, width)
			}
			sum := 0
			for _, f := range p.fields(known, b, func(q asked) parser.Expr { return parsed(t, b, q) }) {
				name, shown := p.column(f)
				if !shown {
					continue
				}
				width, hidden := p.width(name)
				if hidden {
					continue
				}
				sum += width
				if slices.Contains([]string{"Task", "Name", "Alert", "Alerts", "Step", "Endpoint"}, name) && width < 100 {
					t.Errorf("%s: table %q: column %q has %d pixels", b.file, p.Title, name, width)
				}
			}
			if room := pixels(p.GridPos.W); sum > room {
				t.Errorf("%s: table %q needs %d pixels and has %d on a screen of %d", b.file, p.Title, sum, room, narrow)
			}
		}
	}
}

// width is that of a column, its least one where it takes what is left.
func (p *panel) width(column string) (width int, hidden bool) {
	width = p.FieldConfig.Defaults.Custom.MinWidth
	for _, o := range p.FieldConfig.Overrides {
		if o.Matcher.Options == column {
			_ = o.property("custom.minWidth", &width) || o.property("custom.width", &width)
			o.property("custom.hidden", &hidden)
		}
	}
	return width, hidden
}

// TestTablesKeepTheirOrder: with one sort key, lines of equal value change places from refresh to refresh.
func TestTablesKeepTheirOrder(t *testing.T) {
	oneKey := map[string]string{"About the task": "", "Checkpoint": "Direction"} // one line, and one for each direction
	known := knownSeries(t)
	for _, b := range boards(t) {
		for i := range b.Panels {
			p := &b.Panels[i]
			if p.Type != "table" {
				continue
			}
			var shown []string
			for _, f := range p.fields(known, b, func(q asked) parser.Expr { return parsed(t, b, q) }) {
				if name, ok := p.column(f); ok {
					shown = append(shown, name)
				}
			}
			var keys []string
			for _, key := range p.Options.SortBy {
				keys = append(keys, key.Column)
				if !slices.Contains(shown, key.Column) {
					t.Errorf("%s: table %q is sorted by %q, which it does not show: %q", b.file, p.Title, key.Column, shown)
				}
			}
			if only, ok := oneKey[p.Title]; ok && strings.Join(keys, ",") == only {
				continue
			}
			if len(keys) < 2 {
				t.Errorf("%s: table %q is sorted by %q alone", b.file, p.Title, keys)
			}
		}
	}
}

// TestMergedTablesHaveNoLineWithoutASubject: the queries of a table are evaluated one after the other and can choose
// different tasks. A line without a value of the first query, which names the task, is dropped.
func TestMergedTablesHaveNoLineWithoutASubject(t *testing.T) {
	for _, b := range boards(t) {
		for i := range b.Panels {
			p := &b.Panels[i]
			at := slices.IndexFunc(p.Transformations, func(tr transformation) bool { return tr.ID == "merge" })
			if at < 0 || p.Title == "Checkpoint" { // a direction without a checkpoint has a line, too
				continue
			}
			if at+1 >= len(p.Transformations) || !p.Transformations[at+1].dropsWithout("Value #A") {
				t.Errorf("%s: table %q keeps lines without a value of query A", b.file, p.Title)
			}
		}
	}
}

func (tr *transformation) dropsWithout(field string) bool {
	return tr.ID == "filterByValue" && len(tr.Options.Filters) == 1 && tr.Options.Filters[0].Field == field &&
		tr.Options.Filters[0].Config.ID == "isNull"
}

// TestAxesShowTheirThresholds: a threshold does not widen an axis, so an axis that has no fixed end reaches beyond its
// lines. Delays that differ a thousandfold are readable on a logarithmic axis only.
func TestAxesShowTheirThresholds(t *testing.T) {
	found := 0
	for _, b := range boards(t) {
		for i := range b.Panels {
			p := &b.Panels[i]
			th, axis := p.FieldConfig.Defaults.Thresholds, p.FieldConfig.Defaults.Custom
			if p.Title == "Worst delays over time" && axis.Scale.Type != "log" {
				t.Errorf("%s: panel %q has an axis of type %q", b.file, p.Title, axis.Scale.Type)
			}
			if p.Type != "timeseries" || th == nil || axis.Lines.Mode == "off" || p.FieldConfig.Defaults.Max != nil {
				continue
			}
			for _, step := range th.Steps {
				if step.Value == nil {
					continue
				}
				found++
				if axis.SoftMin == nil || axis.SoftMax == nil || *step.Value <= *axis.SoftMin || *step.Value >= *axis.SoftMax {
					t.Errorf("%s: panel %q: the line at %g can be out of view", b.file, p.Title, *step.Value)
				}
			}
		}
	}
	if found < 3 {
		t.Errorf("only %d lines: the test looks for the wrong thing", found)
	}
}

// TestGraphsPutTheirLargestLineFirst: a legend shows few lines, so it is sorted by value.
func TestGraphsPutTheirLargestLineFirst(t *testing.T) {
	for _, b := range boards(t) {
		for i := range b.Panels {
			p := &b.Panels[i]
			if legend := p.Options.Legend; p.Type == "timeseries" && (legend.SortBy != "Last *" || !legend.SortDesc) {
				t.Errorf("%s: panel %q: the legend is sorted by %q", b.file, p.Title, legend.SortBy)
			}
		}
	}
}

// TestGraphsColorWhatIsBad: without a color of its own, the first line of a palette is green, whatever it shows.
func TestGraphsColorWhatIsBad(t *testing.T) {
	for place, color := range map[string]string{
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
		if got := lineColor(t, part[0], part[1], part[2]); got != color {
			t.Errorf("%s: color %q, want %q", place, got, color)
		}
	}
}

// lineColor is the fixed color of a line, or of a whole graph where line is "".
func lineColor(t *testing.T, uid, title, line string) string {
	t.Helper()
	for _, b := range boards(t) {
		for i := range b.Panels {
			p := &b.Panels[i]
			if b.UID != uid || p.Title != title {
				continue
			}
			color := p.FieldConfig.Defaults.Color
			for _, o := range p.FieldConfig.Overrides {
				if line != "" && o.Matcher.Options == line {
					o.property("color", &color)
				}
			}
			return color.Name
		}
	}
	t.Fatalf("board %s has no panel %q", uid, title)
	return ""
}

// TestEachStatusHasOneColor: a status has the same color in the overview, which leaves out RELEASED and DELETED, and on
// the board of the task.
func TestEachStatusHasOneColor(t *testing.T) {
	colors := func(title string) map[string]string {
		found := map[string]string{}
		for _, p := range readBoard(t, "oms-task.json").Panels {
			for _, m := range p.FieldConfig.Defaults.Mappings {
				for key, shown := range m.Values {
					if p.Title == title {
						found[cmp.Or(shown.Text, key)] = shown.Color
					}
				}
			}
		}
		return found
	}
	tile, timeline := colors("Status"), colors("Status timeline")
	delete(timeline, "other")
	if len(timeline) < 10 {
		t.Fatalf("the timeline has only %v", timeline)
	}
	for status, color := range timeline {
		if tile[status] != color {
			t.Errorf("%s: color %q in the timeline, %q in the tile", status, color, tile[status])
		}
		ended := status == "RELEASED" || status == "DELETED"
		if line := lineColor(t, "oms-overview", "Tasks by status", status); line != color && !ended {
			t.Errorf("%s: color %q in the timeline, %q in the overview", status, color, line)
		}
	}
}

// TestColumnsAreHiddenInEveryVersion: Grafana 12 and later look for another property than earlier versions.
func TestColumnsAreHiddenInEveryVersion(t *testing.T) {
	for _, b := range boards(t) {
		for i := range b.Panels {
			for _, o := range b.Panels[i].FieldConfig.Overrides {
				var earlier, later bool
				o.property("custom.hidden", &earlier)
				o.property("custom.hideFrom.viz", &later)
				if earlier != later {
					t.Errorf("%s: table %q: column %q is hidden in some versions only", b.file, b.Panels[i].Title, o.Matcher.Options)
				}
			}
		}
	}
}
