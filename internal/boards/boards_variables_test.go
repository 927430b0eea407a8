package boards

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// reference is a variable as Grafana writes it: $name or ${name:format}. ${__data.fields.name} does not match, nor does
// $1, which is a group of label_replace and no variable.
var reference = regexp.MustCompile(`\$(?:([A-Za-z_]\w*)|\{(\w+)(?::\w+)?\})`)

// referenced are the names of the variables in a text.
func referenced(text string) []string {
	var names []string
	for _, m := range reference.FindAllStringSubmatch(text, -1) {
		names = append(names, m[1]+m[2])
	}
	return names
}

// fill puts values in the place of variables, those that Grafana itself defines included. It fails on one without a
// value.
func fill(t *testing.T, text string, values map[string]string) string {
	t.Helper()
	own := map[string]string{"__rate_interval": "1m", "__interval": "15s", "__range": "1h"}
	return reference.ReplaceAllStringFunc(text, func(ref string) string {
		name := strings.Join(referenced(ref), "")
		for _, from := range []map[string]string{values, own} {
			if value, ok := from[name]; ok {
				return value
			}
		}
		t.Errorf("$%s has no value in %s", name, text)
		return ref
	})
}

// chosen are values for all variables of a board: All where there is that choice, else the given ones.
func (b *board) chosen(given map[string]string) map[string]string {
	values := map[string]string{}
	for _, v := range b.Templating.List {
		switch value, ok := given[v.Name]; {
		case ok:
			values[v.Name] = value
		case v.IncludeAll:
			values[v.Name] = v.AllValue
		}
	}
	return values
}

func TestEveryVariableIsDefinedAndUsed(t *testing.T) {
	want := map[string][]string{
		"oms-overview.json": {"datasource", "oms", "type", "source_type", "sink_type", "importance"},
		"oms-task.json":     {"datasource", "oms", "task_id"},
	}
	for _, b := range boards(t) {
		var defined []string
		for _, v := range b.Templating.List {
			defined = append(defined, v.Name)
			if v.Label == "" {
				t.Errorf("%s: variable %s has no label", b.file, v.Name)
			}
			if v.Multi != v.IncludeAll || v.IncludeAll && v.AllValue != ".*" {
				t.Errorf("%s: variable %s: All must be .*, which tasks without the label match, too", b.file, v.Name)
			}
		}
		if !slices.Equal(defined, want[b.file]) {
			t.Errorf("%s: variables are %v, want %v", b.file, defined, want[b.file])
		}
		used := map[string]bool{}
		for _, q := range b.queries() {
			for _, name := range referenced(q.Expr) {
				used[name] = true
			}
		}
		used["datasource"] = true // TestTheDataSourceIsAVariableEverywhere
		eachString(b.all, func(text string) {
			for _, name := range referenced(text) {
				if !slices.Contains(defined, name) && !strings.HasPrefix(name, "__") {
					t.Errorf("%s: $%s is not defined: %s", b.file, name, text)
				}
			}
		})
		for _, name := range defined {
			if !used[name] {
				t.Errorf("%s: variable %s is not used by any query", b.file, name)
			}
		}
	}
}

// TestChoosingSeveralValuesWorks: a choice of several is a regular expression, which = would take for a value.
func TestChoosingSeveralValuesWorks(t *testing.T) {
	for _, b := range boards(t) {
		for _, v := range b.Templating.List {
			wrong := regexp.MustCompile(`[^=!]="\$` + v.Name + `\b`)
			for _, q := range b.queries() {
				if v.Multi && wrong.MatchString(q.Expr) {
					t.Errorf("%s: compares $%s with =", q.where, v.Name)
				}
			}
		}
	}
}

var (
	labelValues = regexp.MustCompile(`^label_values\((.+), (\w+)\)$`)
	queryResult = regexp.MustCompile(`^query_result\((.+)\)$`)
)

// TestVariablesAskForSeriesThatExist also holds that the task's variable shows a name and sets an id.
func TestVariablesAskForSeriesThatExist(t *testing.T) {
	known := knownSeries(t)
	for _, b := range boards(t) {
		for _, v := range b.Templating.List {
			if v.Type != "query" {
				continue
			}
			query, shown := "", []string{}
			if m := labelValues.FindStringSubmatch(v.text()); m != nil {
				query, shown = m[1], m[2:]
			} else if m := queryResult.FindStringSubmatch(v.text()); m != nil {
				query, shown = m[1], []string{"task_id", "label"}
				if !strings.Contains(v.Regex, `label="(?<text>`) || !strings.Contains(v.Regex, `task_id="(?<value>`) {
					t.Errorf("%s: variable %s: shows and sets the wrong parts: %s", b.file, v.Name, v.Regex)
				}
			}
			expr, err := promQL.ParseExpr(fill(t, query, b.chosen(chosenTask)))
			if err != nil {
				t.Fatalf("%s: variable %s: %v", b.file, v.Name, err)
			}
			for _, fault := range known.faults(expr) {
				t.Errorf("%s: variable %s: %s", b.file, v.Name, fault)
			}
			if got := names(known.labels(expr)); len(shown) == 2 && !slices.Equal(got, []string{"label", "task_id"}) {
				t.Errorf("%s: variable %s: labels %q, want those of its regular expression alone", b.file, v.Name, got)
			}
			for _, label := range shown {
				if !known.labels(expr)[label] {
					t.Errorf("%s: variable %s: no label %s", b.file, v.Name, label)
				}
			}
		}
	}
}

// TestAnyNameOfATaskCanBeChosen: Grafana writes a series of query_result as text, its labels in the order of their
// names and without escapes, and applies the regular expression of the variable. A data source that escapes quotes
// works, too.
func TestAnyNameOfATaskCanBeChosen(t *testing.T) {
	b := readBoard(t, "oms-task.json")
	at := slices.IndexFunc(b.Templating.List, func(v variable) bool { return v.Name == "task_id" })
	pattern := b.Templating.List[at].Regex
	escaped := strings.NewReplacer(`\`, `\\`, `"`, `\"`)
	for _, name := range []string{
		"orders", `the "big" one`, `"`, `ends with a backslash\`, `{a="b",c="d"}`, `x",task_id="np_0`, "数据库迁移", "",
	} {
		label := name + " · np_1"
		for _, written := range []string{label, escaped.Replace(label)} {
			series := fmt.Sprintf(`{label="%s",task_id="np_1"} 1 1700000000000`, written)
			if text, value := option(t, pattern, series); text != written || value != "np_1" {
				t.Errorf("name %s: shows %q and sets %q, want %q and np_1", name, text, value, written)
			}
		}
	}
}

// option is what Grafana's variable shows and sets for a series that is written as text: the groups text and value of a
// pattern such as /.../ or /.../g, each in its first match.
func option(t *testing.T, pattern, series string) (text, value string) {
	t.Helper()
	find, err := regexp.Compile(strings.TrimSuffix(strings.TrimPrefix(strings.TrimSuffix(pattern, "g"), "/"), "/"))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range find.FindAllStringSubmatch(series, -1) {
		if part := m[find.SubexpIndex("text")]; text == "" {
			text = part
		}
		if part := m[find.SubexpIndex("value")]; value == "" {
			value = part
		}
	}
	return text, value
}
