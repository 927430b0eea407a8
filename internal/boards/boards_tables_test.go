package boards

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// table is a panel with its columns.
type table struct {
	*panel
	fields  []string // names from the queries and from groupBy
	columns []string // names of the columns that it shows
}

func readTables(t *testing.T) (tables []table) {
	t.Helper()
	known := knownSeries(t)
	for _, p := range panels(t) {
		if p.Type != "table" {
			continue
		}
		next := table{panel: p, fields: p.fields(t, known)}
		for _, field := range next.fields {
			if column, ok := p.column(field); ok {
				next.columns = append(next.columns, column)
			}
		}
		tables = append(tables, next)
	}
	return tables
}

// fields returns the names of the labels and values that the queries of a table return.
func (p *panel) fields(t *testing.T, known series) []string {
	t.Helper()
	fields := setOf("Time")
	for _, q := range p.Targets {
		fields = fields.with(names(known.labels(q.parse(t)))...)
		if len(p.Targets) > 1 {
			fields["Value #"+q.RefID] = true
		} else {
			fields["Value"] = true
		}
	}
	for _, tr := range p.Transformations {
		if tr.ID == "groupBy" {
			fields = tr.group(fields)
		}
	}
	return names(fields)
}

// group returns the fields that groupBy makes: those that it groups by, and one for each aggregation.
func (tr *transformation) group(fields labelSet) labelSet {
	grouped := labelSet{}
	for name, field := range tr.Options.Fields {
		if fields[name] && field.Operation == "groupby" {
			grouped[name] = true
		}
		for _, aggregation := range field.Aggregations {
			if fields[name] && field.Operation == "aggregate" {
				grouped[name+" ("+aggregation+")"] = true
			}
		}
	}
	return grouped
}

// column returns the name of the column that shows a field. ok is false if the table excludes the field.
func (p *panel) column(field string) (name string, ok bool) {
	name = field
	for _, tr := range p.Transformations {
		if tr.Options.Exclude[field] {
			return "", false
		}
		if renamed, ok := tr.Options.Rename[field]; ok {
			name = renamed
		}
	}
	return name, true
}

// merge returns the position of the transformation that joins the results of the queries, or -1.
func (p *panel) merge() int {
	return slices.IndexFunc(p.Transformations, func(tr transformation) bool { return tr.ID == "merge" })
}

var linkField = regexp.MustCompile(`\$\{__data\.fields\.(\w+)\}`)

func TestTables(t *testing.T) {
	t.Parallel()
	tables := readTables(t)
	t.Run("columns have readable names", func(t *testing.T) {
		for _, table := range tables {
			for _, column := range table.columns {
				if column == strings.ToLower(column) || strings.HasPrefix(column, "Value") {
					t.Errorf("%s: column %q has no readable name", table, column)
				}
			}
		}
	})
	t.Run("settings and links name fields that exist", func(t *testing.T) {
		links := 0
		for _, table := range tables {
			for _, tr := range table.Transformations {
				arranged := slices.Concat(names(tr.Options.Exclude), names(tr.Options.Index), names(tr.Options.Rename))
				for _, field := range arranged {
					if !slices.Contains(table.fields, field) {
						t.Errorf("%s: a transformation names field %q, want one of %q", table, field, table.fields)
					}
				}
			}
			for _, o := range table.FieldConfig.Overrides {
				if !o.clearsEmptyCells() && (o.Matcher.ID != "byName" || !slices.Contains(table.columns, o.Matcher.Options)) {
					t.Errorf("%s: an override names column %q, want one of %q", table, o.Matcher.Options, table.columns)
				}
				for _, property := range o.Properties {
					for _, m := range linkField.FindAllStringSubmatch(string(property.Value), -1) {
						links++
						if !slices.Contains(table.fields, m[1]) && !slices.Contains(table.columns, m[1]) {
							t.Errorf("%s: a link names %q, want one of %q or %q", table, m[1], table.fields, table.columns)
						}
					}
				}
			}
		}
		if links < 10 {
			t.Errorf("found only %d links", links)
		}
	})
	t.Run("a table with several queries merges their results", func(t *testing.T) {
		for _, table := range tables {
			if len(table.Targets) > 1 != (table.merge() >= 0) {
				t.Errorf("%s: %d queries, merge at %d", table, len(table.Targets), table.merge())
			}
		}
	})
	// The queries of a table run one after the other and can select different tasks. Query A names the task.
	t.Run("a merged table drops lines without a value of query A", func(t *testing.T) {
		for _, table := range tables {
			at := table.merge()
			if at < 0 || table.Title == "Checkpoint" { // shows a direction without a checkpoint, too
				continue
			}
			if at+1 >= len(table.Transformations) || !table.Transformations[at+1].dropsLinesWithout("Value #A") {
				t.Errorf("%s: keeps lines without a value of query A", table)
			}
		}
	})
	// With one sort key, lines of equal value change places from refresh to refresh.
	t.Run("tables are sorted by two columns that they show", func(t *testing.T) {
		oneKey := map[string]string{"About the task": "", "Checkpoint": "Direction"} // one line, one line per direction
		for _, table := range tables {
			var keys []string
			for _, key := range table.Options.SortBy {
				keys = append(keys, key.Column)
				if !slices.Contains(table.columns, key.Column) {
					t.Errorf("%s: sorted by %q, want one of %q", table, key.Column, table.columns)
				}
			}
			if key, ok := oneKey[table.Title]; len(keys) < 2 && (!ok || strings.Join(keys, ",") != key) {
				t.Errorf("%s: sorted only by %q", table, keys)
			}
		}
	})
	// Grafana gives a column without a width at least minWidth, by default 150 pixels.
	t.Run("tables fit a small screen", func(t *testing.T) {
		for _, table := range tables {
			if width := table.FieldConfig.Defaults.Custom.MinWidth; width == 0 || width > 100 {
				t.Errorf("%s: minWidth is %d", table, width)
			}
			sum := 0
			for _, column := range table.columns {
				width := table.width(column)
				sum += width
				isName := slices.Contains([]string{"Task", "Name", "Alert", "Alerts", "Step", "Endpoint"}, column)
				if isName && 0 < width && width < 100 {
					t.Errorf("%s: column %q has %d pixels", table, column, width)
				}
			}
			if available := panelWidth(table.GridPos.W); sum > available {
				t.Errorf("%s: needs %d pixels, has %d on a screen of %d", table, sum, available, screenWidth)
			}
		}
	})
	// Grafana 12 and later read another property than earlier versions.
	t.Run("a column is hidden in every version of Grafana", func(t *testing.T) {
		for _, table := range tables {
			for _, o := range table.FieldConfig.Overrides {
				var earlier, later bool
				o.property("custom.hidden", &earlier)
				o.property("custom.hideFrom.viz", &later)
				if earlier != later {
					t.Errorf("%s: column %q is hidden in some versions only", table, o.Matcher.Options)
				}
			}
		}
	})
}

func (tr *transformation) dropsLinesWithout(field string) bool {
	return tr.ID == "filterByValue" && len(tr.Options.Filters) == 1 && tr.Options.Filters[0].Field == field &&
		tr.Options.Filters[0].Config.ID == "isNull"
}

// screenWidth is the width of a small screen in pixels.
const screenWidth = 1366

// panelWidth returns the pixels of a panel on a small screen. columns are those of Grafana's grid, which has 24.
func panelWidth(columns int) int {
	const side, gap = 16, 8
	return (screenWidth-2*side-23*gap)*columns/24 + (columns-1)*gap
}

// width returns the least width of a column in pixels, 0 for a hidden one.
func (p *panel) width(column string) int {
	width, hidden := p.FieldConfig.Defaults.Custom.MinWidth, false
	for _, o := range p.FieldConfig.Overrides {
		if o.Matcher.Options == column {
			_ = o.property("custom.minWidth", &width) || o.property("custom.width", &width)
			o.property("custom.hidden", &hidden)
		}
	}
	if hidden {
		return 0
	}
	return width
}
