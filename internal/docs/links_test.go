package docs

import (
	"fmt"
	"io/fs"
	"iter"
	"net/url"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

// TestLinks checks the relative links of all Markdown files that people read.
func TestLinks(t *testing.T) {
	relative := 0
	for _, pattern := range []string{"*.md", "docs/*.md", "dashboards/*.md"} {
		for _, file := range testutil.Glob(t, "../../"+pattern) {
			checked, faults := checkLinks(t, os.DirFS("../.."), strings.TrimPrefix(file, "../../"))
			relative += checked
			for _, fault := range faults {
				t.Error(fault)
			}
		}
	}
	if relative < 30 {
		t.Errorf("only %d relative links found", relative)
	}
}

// checkLinks returns the number of relative links in a page, and a line for each link whose file or heading does not
// exist.
func checkLinks(t *testing.T, files fs.FS, page string) (relative int, faults []string) {
	t.Helper()
	text, err := fs.ReadFile(files, page)
	if err != nil {
		t.Fatal(err)
	}
	for _, link := range linkDestinations(string(text)) {
		to, err := url.Parse(link)
		if err != nil {
			faults = append(faults, fmt.Sprintf("%s: link %s: invalid URL", page, link))
			continue
		}
		if to.IsAbs() {
			continue
		}
		relative++
		file := page
		if to.Path != "" {
			file = path.Join(path.Dir(page), to.Path)
		}
		if _, err := fs.Stat(files, file); err != nil || path.IsAbs(to.Path) {
			faults = append(faults, fmt.Sprintf("%s: link %s: no such file", page, link))
			continue
		}
		if to.Fragment == "" {
			continue
		}
		target, err := fs.ReadFile(files, file)
		if err != nil || path.Ext(file) != ".md" || !slices.Contains(headingAnchors(string(target)), to.Fragment) {
			faults = append(faults, fmt.Sprintf("%s: link %s: no such heading", page, link))
		}
	}
	return relative, faults
}

var (
	codeSpan = regexp.MustCompile("``[^\n]+?``|`[^`]+`")
	// The destination of [text](here), ![text](here), [label]: here, href="here" and src="here".
	destination = regexp.MustCompile(
		`\]\(\s*<?([^()\s<>]+)>?(?:\s+"[^"]*")?\s*\)|(?m:^ {0,3}\[[^\]]+\]:\s*<?([^\s<>]+))|\b(?:href|src)="([^"]*)"`,
	)
)

// linkDestinations returns the destinations of all links and pictures of a Markdown text, in order. Code has no links.
func linkDestinations(text string) (links []string) {
	text = codeSpan.ReplaceAllString(strings.Join(proseLines(text), "\n"), "code")
	for _, match := range destination.FindAllStringSubmatch(text, -1) {
		links = append(links, match[1]+match[2]+match[3])
	}
	return links
}

var fence = regexp.MustCompile("^[ >]*(```+|~~~+)(.*)$")

// markdownLines yields the lines of a Markdown text without their ends. inCode is true in fenced code blocks and on
// their fences.
func markdownLines(text string) iter.Seq2[string, bool] {
	return func(yield func(line string, inCode bool) bool) {
		open := "" // the fence of the block that the line is in
		for line := range strings.Lines(text) {
			line = strings.TrimRight(line, "\n")
			match := fence.FindStringSubmatch(line)
			inCode := open != "" || match != nil
			switch {
			case match == nil:
			case open == "":
				open = match[1]
			case strings.HasPrefix(match[1], open) && strings.TrimSpace(match[2]) == "":
				open = ""
			}
			if !yield(line, inCode) {
				return
			}
		}
	}
}

// proseLines returns the lines of a Markdown text outside fenced code blocks.
func proseLines(text string) (prose []string) {
	for line, inCode := range markdownLines(text) {
		if !inCode {
			prose = append(prose, line)
		}
	}
	return prose
}

var (
	heading     = regexp.MustCompile(`^ {0,3}#{1,6}[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*$`)
	linkText    = regexp.MustCompile(`!?\[([^\]]*)\]\([^)]*\)`)
	notInAnchor = regexp.MustCompile(`[^\p{L}\p{M}\p{N}\p{Pc} -]`)
)

// headingAnchors returns the anchors that GitHub gives to the headings of a Markdown text: lower case, without
// punctuation, a hyphen for each space. The second heading of the same text gets -1, the third -2.
func headingAnchors(text string) (anchors []string) {
	seen := map[string]int{}
	for _, line := range proseLines(text) {
		match := heading.FindStringSubmatch(line)
		if match == nil {
			continue
		}
		anchor := strings.ToLower(linkText.ReplaceAllString(match[1], "$1"))
		anchor = strings.ReplaceAll(notInAnchor.ReplaceAllString(anchor, ""), " ", "-")
		if n := seen[anchor]; n > 0 {
			anchors = append(anchors, fmt.Sprintf("%s-%d", anchor, n))
		} else {
			anchors = append(anchors, anchor)
		}
		seen[anchor]++
	}
	return anchors
}

func TestLinkCheck(t *testing.T) {
	files := fstest.MapFS{
		"docs/other.md":  {Data: []byte("# Other page\n\n## Usage\n\n## Usage\n")},
		"docs/two words": {},
		"main.go":        {Data: []byte("# Usage\n")},
	}
	const noFile, noHeading = "no such file", "no such heading"
	for _, c := range []struct{ name, text, link, fault string }{
		{"a file beside the page", "[x](other.md)", "other.md", ""},
		{"a file in another folder", "[x](../main.go)", "../main.go", ""},
		{"a folder", "[x](../docs)", "../docs", ""},
		{"an escaped space", "[x](two%20words)", "two%20words", ""},
		{"the URL of a host is not checked", "[x](https://example.com/missing.md#x)", "", ""},
		{"a broken file", "[x](missing.md)", "missing.md", noFile},
		{"a broken file of a picture", "![x](missing.png)", "missing.png", noFile},
		{"a broken file behind a line break", "[x\ny](missing.md)", "missing.md", noFile},
		{"a broken file with a title", `[x](missing.md "title")`, "missing.md", noFile},
		{"a broken file of a reference", "[x][1]\n\n[1]: missing.md", "missing.md", noFile},
		{"a broken file in HTML", `<img src="missing.png">`, "missing.png", noFile},
		{"a broken file with an anchor", "[x](missing.md#usage)", "missing.md#usage", noFile},
		{"a file of another case", "[x](Other.md)", "Other.md", noFile},
		{"a file outside the repository", "[x](../../docs/other.md)", "../../docs/other.md", noFile},
		{"a path from the root of the host", "[x](/other.md)", "/other.md", noFile},
		{"a link in code is not a link", "`[x](missing.md)`\n\n```\n[x](missing.md)\n```\n", "", ""},
		{"a link after code is a link", "```\n~~~\n```` \n`a` [x](missing.md) `b`", "missing.md", noFile},
		{"an anchor in the page", "[x](#page)\n\n# Page", "#page", ""},
		{"an anchor in another page", "[x](other.md#usage)", "other.md#usage", ""},
		{"the anchor of a second heading of the same text", "[x](other.md#usage-1)", "other.md#usage-1", ""},
		{"a broken anchor in the page", "[x](#usage)\n\n# Page", "#usage", noHeading},
		{"a broken anchor in another page", "[x](other.md#page)", "other.md#page", noHeading},
		{"the anchor of a third heading that is missing", "[x](other.md#usage-2)", "other.md#usage-2", noHeading},
		{"an anchor of another case", "[x](other.md#Usage)", "other.md#Usage", noHeading},
		{"an anchor in a file without headings", "[x](../main.go#usage)", "../main.go#usage", noHeading},
		{"a comment in code is not a heading", "[x](#page)\n\n   ```sh\n# Page\n   ```\n", "#page", noHeading},
	} {
		t.Run(c.name, func(t *testing.T) {
			files["docs/page.md"] = &fstest.MapFile{Data: []byte(c.text)}
			var want []string
			if c.fault != "" {
				want = []string{fmt.Sprintf("docs/page.md: link %s: %s", c.link, c.fault)}
			}
			relative, faults := checkLinks(t, files, "docs/page.md")
			if diff := cmp.Diff(want, faults); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if (relative == 1) != (c.link != "") {
				t.Errorf("%d relative links", relative)
			}
		})
	}
}

func TestHeadingAnchors(t *testing.T) {
	for heading, want := range map[string]string{
		"# Quick start":                  "quick-start",
		"## Several OMS, two Prometheus": "several-oms-two-prometheus",
		"### `--config.file` & co. ###":  "--configfile--co",
		"# oms_exporter":                 "oms_exporter",
		"# [Linked](other.md) text":      "linked-text",
		"# 数据迁移（OMS）":                    "数据迁移oms",
		"#hashtag":                       "",
		"    # code":                     "",
	} {
		if got := strings.Join(headingAnchors(heading), " "); got != want {
			t.Errorf("%s: got %q, want %q", heading, got, want)
		}
	}
}
