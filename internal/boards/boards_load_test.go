package boards

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

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

// asked is a query with its place.
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

// columns are the names that a table gives its fields, by the name that the query gave them. ok is false for one that
// is hidden.
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

// merges reports whether a table joins the answers of its queries by their common labels.
func (p *panel) merges() bool {
	return slices.ContainsFunc(p.Transformations, func(tr transformation) bool { return tr.ID == "merge" })
}
