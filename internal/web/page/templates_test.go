package page

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/oms-exporter/oms_exporter/oms"
	"github.com/oms-exporter/oms_exporter/oms/simulator"
)

// everyPage gives all kinds of pages.
func everyPage(t *testing.T) map[string]string {
	e := states(t)
	return map[string]string{
		"overview": overviewPage(t, e), "demo": tasksPage(t, e, "target=prod"), "demo, page 2": tasksPage(t, e, "target=prod&page=2"),
		"failed": tasksPage(t, e, "target=stage"), "never": tasksPage(t, e, "target=测试"), "new": tasksPage(t, e, "target=new"),
		"nothing found": tasksPage(t, e, "target=prod&text=nothing"), "hostile": tasksPage(t, hostile(), ""), "hostile overview": overviewPage(t, hostile()),
	}
}

// void are the elements without an end.
var void = []string{"meta", "link", "input", "br", "img", "rect", "wbr"}

// elements reads a page strictly: each element is closed where it should be, as a browser would not insist on.
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

// attributes gives those of an element by name. A name that is there twice is an error of its own.
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

func TestThePagesAreWellFormed(t *testing.T) {
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
					t.Errorf("id %s is there %d times", id, n)
				}
			}
			for id, by := range used {
				if ids[id] == 0 {
					t.Errorf("<%s> names %q, which is not there", by, id)
				}
			}
			if ids["content"] != 1 || !strings.Contains(page, `<a class="skip" href="#content">`) {
				t.Error("the link that skips to the content leads nowhere")
			}
		})
	}
}

// checkElement holds one element against what screen readers need, and what the policy of the pages allows.
func checkElement(t *testing.T, name string, attr map[string]string) {
	t.Helper()
	allowed := []string{"html", "head", "meta", "title", "link", "style", "body", "a", "header", "nav", "main", "footer", "h1", "h2", "p", "section", "div",
		"span", "strong", "b", "bdi", "wbr", "code", "time", "ul", "li", "dl", "dt", "dd", "svg", "rect", "form", "label", "select", "option", "input", "button",
		"details", "summary", "table", "thead", "tbody", "tr", "th", "td", "progress"}
	if !slices.Contains(allowed, name) {
		t.Errorf("<%s> is none of ours", name)
	}
	for key, value := range attr {
		if strings.HasPrefix(key, "on") || key == "style" || slices.Contains([]string{"href", "src", "action"}, key) && strings.Contains(strings.ToLower(value), "javascript:") {
			t.Errorf("<%s %s=%q>", name, key, value)
		}
	}
	need := map[string][]string{
		"html": {"lang"}, "th": {"scope"}, "table": {"aria-labelledby"}, "progress": {"aria-label", "max", "value"}, "svg": {"role", "aria-label"},
		"time": {"datetime"}, "label": {"for"}, "nav": {"aria-label"}, "section": {"aria-labelledby"},
	}
	for _, key := range need[name] {
		if attr[key] == "" {
			t.Errorf("<%s> without %s", name, key)
		}
	}
}

// evil are names that would do harm if they were not escaped; each is recognized by the word oops.
var evil = []string{
	`<script>oops()</script>`, `"><img src=x onerror=oops()>`, `' onmouseover='oops()`, `</title><script>oops()</script>`, `</bdi></style><svg onload=oops()>`,
	`javascript:oops()`, `{{oops}}`, `&lt;oops&gt;`, "oops\u202e\u0000\n\x1b[31m", strings.Repeat("很长oops", 5000),
}

// hostile is an exporter whose OMS puts evil into every text it sends.
func hostile() *Exporter {
	tasks := make([]*oms.Task, len(evil))
	for i, s := range evil {
		end := &oms.Endpoint{Name: s}
		f := &oms.Failure{Code: s, Message: s, Time: clock, Details: []oms.ErrorDetail{{Code: s + "2", Level: s, Message: s + "2", Reason: s, Proposal: s}}}
		tasks[i] = &oms.Task{
			ID: s, Name: s, Type: s, Owner: s, Importance: s, Status: s, SourceType: s, SinkType: s, Source: end, Sink: end,
			Tags: []oms.Tag{{ID: s, Name: s}}, ExtraInfo: &oms.ExtraInfo{Failure: *f},
			Steps:  []oms.Step{{Name: s, Status: s, Failure: f, Progress: oms.Some(50.0)}},
			Alarms: &oms.AlarmStats{Alarming: oms.Some(true), Content: s, ByRule: []oms.RuleCount{{Rule: s, Count: 1}}},
		}
	}
	target := walked("prod", tasks...)
	target.URL = "https://oms.example.com/" + evil[1]
	target.Last = snapshot("prod")
	target.Last.Err = &oms.Error{Reason: oms.API, Target: "prod", Message: strings.Join(evil, " "), Advice: evil[0]}
	target.Recent = []RecentWalk{{ID: 1, At: clock, Reason: oms.Reason(evil[0])}}
	return exporter(target)
}

func TestHostileTextsAreTextsAndNothingElse(t *testing.T) {
	e := hostile()
	for _, c := range []struct{ name, page string }{{"tasks", tasksPage(t, e, "text="+strings.ReplaceAll(`%22><oops`, ">", "%3E"))}, {"all", tasksPage(t, e, "")}, {"overview", overviewPage(t, e)}} {
		all, err := elements(c.page)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		for _, element := range all {
			if attr, err := attributes(element); err != nil || slices.ContainsFunc(slices.Collect(maps.Keys(attr)), func(key string) bool { return strings.Contains(key, "oops") }) {
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
}

func TestChineseTextsAreMarkedAsSuch(t *testing.T) {
	page := tasksPage(t, exporter(walked("demo", demoTasks(t, simulator.Options{})...)), "text=华东")
	if want := `<bdi lang="zh">数据库迁移_华东_生产</bdi>`; !strings.Contains(page, want) {
		t.Errorf("no %s", want)
	}
}

func TestTheHeaderAllowsNothingButTheOwnStyle(t *testing.T) {
	h := http.Header{}
	SetHeader(h)
	for _, c := range []struct{ key, want string }{
		{"Content-Type", "text/html; charset=utf-8"}, {"X-Content-Type-Options", "nosniff"}, {"Referrer-Policy", "no-referrer"}, {"Cache-Control", "no-store"},
	} {
		if got := h.Get(c.key); got != c.want {
			t.Errorf("%s is %q, want %q", c.key, got, c.want)
		}
	}
	_, css, _ := strings.Cut(overviewPage(t, exporter()), "<style>")
	css, _, _ = strings.Cut(css, "</style>")
	for _, want := range []string{"default-src 'none'", "style-src 'sha256-" + digest(css) + "'", "base-uri 'none'", "frame-ancestors 'none'"} {
		if !slices.Contains(strings.Split(h.Get("Content-Security-Policy"), "; "), want) {
			t.Errorf("the policy %q lacks %q", h.Get("Content-Security-Policy"), want)
		}
	}
}
