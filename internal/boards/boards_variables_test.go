package boards

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// anyTask has a value for each variable that does not offer All.
var anyTask = map[string]string{"oms": "prod", "task_id": "np_1"}

// reference is a variable as Grafana writes it: $name or ${name:format}. It does not match ${__data.fields.name}, nor
// $1, which is a group of label_replace.
var reference = regexp.MustCompile(`\$(?:([A-Za-z_]\w*)|\{(\w+)(?::\w+)?\})`)

// references returns the names of the variables in a text.
func references(text string) (names []string) {
	for _, m := range reference.FindAllStringSubmatch(text, -1) {
		names = append(names, m[1]+m[2])
	}
	return names
}

// fill replaces the variables in a text. A variable that is not in values is All, if it offers that.
func (b *board) fill(tb testing.TB, text string, values map[string]string) string {
	tb.Helper()
	all := map[string]string{"__rate_interval": "1m", "__interval": "15s", "__range": "1h"} // Grafana sets these
	for _, v := range b.Templating.List {
		if v.IncludeAll {
			all[v.Name] = v.AllValue
		}
	}
	maps.Copy(all, values)
	return reference.ReplaceAllStringFunc(text, func(ref string) string {
		value, ok := all[references(ref)[0]]
		if !ok {
			tb.Errorf("%s has no value in %s", ref, text)
		}
		return value
	})
}

var (
	labelValues = regexp.MustCompile(`^label_values\((.+), (\w+)\)$`)
	queryResult = regexp.MustCompile(`^query_result\((.+)\)$`)
)

func TestVariables(t *testing.T) {
	t.Parallel()
	t.Run("each board has its variables, with labels", func(t *testing.T) {
		want := map[string]string{
			"oms-overview.json": "datasource oms type source_type sink_type importance",
			"oms-task.json":     "datasource oms task_id",
		}
		for _, b := range boards(t) {
			var got []string
			for _, v := range b.Templating.List {
				got = append(got, v.Name)
				if v.Label == "" {
					t.Errorf("%s: variable %s has no label", b.file, v.Name)
				}
			}
			if strings.Join(got, " ") != want[b.file] {
				t.Errorf("%s: variables are %v, want %v", b.file, got, want[b.file])
			}
		}
	})
	t.Run("each variable is defined and used", func(t *testing.T) {
		for _, b := range boards(t) {
			used := map[string]bool{"datasource": true} // as TestBoards requires
			for _, q := range b.queries() {
				for _, name := range references(q.Expr) {
					used[name] = true
				}
			}
			defined := map[string]bool{}
			for _, v := range b.Templating.List {
				defined[v.Name] = true
				if !used[v.Name] {
					t.Errorf("%s: no query uses variable %s", b.file, v.Name)
				}
			}
			eachString(b.all, func(text string) {
				for _, name := range references(text) {
					if !defined[name] && !strings.HasPrefix(name, "__") {
						t.Errorf("%s: $%s is not defined: %s", b.file, name, text)
					}
				}
			})
		}
	})
	t.Run("All includes tasks without the label", func(t *testing.T) {
		for _, b := range boards(t) {
			for _, v := range b.Templating.List {
				if v.Multi != v.IncludeAll || v.IncludeAll && v.AllValue != ".*" {
					t.Errorf("%s: variable %s: All is %q, want .*", b.file, v.Name, v.AllValue)
				}
			}
		}
	})
	t.Run("queries compare multi-value variables with =~", func(t *testing.T) {
		for _, b := range boards(t) {
			for _, v := range b.Templating.List {
				equals := regexp.MustCompile(`[^=!]="\$` + v.Name + `\b`)
				for _, q := range b.queries() {
					if v.Multi && equals.MatchString(q.Expr) {
						t.Errorf("%s: compares $%s with =, want =~", q, v.Name)
					}
				}
			}
		}
	})
	t.Run("queries of variables use series and labels that exist", func(t *testing.T) {
		known := knownSeries(t)
		for _, b := range boards(t) {
			for _, v := range b.Templating.List {
				if v.Type != "query" {
					continue
				}
				found := labelValues.FindStringSubmatch(v.text())
				if found == nil {
					found = queryResult.FindStringSubmatch(v.text())
				}
				if found == nil {
					t.Fatalf("%s: variable %s: neither label_values nor query_result", b.file, v.Name)
				}
				expr := parseExpr(t, b.fill(t, found[1], anyTask))
				for _, fault := range known.faults(expr) {
					t.Errorf("%s: variable %s: %s", b.file, v.Name, fault)
				}
				labels := known.labels(expr)
				if shown := found[2:]; len(shown) == 1 && !labels[shown[0]] {
					t.Errorf("%s: variable %s: no label %s", b.file, v.Name, shown[0])
				} else if got := names(labels); len(shown) == 0 && !slices.Equal(got, []string{"label", "task_id"}) {
					t.Errorf("%s: variable %s: labels %q, want label and task_id", b.file, v.Name, got)
				}
			}
		}
	})
	// Grafana writes each series of query_result as text, the labels sorted by name and quotes not escaped, and applies
	// the regular expression of the variable. The expression also reads escaped quotes.
	t.Run("a task can have any name", func(t *testing.T) {
		b := readBoard(t, "oms-task")
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
	})
}

// option returns the text and the value of the option that Grafana makes of a series. pattern has the groups text and
// value. Grafana takes the first match of each.
func option(t *testing.T, pattern, series string) (text, value string) {
	t.Helper()
	find, err := regexp.Compile(strings.TrimSuffix(strings.TrimPrefix(strings.TrimSuffix(pattern, "g"), "/"), "/"))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range find.FindAllStringSubmatch(series, -1) {
		text = cmp.Or(text, m[find.SubexpIndex("text")])
		value = cmp.Or(value, m[find.SubexpIndex("value")])
	}
	return text, value
}
