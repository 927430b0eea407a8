package boards

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

// readBoard reads a dashboard. name is the file name without .json.
func readBoard(tb testing.TB, name string) *board {
	tb.Helper()
	b := &board{file: name + ".json"}
	text := testutil.ReadFile(tb, shipped(b.file))
	for _, into := range []any{b, &b.all} {
		if err := json.Unmarshal(text, into); err != nil {
			tb.Fatalf("%s: %v", b.file, err)
		}
	}
	for _, p := range b.Panels {
		p.board = b
		for _, q := range p.Targets {
			q.board, q.panel = b, p
		}
	}
	for _, a := range b.Annotations.List {
		a.Target.board, a.Target.annotation = b, a
	}
	return b
}

func boards(tb testing.TB) []*board {
	tb.Helper()
	return []*board{readBoard(tb, "oms-overview"), readBoard(tb, "oms-task")}
}

// panels returns the panels of both boards, without rows.
func panels(tb testing.TB) (all []*panel) {
	tb.Helper()
	for _, b := range boards(tb) {
		all = append(all, b.panels()...)
	}
	return all
}

func (b *board) panels() []*panel {
	return slices.DeleteFunc(slices.Clone(b.Panels), func(p *panel) bool { return p.Type == "row" })
}

// panel returns the panel with a title.
func (b *board) panel(t *testing.T, title string) *panel {
	t.Helper()
	at := slices.IndexFunc(b.Panels, func(p *panel) bool { return p.Title == title })
	if at < 0 {
		t.Fatalf("%s has no panel %q", b.file, title)
	}
	return b.Panels[at]
}

// queries returns the queries of the panels and annotations of both boards.
func queries(t *testing.T) (all []*query) {
	t.Helper()
	for _, b := range boards(t) {
		all = append(all, b.queries()...)
	}
	return all
}

func (b *board) queries() (all []*query) {
	for _, p := range b.Panels {
		all = append(all, p.Targets...)
	}
	for _, a := range b.Annotations.List {
		if a.BuiltIn == 0 {
			all = append(all, &a.Target)
		}
	}
	return all
}

// parse parses a query with any values for the variables.
func (q *query) parse(t *testing.T) parser.Expr {
	t.Helper()
	return parseExpr(t, q.board.fill(t, q.Expr, anyTask))
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
