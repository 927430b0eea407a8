package boards

import (
	"encoding/json"
	"fmt"
)

// board is a Grafana dashboard with the fields that the tests read.
type board struct {
	file string
	all  map[string]any // every field

	UID           string   `json:"uid"`
	Title         string   `json:"title"`
	Description   string   `json:"description"`
	SchemaVersion int      `json:"schemaVersion"`
	Panels        []*panel `json:"panels"`
	Templating    struct {
		List []variable `json:"list"`
	} `json:"templating"`
	Annotations struct {
		List []*annotation `json:"list"`
	} `json:"annotations"`
}

type panel struct {
	board *board

	ID              int              `json:"id"`
	Type            string           `json:"type"`
	Title           string           `json:"title"`
	Description     string           `json:"description"`
	Datasource      *datasource      `json:"datasource"`
	GridPos         gridPos          `json:"gridPos"`
	Targets         []*query         `json:"targets"`
	Transformations []transformation `json:"transformations"`
	FieldConfig     struct {
		Defaults  fieldConfig `json:"defaults"`
		Overrides []override  `json:"overrides"`
	} `json:"fieldConfig"`
	Options struct {
		SortBy []struct {
			Column string `json:"displayName"`
		} `json:"sortBy"`
		Legend struct {
			SortBy   string `json:"sortBy"`
			SortDesc bool   `json:"sortDesc"`
		} `json:"legend"`
	} `json:"options"`
}

func (p *panel) String() string { return fmt.Sprintf("%s: panel %q", p.board.file, p.Title) }

type gridPos struct{ X, Y, W, H int }

type datasource struct {
	Type string `json:"type"`
	UID  string `json:"uid"`
}

// query is a query of a panel or of an annotation.
type query struct {
	board      *board
	panel      *panel      // nil in an annotation
	annotation *annotation // nil in a panel

	RefID      string      `json:"refId"`
	Datasource *datasource `json:"datasource"`
	Expr       string      `json:"expr"`
	Instant    bool        `json:"instant"`
	Range      bool        `json:"range"`
	Format     string      `json:"format"`
	Legend     string      `json:"legendFormat"`
	Interval   string      `json:"interval"`
}

func (q *query) String() string {
	if q.panel == nil {
		return fmt.Sprintf("%s: annotation %q", q.board.file, q.annotation.Name)
	}
	return fmt.Sprintf("%s: query %s", q.panel, q.RefID)
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
	Decimals   *int        `json:"decimals"`
	NoValue    string      `json:"noValue"`
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
		Value *float64 `json:"value"` // nil in the first step, which has no lower bound
	} `json:"steps"`
}

// values returns the lower bounds of the steps.
func (th *thresholds) values() (values []float64) {
	for _, step := range th.Steps {
		if step.Value != nil {
			values = append(values, *step.Value)
		}
	}
	return values
}

// mapping gives a text and a color to values. The form of Options depends on Type.
type mapping struct {
	Type    string          `json:"type"`
	Options json.RawMessage `json:"options"`
}

type shownValue struct {
	Text  string `json:"text"`
	Color string `json:"color"`
}

// values returns the text and color of each value. It is nil unless the type is "value".
func (m mapping) values() (values map[string]shownValue) {
	if m.Type == "value" {
		_ = json.Unmarshal(m.Options, &values)
	}
	return values
}

// missing returns the text and color of a missing value. It is zero unless the type is "special".
func (m mapping) missing() shownValue {
	var options struct {
		Match  string     `json:"match"`
		Result shownValue `json:"result"`
	}
	if m.Type == "special" {
		_ = json.Unmarshal(m.Options, &options)
	}
	if options.Match != "null+nan" {
		return shownValue{}
	}
	return options.Result
}

// override configures one column of a table, or one line of a graph.
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

// clearsEmptyCells reports whether the override removes the text of an empty panel from empty cells.
func (o *override) clearsEmptyCells() bool {
	return o.Matcher.ID == "byRegexp" && o.Matcher.Options == "/.*/" &&
		len(o.Properties) == 1 && o.Properties[0].ID == "noValue" && string(o.Properties[0].Value) == `""`
}

// property decodes a property, if the override has it.
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

// text returns the query of a query variable. It is "" for other variables.
func (v *variable) text() string {
	if q, ok := v.Query.(map[string]any); ok {
		text, _ := q["query"].(string)
		return text
	}
	return ""
}

// annotation marks times in all panels. Older versions of Grafana read the query from Expr and Step, newer ones from
// Target.
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
