package boards

import "encoding/json"

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

// query is a query of a panel, at one instant or over the shown time.
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

// ofEmptyCells reports whether an override is the one that keeps the text of an empty panel out of empty cells.
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

// annotation marks times in all panels. Expr and Step are where older Grafana versions look for the query, Target where
// newer ones do.
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
