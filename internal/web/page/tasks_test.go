package page

import (
	"fmt"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/oms-exporter/oms_exporter/oms"
)

var nameOfRow = regexp.MustCompile(`<span class="name"><bdi(?: lang="zh")?>(.*?)</bdi>`)

// names returns the names of the tasks on a page, in its order.
func names(page string) []string {
	var names []string
	for _, m := range nameOfRow.FindAllStringSubmatch(page, -1) {
		names = append(names, m[1])
	}
	return names
}

func TestTasksOrder(t *testing.T) {
	alarm := &oms.AlarmStats{Alarming: oms.Some(true)}
	page := tasksPage(t, exporter(scrapedTarget("prod",
		&oms.Task{ID: "9", Name: "z fine", Status: "RUNNING"},
		&oms.Task{ID: "8", Name: "b fine", Status: "SUSPEND"},
		&oms.Task{ID: "7", Name: "b fine", Status: "INIT"},
		&oms.Task{ID: "6", Name: "alarming", Status: "RUNNING", Alarms: alarm},
		with(syncing(ago(999e9), ago(1e9)), func(t *oms.Task) { t.Name = "late" }),
		&oms.Task{ID: "4", Name: "step", Status: "RUNNING", Steps: []oms.Step{{Name: "A", Status: "FAILED"}}},
		&oms.Task{ID: "3", Name: "failed 2", Status: "FAILED"},
		&oms.Task{ID: "2", Name: "failed 1", Status: "FAILED", Alarms: alarm},
		&oms.Task{ID: "1", Name: "a failed one to be ignored", Status: "FAILED", Importance: "IGNORE"},
	)), "")
	want := []string{"failed 1", "failed 2", "step", "late", "alarming", "a failed one to be ignored", "b fine",
		"b fine", "z fine"}
	if got := names(page); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if first, second := strings.Index(page, "<code>7</code>"), strings.Index(page, "<code>8</code>"); first > second {
		t.Error("tasks of the same name are not sorted by ID")
	}
	if !strings.Contains(page, `Need attention <span class="badge bad">5</span>`) {
		t.Error("the page does not show that 5 tasks need attention")
	}
}

// manyTasks returns n tasks. Every tenth has failed.
func manyTasks(n int) []*oms.Task {
	tasks := make([]*oms.Task, n)
	for i := range tasks {
		tasks[i] = syncing(ago(9e9), ago(5e9))
		tasks[i].ID, tasks[i].Name, tasks[i].Type = fmt.Sprintf("np_%05d", i), fmt.Sprintf("task %05d", i), "MIGRATION"
		if i%10 == 0 {
			tasks[i].Status, tasks[i].Type = "FAILED", "SYNC"
		}
	}
	return tasks
}

func TestTasksPaging(t *testing.T) {
	t.Run("a page has a part of the list", func(t *testing.T) {
		e := exporter(scrapedTarget("prod", manyTasks(520)...))
		for _, c := range []struct {
			rule, query   string
			first, last   string
			rows          int
			text, current string
		}{
			{"the first page", "", "task 00000", "task 00490", 50, "1 to 50 of 520.", "Page 1"},
			{"the second page starts with the rest of the tasks that need attention", "page=2", "task 00500",
				"task 00053",
				50, "51 to 100 of 520.", "Page 2"},
			{"the last page has the rest", "page=11", "task 00498", "task 00519", 20, "501 to 520 of 520.",
				"Page 11"},
			{"a page after the last one is the last one", "page=4711", "task 00498", "task 00519", 20,
				"501 to 520 of 520.", "Page 11"},
			{"a filter has pages of its own", "status=FAILED&page=2", "task 00500", "task 00510", 2,
				"51 to 52 of 52 that match, 520 in total.", "Page 2"},
			{"a list of one page has no links to pages", "text=task+0001", "task 00010", "task 00019", 10,
				"1 to 10 of 10 that match, 520 in total.", ""},
		} {
			t.Run(c.rule, func(t *testing.T) {
				page := tasksPage(t, e, c.query)
				got := names(page)
				if len(got) != c.rows || got[0] != c.first || got[len(got)-1] != c.last {
					t.Errorf("%d tasks from %s to %s, want %d from %s to %s", len(got), got[0], got[len(got)-1],
						c.rows, c.first, c.last)
				}
				if !strings.Contains(page, c.text) {
					t.Errorf("the page does not have %q", c.text)
				}
				if c.current == "" && strings.Contains(page, `<nav class="pages"`) ||
					c.current != "" && !strings.Contains(page, `aria-label="`+c.current+`" aria-current="page"`) {
					t.Errorf("want the current page to be %q", c.current)
				}
			})
		}
	})
	t.Run("every task is on exactly one page", func(t *testing.T) {
		e := exporter(scrapedTarget("prod", manyTasks(520)...))
		seen := map[string]int{}
		for p := 1; p <= 11; p++ {
			for _, name := range names(tasksPage(t, e, fmt.Sprint("page=", p))) {
				seen[name]++
			}
		}
		for name, n := range seen {
			if n != 1 {
				t.Errorf("%s occurs %d times", name, n)
			}
		}
		if len(seen) != 520 {
			t.Errorf("%d tasks on all pages, want 520", len(seen))
		}
	})
	t.Run("links lead to the first, the last and the pages around", func(t *testing.T) {
		for _, c := range []struct {
			page, last int
			want       string
		}{
			{1, 1, ""},
			{1, 2, "[1] 2 Next"},
			{2, 2, "Previous 1 [2]"},
			{1, 100, "[1] 2 3 … 100 Next"},
			{50, 100, "Previous 1 … 48 49 [50] 51 52 … 100 Next"},
			{100, 100, "Previous 1 … 98 99 [100]"},
		} {
			var got []string
			for _, l := range english.pageLinks(Query{Target: "prod", Status: "FAILED", Page: c.page}, c.last) {
				if l.Current {
					l.Label = "[" + l.Label + "]"
				}
				if l.Href != "" && !strings.HasPrefix(l.Href, "tasks?target=prod&status=FAILED") {
					t.Errorf("%s leads to %s, which forgets the filter", l.Label, l.Href)
				}
				got = append(got, l.Label)
			}
			if text := strings.Join(got, " "); text != c.want {
				t.Errorf("page %d of %d: %q, want %q", c.page, c.last, text, c.want)
			}
		}
	})
}

func TestTasksFilter(t *testing.T) {
	t.Run("keeps the chosen values", func(t *testing.T) {
		page := tasksPage(t, exporter(scrapedTarget("prod", manyTasks(20)...)), `status=RELEASED&type=SYNC&text=%22x%22`)
		for _, want := range []string{
			`<option value="RELEASED" selected>RELEASED (0)</option>`,
			`<option value="SYNC" selected>SYNC (2)</option>`, `<option value="FAILED">FAILED (2)</option>`,
			`<option value="RUNNING">RUNNING (18)</option>`, `value="&#34;x&#34;"`, "No task matches the filter.",
		} {
			if !strings.Contains(page, want) {
				t.Errorf("no %s in the page", want)
			}
		}
	})
	t.Run("finds a status with characters that cannot be shown", func(t *testing.T) {
		page := tasksPage(t, exporter(scrapedTarget("prod", &oms.Task{ID: "1", Name: "found", Status: "A\u202eB"},
			&oms.Task{ID: "2", Name: "other"})), "status=A%EF%BF%BDB")
		if got := names(page); !slices.Equal(got, []string{"found"}) {
			t.Errorf("found %q", got)
		}
		if !strings.Contains(page, "<option value=\"A\ufffdB\" selected>A\ufffdB (1)</option>") {
			t.Error("the choice is not kept")
		}
	})
}

func TestTasksCost(t *testing.T) {
	e := exporter(scrapedTarget("prod", manyTasks(5000)...))
	q, err := e.ParseQuery("")
	if err != nil {
		t.Fatal(err)
	}
	var size countingWriter
	write := func() {
		size = 0
		if err := e.Tasks(&size, q); err != nil {
			t.Fatal(err)
		}
	}
	write() // the views are made once per walk
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	write()
	runtime.ReadMemStats(&after)
	bytes, allocations := after.TotalAlloc-before.TotalAlloc, after.Mallocs-before.Mallocs
	t.Logf("%d bytes of page, %d bytes in %d allocations", size, bytes, allocations)
	if size > 100<<10 {
		t.Errorf("the page has %d bytes: only %d tasks should be on it", size, perPage)
	}
	if bytes > 8<<20 {
		t.Errorf("%d bytes allocated for 5,000 tasks", bytes)
	}
	if allocations > 20*5000 {
		t.Errorf("%d allocations for 5,000 tasks: only those of this page should be written out", allocations)
	}
}

type countingWriter int

func (w *countingWriter) Write(p []byte) (int, error) {
	*w += countingWriter(len(p))
	return len(p), nil
}
