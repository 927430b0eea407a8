package boards

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

// board is a Grafana dashboard, as far as the tests look into it. all is the whole of it.
type board struct {
	file string
	all  any

	UID           string           `json:"uid"`
	Title         string           `json:"title"`
	Description   string           `json:"description"`
	SchemaVersion int              `json:"schemaVersion"`
	Panels        []panel          `json:"panels"`
	Links         []map[string]any `json:"links"`
	Templating    struct {
		List []variable `json:"list"`
	} `json:"templating"`
	Annotations struct {
		List []annotation `json:"list"`
	} `json:"annotations"`
}

type panel struct {
	ID              int              `json:"id"`
	Type            string           `json:"type"`
	Title           string           `json:"title"`
	Description     string           `json:"description"`
	Datasource      *datasource      `json:"datasource"`
	GridPos         gridPos          `json:"gridPos"`
	Targets         []query          `json:"targets"`
	Transformations []transformation `json:"transformations"`
	FieldConfig     struct {
		Defaults  fieldConfig `json:"defaults"`
		Overrides []override  `json:"overrides"`
	} `json:"fieldConfig"`
	Options struct {
		SortBy []sortKey `json:"sortBy"`
		Legend struct {
			SortBy   string `json:"sortBy"`
			SortDesc bool   `json:"sortDesc"`
		} `json:"legend"`
	} `json:"options"`
}

// sortKey is a column that a table is sorted by.
type sortKey struct {
	Column string `json:"displayName"`
	Desc   bool   `json:"desc"`
}

type gridPos struct{ X, Y, W, H int }

type datasource struct {
	Type string `json:"type"`
	UID  string `json:"uid"`
}

// query is what a panel asks of Prometheus, at one instant or over the shown time.
type query struct {
	RefID      string      `json:"refId"`
	Datasource *datasource `json:"datasource"`
	Expr       string      `json:"expr"`
	Instant    bool        `json:"instant"`
	Range      bool        `json:"range"`
	Format     string      `json:"format"`
	Legend     string      `json:"legendFormat"`
	Interval   string      `json:"interval"`
}

type transformation struct {
	ID      string `json:"id"`
	Options struct {
		Exclude map[string]bool   `json:"excludeByName"`
		Index   map[string]int    `json:"indexByName"`
		Rename  map[string]string `json:"renameByName"`
		Fields  map[string]struct {
			Operation    string   `json:"operation"`
			Aggregations []string `json:"aggregations"`
		} `json:"fields"` // of groupBy
		Filters []struct {
			Field  string `json:"fieldName"`
			Config struct {
				ID string `json:"id"`
			} `json:"config"`
		} `json:"filters"` // of filterByValue
	} `json:"options"`
}

type fieldConfig struct {
	Unit       string      `json:"unit"`
	NoValue    *string     `json:"noValue"`
	Thresholds *thresholds `json:"thresholds"`
	Mappings   []mapping   `json:"mappings"`
	Color      fixedColor  `json:"color"`
	Max        *float64    `json:"max"`
	Custom     struct {
		MinWidth int      `json:"minWidth"`
		SoftMin  *float64 `json:"axisSoftMin"`
		SoftMax  *float64 `json:"axisSoftMax"`
		Scale    struct {
			Type string `json:"type"`
		} `json:"scaleDistribution"`
		Lines struct {
			Mode string `json:"mode"`
		} `json:"thresholdsStyle"`
	} `json:"custom"`
}

type fixedColor struct {
	Name string `json:"fixedColor"`
}

type thresholds struct {
	Steps []struct {
		Value *float64 `json:"value"` // nil: from the very bottom
		Color string   `json:"color"`
	} `json:"steps"`
}

// mapping gives values a text and a color: each value its own, or one for all values that match.
type mapping struct {
	Type   string
	Values map[string]shownValue // of the type "value"
	Match  string                // of the type "special", such as null+nan
	Result shownValue
}

type shownValue struct {
	Text  string `json:"text"`
	Color string `json:"color"`
}

// UnmarshalJSON reads a mapping of any type.
func (m *mapping) UnmarshalJSON(text []byte) error {
	var raw struct {
		Type    string          `json:"type"`
		Options json.RawMessage `json:"options"`
	}
	if err := json.Unmarshal(text, &raw); err != nil {
		return err
	}
	m.Type = raw.Type
	if m.Type == "value" {
		return json.Unmarshal(raw.Options, &m.Values)
	}
	var options struct {
		Match  string     `json:"match"`
		Result shownValue `json:"result"`
	}
	err := json.Unmarshal(raw.Options, &options)
	m.Match, m.Result = options.Match, options.Result
	return err
}

type override struct {
	Matcher struct {
		ID      string `json:"id"`
		Options string `json:"options"`
	} `json:"matcher"`
	Properties []struct {
		ID    string          `json:"id"`
		Value json.RawMessage `json:"value"`
	} `json:"properties"`
}

// ofEmptyCells tells whether an override is the one that keeps the text of an empty panel out of empty cells.
func (o *override) ofEmptyCells() bool {
	return o.Matcher.ID == "byRegexp" && o.Matcher.Options == "/.*/" &&
		len(o.Properties) == 1 && o.Properties[0].ID == "noValue" && string(o.Properties[0].Value) == `""`
}

// property decodes a property of an override into a value, if the override has it.
func (o *override) property(id string, into any) bool {
	for _, property := range o.Properties {
		if property.ID == id {
			return json.Unmarshal(property.Value, into) == nil
		}
	}
	return false
}

type variable struct {
	Name       string      `json:"name"`
	Label      string      `json:"label"`
	Type       string      `json:"type"`
	Datasource *datasource `json:"datasource"`
	Query      any         `json:"query"`
	Regex      string      `json:"regex"`
	Multi      bool        `json:"multi"`
	IncludeAll bool        `json:"includeAll"`
	AllValue   string      `json:"allValue"`
}

// text is the query of a query variable, "" of another.
func (v *variable) text() string {
	if q, ok := v.Query.(map[string]any); ok {
		text, _ := q["query"].(string)
		return text
	}
	return ""
}

// annotation marks times in all panels. Expr and Step are where older Grafana versions look for the query, Target where newer ones do.
type annotation struct {
	Name        string      `json:"name"`
	BuiltIn     int         `json:"builtIn"`
	Datasource  *datasource `json:"datasource"`
	Expr        string      `json:"expr"`
	Step        string      `json:"step"`
	TitleFormat string      `json:"titleFormat"`
	TextFormat  string      `json:"textFormat"`
	TagKeys     string      `json:"tagKeys"`
	Target      query       `json:"target"`
}

// readBoard reads one of the shipped dashboards.
func readBoard(t *testing.T, file string) *board {
	t.Helper()
	text := testutil.ReadFile(t, shipped(file))
	b := &board{file: file}
	if err := json.Unmarshal(text, b); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	if err := json.Unmarshal(text, &b.all); err != nil {
		t.Fatal(err)
	}
	return b
}

// boards are all dashboards.
func boards(t *testing.T) []*board {
	t.Helper()
	return []*board{readBoard(t, "oms-overview.json"), readBoard(t, "oms-task.json")}
}

// asked is a query with where it stands.
type asked struct {
	where string
	panel *panel // nil: an annotation
	query
}

// queries are all queries of panels and annotations.
func (b *board) queries() []asked {
	var all []asked
	for i := range b.Panels {
		p := &b.Panels[i]
		for _, q := range p.Targets {
			all = append(all, asked{fmt.Sprintf("%s: panel %q: query %s", b.file, p.Title, q.RefID), p, q})
		}
	}
	for _, a := range b.Annotations.List {
		if a.BuiltIn == 0 {
			all = append(all, asked{fmt.Sprintf("%s: annotation %q", b.file, a.Name), nil, a.Target})
		}
	}
	return all
}

// eachString calls do for every string in a JSON value.
func eachString(value any, do func(string)) {
	switch v := value.(type) {
	case string:
		do(v)
	case []any:
		for _, x := range v {
			eachString(x, do)
		}
	case map[string]any:
		for _, x := range v {
			eachString(x, do)
		}
	}
}

// eachObject calls do for every object in a JSON value.
func eachObject(value any, do func(map[string]any)) {
	switch v := value.(type) {
	case []any:
		for _, x := range v {
			eachObject(x, do)
		}
	case map[string]any:
		do(v)
		for _, x := range v {
			eachObject(x, do)
		}
	}
}

// columns are the names that a table gives its fields, by the name that the query gave them. ok is false for one that is hidden.
func (p *panel) column(field string) (shown string, ok bool) {
	shown = field
	for _, tr := range p.Transformations {
		if tr.Options.Exclude[field] {
			return "", false
		}
		if name, renamed := tr.Options.Rename[field]; renamed {
			shown = name
		}
	}
	return shown, true
}

// merges tells whether a table joins the answers of its queries by their common labels.
func (p *panel) merges() bool {
	return slices.ContainsFunc(p.Transformations, func(tr transformation) bool { return tr.ID == "merge" })
}
