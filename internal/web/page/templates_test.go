package page

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"

	"github.com/oms-exporter/oms_exporter/oms"
)

// everyPage returns all kinds of pages in every language.
func everyPage(t *testing.T) map[string]string {
	t.Helper()
	pages := map[string]string{}
	for _, l := range locales {
		e, evil := states(t), hostile()
		e.AcceptLanguage, evil.AcceptLanguage = l.Tag, l.Tag
		pages[l.Tag+", overview"], pages[l.Tag+", hostile overview"] = overviewPage(t, e), overviewPage(t, evil)
		pages[l.Tag+", hostile tasks"] = tasksPage(t, evil, "")
		for _, query := range []string{
			"target=prod", "target=prod&page=2", "target=stage", "target=测试", "target=new", "target=prod&text=nothing",
		} {
			pages[l.Tag+", "+query] = tasksPage(t, e, query)
		}
	}
	return pages
}

// void are the elements without an end tag.
var void = []string{"meta", "link", "input", "br", "img", "rect", "wbr"}

// elements parses a page. Unlike a browser, it requires an end tag for every element.
func elements(page string) ([]html.Token, error) {
	var open []string
	var all []html.Token
	for z := html.NewTokenizer(strings.NewReader(page)); ; {
		switch z.Next() {
		case html.ErrorToken:
			if !errors.Is(z.Err(), io.EOF) {
				return nil, z.Err()
			}
			if len(open) > 0 {
				return nil, fmt.Errorf("never closed: %s", open)
			}
			return all, nil
		case html.StartTagToken, html.SelfClosingTagToken:
			token := z.Token()
			all = append(all, token)
			if !slices.Contains(void, token.Data) {
				open = append(open, token.Data)
			}
		case html.EndTagToken:
			name := z.Token().Data
			if len(open) == 0 || open[len(open)-1] != name {
				return nil, fmt.Errorf("</%s> within %s", name, open)
			}
			open = open[:len(open)-1]
		}
	}
}

// attributes returns the attributes of an element by name. An attribute that occurs twice is an error.
func attributes(token html.Token) (map[string]string, error) {
	all := map[string]string{}
	for _, a := range token.Attr {
		if _, twice := all[a.Key]; twice {
			return nil, fmt.Errorf("<%s> has %s twice", token.Data, a.Key)
		}
		all[a.Key] = a.Val
	}
	return all, nil
}

func TestTemplates(t *testing.T) {
	t.Run("every text has a translation", func(t *testing.T) {
		action := regexp.MustCompile(`\{\{.*?\}\}`) // words outside of actions are not translated
		for name, source := range templateSources(t) {
			z := html.NewTokenizer(strings.NewReader(action.ReplaceAllString(source, "")))
			for z.Next() != html.ErrorToken {
				token := z.Token()
				texts := []string{token.Data}
				if token.Type != html.TextToken {
					texts = nil
				}
				for _, a := range token.Attr {
					if slices.Contains([]string{"aria-label", "title", "alt", "placeholder", "data-label"}, a.Key) {
						texts = append(texts, a.Val)
					}
				}
				for _, text := range texts {
					if strings.ContainsFunc(strings.ReplaceAll(text, "OMS exporter", ""), unicode.IsLetter) {
						t.Errorf("%s: %q is in no language but its own", name, text)
					}
				}
			}
		}
	})
	t.Run("pages are well-formed HTML", func(t *testing.T) {
		for name, page := range everyPage(t) {
			t.Run(name, func(t *testing.T) {
				all, err := elements(page)
				if err != nil {
					t.Fatal(err)
				}
				ids, used := map[string]int{}, map[string]string{}
				headings := 0
				for _, element := range all {
					attr, err := attributes(element)
					if err != nil {
						t.Error(err)
					}
					checkElement(t, element.Data, attr)
					ids[attr["id"]]++
					for _, key := range []string{"for", "aria-labelledby"} {
						if to, ok := attr[key]; ok {
							used[to] = element.Data
						}
					}
					if element.Data == "h1" {
						headings++
					}
				}
				if headings != 1 {
					t.Errorf("%d headings of the first level", headings)
				}
				delete(ids, "")
				for id, n := range ids {
					if n > 1 {
						t.Errorf("id %s occurs %d times", id, n)
					}
				}
				for id, by := range used {
					if ids[id] == 0 {
						t.Errorf("<%s> names %q, which does not exist", by, id)
					}
				}
				if ids["content"] != 1 || !strings.Contains(page, `<a class="skip" href="#content">`) {
					t.Error("the link that skips to the content has no target")
				}
			})
		}
	})
	t.Run("hostile texts are escaped", func(t *testing.T) {
		e := hostile()
		for _, c := range []struct{ name, page string }{
			{"tasks", tasksPage(t, e, "text="+strings.ReplaceAll(`%22><oops`, ">", "%3E"))},
			{"all", tasksPage(t, e, "")},
			{"overview", overviewPage(t, e)},
		} {
			all, err := elements(c.page)
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
			for _, element := range all {
				if attr, err := attributes(element); err != nil ||
					slices.ContainsFunc(slices.Collect(maps.Keys(attr)),
						func(key string) bool { return strings.Contains(key, "oops") }) {
					t.Errorf("%s: %s, %v", c.name, element, err)
				}
			}
			for _, bad := range []string{"<script", "<img", "onload=oops()>", "\u202e", "\x00", "\x1b"} {
				if strings.Contains(c.page, bad) {
					t.Errorf("%s: %q is in the page", c.name, bad)
				}
			}
			if len(c.page) > 200<<10 {
				t.Errorf("%s: %d bytes", c.name, len(c.page))
			}
		}
		if page := tasksPage(t, e, ""); !strings.Contains(page, "&lt;script&gt;oops()&lt;/script&gt;") {
			t.Error("the name of a task is not shown as it is")
		}
	})
}

// checkElement checks that an element has what screen readers need, and that the policy of the pages allows it.
func checkElement(t *testing.T, name string, attr map[string]string) {
	t.Helper()
	allowed := []string{"html", "head", "meta", "title", "link", "style", "body", "a", "header", "nav", "main",
		"footer", "h1", "h2", "p", "section", "div",
		"span", "strong", "b", "bdi", "wbr", "code", "time", "ul", "li", "dl", "dt", "dd", "svg", "rect", "form",
		"label", "select", "option", "input", "button",
		"details", "summary", "table", "thead", "tbody", "tr", "th", "td", "progress"}
	if !slices.Contains(allowed, name) {
		t.Errorf("<%s> is not allowed", name)
	}
	for key, value := range attr {
		if strings.HasPrefix(key, "on") || key == "style" ||
			slices.Contains([]string{"href", "src", "action"}, key) &&
				strings.Contains(strings.ToLower(value), "javascript:") {
			t.Errorf("<%s %s=%q>", name, key, value)
		}
	}
	need := map[string][]string{
		"html": {"lang"}, "th": {"scope"}, "table": {"aria-labelledby"}, "progress": {"aria-label", "max", "value"},
		"svg":  {"role", "aria-label"},
		"time": {"datetime"}, "label": {"for"}, "nav": {"aria-label"}, "section": {"aria-labelledby"},
	}
	for _, key := range need[name] {
		if attr[key] == "" {
			t.Errorf("<%s> without %s", name, key)
		}
	}
}

// evil are names that do harm unless they are escaped. Each contains the word oops.
var evil = []string{
	`<script>oops()</script>`, `"><img src=x onerror=oops()>`, `' onmouseover='oops()`,
	`</title><script>oops()</script>`, `</bdi></style><svg onload=oops()>`,
	`javascript:oops()`, `{{oops}}`, `&lt;oops&gt;`, "oops\u202e\u0000\n\x1b[31m", strings.Repeat("很长oops", 5000),
}

// hostile returns an exporter whose OMS has evil texts in every field.
func hostile() *Exporter {
	tasks := make([]*oms.Task, len(evil))
	for i, s := range evil {
		end := &oms.Endpoint{Name: s}
		f := &oms.Failure{Code: s, Message: s, Time: clock,
			Details: []oms.ErrorDetail{{Code: s + "2", Level: s, Message: s + "2", Reason: s, Proposal: s}}}
		tasks[i] = &oms.Task{
			ID: s, Name: s, Type: s, Owner: s, Importance: s, Status: s, SourceType: s, SinkType: s, Source: end,
			Sink: end,
			Tags: []oms.Tag{{ID: s, Name: s}}, ExtraInfo: &oms.ExtraInfo{Failure: *f},
			Steps:  []oms.Step{{Name: s, Status: s, Failure: f, Progress: oms.Some(50.0)}},
			Alarms: &oms.AlarmStats{Alarming: oms.Some(true), Content: s, ByRule: []oms.RuleCount{{Rule: s, Count: 1}}},
		}
	}
	target := scrapedTarget("prod", tasks...)
	target.URL = "https://oms.example.com/" + evil[1]
	target.Last = snapshot("prod")
	target.Last.Err = &oms.Error{Reason: oms.API, Target: "prod", Message: strings.Join(evil, " "), Advice: evil[0]}
	target.Recent = []RecentWalk{{ID: 1, At: clock, Reason: oms.Reason(evil[0])}}
	return exporter(target)
}

func TestSetHeader(t *testing.T) {
	h := http.Header{}
	SetHeader(h)
	for _, c := range []struct{ key, want string }{
		{"Content-Type", "text/html; charset=utf-8"}, {"X-Content-Type-Options", "nosniff"},
		{"Referrer-Policy", "no-referrer"}, {"Cache-Control", "no-store"}, {"Vary", "Accept-Language"},
	} {
		if got := h.Get(c.key); got != c.want {
			t.Errorf("%s is %q, want %q", c.key, got, c.want)
		}
	}
	_, css, _ := strings.Cut(overviewPage(t, exporter()), "<style>")
	css, _, _ = strings.Cut(css, "</style>")
	for _, want := range []string{
		"default-src 'none'", "style-src 'sha256-" + digest(css) + "'", "base-uri 'none'", "frame-ancestors 'none'",
	} {
		if !slices.Contains(strings.Split(h.Get("Content-Security-Policy"), "; "), want) {
			t.Errorf("the policy %q lacks %q", h.Get("Content-Security-Policy"), want)
		}
	}
}
