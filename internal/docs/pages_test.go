// Package docs tests README.md and the pages in docs/: generated sections, links, and sizes.
package docs

import (
	"bytes"
	"path/filepath"
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
	alertsPage   = "../../docs/alerts.md"
)

// pages returns the paths of README.md, CONTRIBUTING.md and all pages in docs/.
func pages(t *testing.T) []string {
	t.Helper()
	found, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(found, contents) {
		t.Fatalf("no %s", contents)
	}
	return append(found, readme, contributing)
}

func TestPageSize(t *testing.T) {
	for _, page := range append(pages(t), chinese(readme)) {
		limit := 300
		if page == readme || page == chinese(readme) {
			limit = 250
		}
		if lines := bytes.Count(testutil.ReadFile(t, page), []byte("\n")); lines > limit {
			t.Errorf("%s has %d lines: split it, the limit is %d", page, lines, limit)
		}
	}
}

func TestContentsListsEveryPage(t *testing.T) {
	listed := linkDestinations(string(testutil.ReadFile(t, contents)))
	for _, page := range pages(t) {
		if name := filepath.Base(page); !slices.Contains([]string{contents, readme, contributing}, page) &&
			!slices.Contains(listed, name) {
			t.Errorf("%s has no link to %s", contents, name)
		}
	}
}

// CONTRIBUTING.md names the files to edit.
func TestContributingPaths(t *testing.T) {
	paths := regexp.MustCompile("`([a-z_*/]+/[a-z_*]+\\.\\w+)`").FindAllSubmatch(testutil.ReadFile(t, contributing), -1)
	if len(paths) < 15 {
		t.Errorf("only %d paths", len(paths))
	}
	for _, path := range paths {
		if found, err := filepath.Glob(filepath.Join("../..", string(path[1]))); err != nil || len(found) == 0 {
			t.Errorf("%s names %s, which does not exist", contributing, path[1])
		}
	}
}

// section is the text between the two marks of a generated section, and the text around it.
type section struct {
	before, content, after string
}

// cutSection finds a section in a page. ok is false unless the page has each mark once, the first one first.
func cutSection(page, name string) (s section, ok bool) {
	begin, end := "<!-- "+name+":begin -->\n", "<!-- "+name+":end -->\n"
	if strings.Count(page, begin) != 1 || strings.Count(page, end) != 1 {
		return section{}, false
	}
	before, rest, _ := strings.Cut(page, begin)
	content, after, ok := strings.Cut(rest, end)
	return section{before + begin, content, end + after}, ok
}

// checkSection compares a generated section with content, or writes content into it. It finds the one page that has
// the section.
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
	for _, c := range []struct {
		name, page string
		want       section
		ok         bool
	}{
		{"the content stands between the marks", "a\n<!-- x:begin -->\nold\n<!-- x:end -->\nz\n", section{"a\n<!-- x:begin -->\n", "old\n", "<!-- x:end -->\nz\n"}, true},
		{"a mark within a sentence is no mark", "Marks such as `<!-- x:begin -->` and `<!-- x:end -->` here.\n", section{}, false},
		{"another section is not the section", "<!-- xy:begin -->\n<!-- xy:end -->\n", section{}, false},
		{"a section without an end is none", "<!-- x:begin -->\nold\n", section{}, false},
		{"a section that begins after its end is none", "<!-- x:end -->\n<!-- x:begin -->\n", section{}, false},
		{"a second section is ambiguous", strings.Repeat("<!-- x:begin -->\n<!-- x:end -->\n", 2), section{}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, ok := cutSection(c.page, "x")
			if ok != c.ok || ok && got != c.want {
				t.Errorf("got %q, %t", got, ok)
			}
		})
	}
}
