// Package docs tests README.md and the pages in docs/: generated sections, links, and sizes.
package docs

import (
	"bytes"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

func TestMain(m *testing.M) { testutil.Main(m) }

const (
	readme       = "../../README.md"
	contributing = "../../CONTRIBUTING.md"
	runbook      = "../../dashboards/RUNBOOK.md"
	contents     = "../../docs/README.md"
)

// pages returns the paths of README.md, CONTRIBUTING.md and all pages in docs/.
func pages(t *testing.T) []string {
	t.Helper()
	return append(testutil.Glob(t, "../../docs/*.md"), readme, contributing)
}

// TestPages checks the form of the pages.
func TestPages(t *testing.T) {
	t.Run("a page has at most 300 lines, README.md 250", func(t *testing.T) {
		for _, page := range append(pages(t), chinese(readme)) {
			limit := 300
			if page == readme || page == chinese(readme) {
				limit = 250
			}
			if lines := bytes.Count(testutil.ReadFile(t, page), []byte("\n")); lines > limit {
				t.Errorf("%s has %d lines: split it, the limit is %d", page, lines, limit)
			}
		}
	})
	t.Run("docs/README.md has a link to every page in docs", func(t *testing.T) {
		links := linkDestinations(string(testutil.ReadFile(t, contents)))
		for _, page := range pages(t) {
			if page != contents && path.Dir(page) == path.Dir(contents) && !slices.Contains(links, path.Base(page)) {
				t.Errorf("no link to %s", page)
			}
		}
	})
	t.Run("CONTRIBUTING.md names files that exist", func(t *testing.T) {
		names := regexp.MustCompile("`([a-z_*/]+/[a-z_*]+\\.\\w+)`").FindAllSubmatch(testutil.ReadFile(t, contributing), -1)
		if len(names) < 15 {
			t.Errorf("only %d names", len(names))
		}
		for _, name := range names {
			testutil.Glob(t, "../../"+string(name[1]))
		}
	})
}

// section is the text between the two marks of a generated section, and the text around it.
type section struct {
	before, content, after string
}

// cutSection finds a section in a page. ok is true if the page has each mark once, and the begin before the end.
func cutSection(page, name string) (s section, ok bool) {
	begin, end := "<!-- "+name+":begin -->\n", "<!-- "+name+":end -->\n"
	if strings.Count(page, begin) != 1 || strings.Count(page, end) != 1 {
		return section{}, false
	}
	before, rest, _ := strings.Cut(page, begin)
	content, after, ok := strings.Cut(rest, end)
	return section{before + begin, content, end + after}, ok
}

// checkSection compares a generated section with content. With the flag -update it writes content into the section.
// One page has the section.
func checkSection(t *testing.T, name, content string) {
	t.Helper()
	var page string
	var found section
	for _, candidate := range pages(t) {
		text := string(testutil.ReadFile(t, candidate))
		if !strings.Contains(text, "<!-- "+name+":begin -->\n") {
			continue
		}
		if page != "" {
			t.Fatalf("section %s is in %s and in %s", name, page, candidate)
		}
		var ok bool
		if found, ok = cutSection(text, name); !ok {
			t.Fatalf("%s does not have both marks of section %s once and in order", candidate, name)
		}
		page = candidate
	}
	if page == "" {
		t.Fatalf("no page has section %s", name)
	}
	if testutil.Update() {
		testutil.WriteFile(t, page, found.before+content+found.after)
		return
	}
	if diff := cmp.Diff(content, found.content); diff != "" {
		t.Errorf("section %s of %s is out of date: run \"go generate ./...\": -program +page\n%s", name, page, diff)
	}
}

func TestCutSection(t *testing.T) {
	t.Run("the content stands between the marks", func(t *testing.T) {
		want := section{"a\n<!-- x:begin -->\n", "old\n", "<!-- x:end -->\nz\n"}
		if got, ok := cutSection(want.before+want.content+want.after, "x"); !ok || got != want {
			t.Errorf("got %q, %t", got, ok)
		}
	})
	for _, c := range []struct{ name, page string }{
		{"a mark within a sentence is not a mark", "Marks such as `<!-- x:begin -->` and `<!-- x:end -->` here.\n"},
		{"another section is not found", "<!-- xy:begin -->\n<!-- xy:end -->\n"},
		{"a section without an end is not found", "<!-- x:begin -->\nold\n"},
		{"an end before its beginning is not found", "<!-- x:end -->\n<!-- x:begin -->\n"},
		{"a section that occurs twice is not found", strings.Repeat("<!-- x:begin -->\n<!-- x:end -->\n", 2)},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, ok := cutSection(c.page, "x"); ok {
				t.Errorf("got %q", got)
			}
		})
	}
}
