package docs

import (
	stdcmp "cmp"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

// translated are the English pages that have a Chinese version beside them: NAME.md and NAME.zh-CN.md.
var translated = []string{readme, runbook}

// chinese returns the path of the Chinese version of an English page.
func chinese(page string) string { return strings.TrimSuffix(page, ".md") + ".zh-CN.md" }

// TestChinesePages compares each Chinese page with the English one, chapter by chapter: the level of its heading, the
// anchors, the code, the numbers, the links and the size of its lists and tables. With the flag -update it copies the
// generated sections first.
func TestChinesePages(t *testing.T) {
	for _, page := range translated {
		english, translation := string(testutil.ReadFile(t, page)), string(testutil.ReadFile(t, chinese(page)))
		if testutil.Update() {
			translation = copySections(t, english, translation)
			testutil.WriteFile(t, chinese(page), translation)
		}
		for _, fault := range translationFaults(page, english, translation) {
			t.Errorf("%s: %s", chinese(page), fault)
		}
	}
}

// copySections returns translation with the generated sections of english.
func copySections(t *testing.T, english, translation string) string {
	t.Helper()
	for _, mark := range regexp.MustCompile(`(?m)^<!-- (\w+):begin -->$`).FindAllStringSubmatch(english, -1) {
		from, inEnglish := cutSection(english, mark[1])
		to, inChinese := cutSection(translation, mark[1])
		if !inEnglish || !inChinese {
			t.Fatalf("section %s is not in both languages", mark[1])
		}
		translation = to.before + from.content + to.after
	}
	return translation
}

// chapter is a heading and the text up to the next heading. The first chapter of a page is the text before its first
// heading.
type chapter struct{ heading, text string }

// chapters splits a Markdown text at its headings.
func chapters(text string) []chapter {
	found := []chapter{{}}
	for line, inCode := range markdownLines(text) {
		if !inCode && heading.MatchString(line) {
			found = append(found, chapter{heading: strings.TrimSpace(line)})
		}
		found[len(found)-1].text += line + "\n"
	}
	return found
}

var (
	fencedBlock = regexp.MustCompile("(?ms)^ *```(\\w*)\n(.*?)^ *```$")
	htmlAnchor  = regexp.MustCompile(`<a id="([^"]+)">`)
	listItem    = regexp.MustCompile(`(?m)^ *(-|\d+\.) `)
	tableRow    = regexp.MustCompile(`(?m)^\|`)
	englishName = regexp.MustCompile(`[^*](\*[A-Z][^*]*\*)[^*]`) // such as *Steps*, the title of a panel
	partHeading = regexp.MustCompile(`(?m)^\*\*(\S+)\*\*$`)
	alertName   = regexp.MustCompile(`^OMS[A-Za-z]+$`)
	number      = regexp.MustCompile(`\b\d[\d.,]*\b`)
)

// translationFaults returns the mistakes in the Chinese version of an English text. Other words are no mistake.
func translationFaults(page, english, translation string) (faults []string) {
	want, got := chapters(english), chapters(translation)
	if len(want) != len(got) {
		return []string{fmt.Sprintf("%d headings, the English page has %d", len(got)-1, len(want)-1)}
	}
	anchors := anchorTwins(page, english, translation)
	for i := range want {
		if diff := cmp.Diff(outline(want[i], nil), outline(got[i], anchors)); diff != "" {
			faults = append(faults, fmt.Sprintf("%q: -English +Chinese\n%s", got[i].heading, diff))
		}
		for _, name := range englishName.FindAllStringSubmatch(got[i].text, -1) {
			if !strings.Contains(strings.ReplaceAll(want[i].text, "\n  ", " "), name[1]) {
				faults = append(faults, fmt.Sprintf("%q: the English page does not name %s", got[i].heading, name[1]))
			}
		}
	}
	return faults
}

// anchorTwins returns the English link for each Chinese link to a heading of the page or to its other version.
func anchorTwins(page, english, translation string) map[string]string {
	twins := map[string]string{}
	from, to := headingAnchors(translation), headingAnchors(english)
	for i := range min(len(from), len(to)) {
		twins["#"+from[i]] = "#" + to[i]
	}
	// The link from each version to the other one.
	twins[filepath.Base(page)] = filepath.Base(chinese(page))
	return twins
}

// partNames are the parts of the section of an alert.
var partNames = map[string]string{"含义": "Meaning", "影响": "Impact", "诊断": "Diagnosis", "处理": "Mitigation"}

// outline returns the parts of a chapter that are the same in both languages. Links, code in a sentence and numbers are
// sorted, because the languages differ in word order. twins replaces destinations of links.
func outline(c chapter, twins map[string]string) map[string][]string {
	level, name, _ := strings.Cut(c.heading, " ")
	parts := map[string][]string{"level": {level}}
	if alertName.MatchString(name) {
		parts["alert"] = []string{name}
	}
	for _, part := range partHeading.FindAllStringSubmatch(c.text, -1) {
		parts["parts"] = append(parts["parts"], stdcmp.Or(partNames[part[1]], part[1]))
	}
	for _, block := range fencedBlock.FindAllStringSubmatch(c.text, -1) {
		parts["code"] = append(parts["code"], block[0])
	}
	for _, anchor := range htmlAnchor.FindAllStringSubmatch(c.text, -1) {
		parts["anchors"] = append(parts["anchors"], anchor[1])
	}
	prose := fencedBlock.ReplaceAllString(c.text, "")
	for _, link := range linkDestinations(prose) {
		if twin, ok := twins[link]; ok {
			link = twin
		} else if file, fragment, _ := strings.Cut(link, "#"); strings.HasSuffix(file, ".zh-CN.md") && twins != nil {
			link = strings.TrimSuffix(file, ".zh-CN.md") + ".md#" + fragment
			link = strings.TrimSuffix(link, "#")
		}
		parts["links"] = append(parts["links"], link)
	}
	parts["code spans"] = codeSpan.FindAllString(prose, -1)
	words := linkText.ReplaceAllString(codeSpan.ReplaceAllString(prose, ""), "$1")
	words = regexp.MustCompile(`<[^>]*>`).ReplaceAllString(words, "")
	parts["numbers"] = number.FindAllString(listItem.ReplaceAllString(words, ""), -1)
	parts["size"] = []string{
		fmt.Sprintf("%d list items", len(listItem.FindAllString(prose, -1))),
		fmt.Sprintf("%d table rows", len(tableRow.FindAllString(prose, -1))),
	}
	for _, part := range []string{"links", "code spans", "numbers"} {
		slices.Sort(parts[part])
	}
	return parts
}

func TestTranslationFaults(t *testing.T) {
	const english = "# Page\n\n[Chinese](page.zh-CN.md)\n\n## OMSDown\n\n**Impact**\n\nPanel *Steps*, see [one](#page) and [two](other.md#x): `oms_up` is 0 for 5 minutes.\n\n- a\n\n```sh\nls 1\n```\n"
	const right = "# 页面\n\n[英文](page.md)\n\n## OMSDown\n\n**影响**\n\n面板 *Steps*：5 分钟内 `oms_up` 为 0：参见[二](other.zh-CN.md#x)和[一](#页面)。\n\n- 甲\n\n```sh\nls 1\n```\n"
	if faults := translationFaults("docs/page.md", english, right); faults != nil {
		t.Errorf("faults in a right translation: %s", faults)
	}
	for _, c := range []struct{ name, old, replacement string }{
		{"another number", "5 分钟", "6 分钟"},
		{"another name in code", "`oms_up`", "`oms_tasks`"},
		{"another command", "ls 1", "ls 2"},
		{"a missing list item", "- 甲\n", ""},
		{"a missing heading", "## OMSDown\n", ""},
		{"another alert", "OMSDown", "OMSTaskFailed"},
		{"another part", "**影响**", "**诊断**"},
		{"another panel", "*Steps*", "*Delay*"},
		{"another level", "## OMSDown", "### OMSDown"},
		{"a link to another heading", "](#页面)", "](#omsdown)"},
		{"a link to another page", "](other.zh-CN.md#x)", "](page.zh-CN.md#x)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if !strings.Contains(right, c.old) ||
				len(translationFaults("docs/page.md", english, strings.Replace(right, c.old, c.replacement, 1))) == 0 {
				t.Error("the mistake is not detected")
			}
		})
	}
}
