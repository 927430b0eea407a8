package page

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/oms-exporter/oms_exporter/collector"
	"github.com/oms-exporter/oms_exporter/oms/simulator"
)

func TestLocaleFor(t *testing.T) {
	for _, c := range []struct{ rule, header, want string }{
		{"without a header it is English", "", "en"},
		{"Chinese", "zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"},
		{"any Chinese", "zh-Hans-SG", "zh-CN"},
		{"Chinese of Taiwan", "zh-TW,zh;q=0.9,en-US;q=0.8", "zh-CN"},
		{"English before Chinese", "en-US,en;q=0.9,zh-CN;q=0.8", "en"},
		{"the weights decide, not the order", "en;q=0.1, zh;q=0.9", "zh-CN"},
		{"the first language that the pages have", "de-DE,de;q=0.9,zh;q=0.5,en;q=0.3", "zh-CN"},
		{"a language that the pages do not have", "fr", "en"},
		{"every language", "*", "en"},
		{"an invalid header", "zh;q=x;;;\x00", "en"},
		{"a very long header", strings.Repeat("zh-", 1<<16), "en"},
	} {
		t.Run(c.rule, func(t *testing.T) {
			if got := localeFor(c.header).Tag; got != c.want {
				t.Errorf("%.80q selects %s, want %s", c.header, got, c.want)
			}
		})
	}
}

// templateSources returns the sources of the templates by name.
func templateSources(t *testing.T) map[string]string {
	t.Helper()
	names, err := fs.Glob(files, "templates/*.html")
	if err != nil || len(names) == 0 {
		t.Fatalf("%d templates: %v", len(names), err)
	}
	sources := map[string]string{}
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			t.Fatal(err)
		}
		sources[name] = string(text)
	}
	return sources
}

var messageOfTemplate = regexp.MustCompile(`\bt "([^"]*)"`)

// usedMessages returns the messages that the templates and the code use.
func usedMessages(t *testing.T) map[string]bool {
	t.Helper()
	used := map[string]bool{}
	for _, source := range templateSources(t) {
		for _, m := range messageOfTemplate.FindAllStringSubmatch(source, -1) {
			used[m[1]] = true
		}
	}
	names, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range names {
		if !strings.HasSuffix(file.Name(), ".go") || strings.HasSuffix(file.Name(), "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			function := ""
			switch f := call.Fun.(type) {
			case *ast.SelectorExpr:
				function = f.Sel.Name
			case *ast.Ident:
				function = f.Name
			}
			if !slices.Contains([]string{"text", "count", "units", "add"}, function) {
				return true
			}
			for _, arg := range call.Args {
				if literal, ok := arg.(*ast.BasicLit); ok && literal.Kind == token.STRING {
					message, err := strconv.Unquote(literal.Value)
					if err != nil {
						t.Fatal(err)
					}
					used[message] = true
				}
			}
			return true
		})
	}
	return used
}

var verbs = regexp.MustCompile(`%[.0-9]*[a-z]`)

func TestChineseMessages(t *testing.T) {
	used := usedMessages(t)
	for message := range used {
		if chineseMessages[message] == "" {
			t.Errorf("%q has no translation", message)
		}
	}
	for message, translated := range chineseMessages {
		if !used[message] {
			t.Errorf("%q is not used", message)
		}
		if want, got := verbs.FindAllString(message, -1),
			verbs.FindAllString(translated, -1); !slices.Equal(got, want) {
			t.Errorf("%q has the verbs %q, its translation %q", message, want, got)
		}
	}
}

func TestChineseCodes(t *testing.T) {
	codes := map[string]bool{collector.UnknownStatus: true, collector.Reverse: true}
	for _, tone := range tones {
		codes[tone.status] = true
	}
	for _, task := range demoTasks(t, simulator.Options{}) {
		if task.Name == "unknown_step" {
			continue
		}
		codes[task.Type], codes[task.Importance] = true, true
		for _, step := range task.Steps {
			codes[step.Name] = true
		}
	}
	delete(codes, "")
	for code := range codes {
		if chineseCodes[code] == "" {
			t.Errorf("%s has no name", code)
		}
		if english.code(code) != code {
			t.Errorf("%s is %s in English", code, english.code(code))
		}
	}
	if got := chinese.code("NEW_STATUS"); got != "NEW_STATUS" {
		t.Errorf("an unknown code is shown as %s", got)
	}
}

func TestChinesePages(t *testing.T) {
	e := states(t)
	e.AcceptLanguage = "zh-CN"
	t.Run("overview", func(t *testing.T) { golden(t, "overview_chinese", overviewPage(t, e)) })
	t.Run("tasks", func(t *testing.T) { golden(t, "tasks_chinese", tasksPage(t, e, "target=stage")) })
	t.Run("a filter has the values of OMS", func(t *testing.T) {
		page := tasksPage(t, e, "target=prod&status=FAILED")
		for _, want := range []string{
			`<html lang="zh-CN">`, `<option value="FAILED" selected>FAILED 失败 (`, `<option value="SYNC">SYNC 数据同步 (`,
		} {
			if !strings.Contains(page, want) {
				t.Errorf("the page has no %s", want)
			}
		}
	})
}

func TestCount(t *testing.T) {
	for n, want := range []string{"0 tasks", "1 task", "2 tasks"} {
		if got := english.count(n, "%d task", "%d tasks"); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
	if got := chinese.count(1, "%d task", "%d tasks"); got != "1 个任务" {
		t.Errorf("1 is %q in Chinese", got)
	}
}
