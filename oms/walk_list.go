package oms

import (
	"fmt"
	"hash/maphash"
)

// taskList is the list that one pass has read, or two passes joined.
type taskList struct {
	pages           []*Page // in order; without those of a second pass
	tasks           []*Task
	index           map[string]int // index in tasks, by id
	repeated        int
	invalid         int        // sum of all passes
	invalidOnce     int        // maximum of all passes
	filledPages     int64      // pages with a new id or an invalid row
	maxRows         int        // rows of the longest page
	pagesWithoutNew int        // number of pages without a new id, at the end of the list
	total           Opt[int64] // totalCount of the last page that has it
	maxTotal        int64      // largest totalCount of all pages
	countsPages     bool       // total counts pages, not tasks
}

// add adds the rows of pages. Of rows with the same id, the last one counts.
func (l *taskList) add(pages ...*Page) {
	rows := 0
	for _, page := range pages {
		rows += page.Rows()
	}
	if l.index == nil {
		l.index, l.tasks = make(map[string]int, rows), make([]*Task, 0, rows)
	}
	for _, page := range pages {
		l.addPage(page)
	}
}

func (l *taskList) addPage(page *Page) {
	before := len(l.tasks)
	for _, t := range page.Tasks {
		if l.put(t) {
			l.repeated++
		}
	}
	l.invalid += page.Invalid
	l.invalidOnce += page.Invalid
	if len(l.tasks) > before || page.Invalid > 0 {
		l.filledPages++
	}
	l.pagesWithoutNew++
	if len(l.tasks) > before {
		l.pagesWithoutNew = 0
	}
	l.maxRows = max(l.maxRows, page.Rows())
	l.readTotal(page)
	l.pages = append(l.pages, page)
}

// put adds a task, or replaces the one with the same id and returns true.
func (l *taskList) put(t *Task) (replaced bool) {
	if i, ok := l.index[t.ID]; ok {
		l.tasks[i] = t
		return true
	}
	l.index[t.ID] = len(l.tasks)
	l.tasks = append(l.tasks, t)
	return false
}

// readTotal takes totalCount from a page. It ignores the 0 of a page after the last one.
func (l *taskList) readTotal(page *Page) {
	total := page.TotalCount
	if !total.Valid || total.Value < 0 {
		return
	}
	if total.Value > 0 || page.Rows() > 0 || !l.total.Valid {
		l.total, l.maxTotal = total, max(l.maxTotal, total.Value)
	}
}

// join adds the rows of a second pass. Its rows replace those of the first pass. A task that only the first pass has
// stays.
func (l *taskList) join(second *taskList) *taskList {
	for _, t := range second.tasks {
		l.put(t)
	}
	l.repeated += second.repeated
	l.invalid += second.invalid
	l.invalidOnce = max(l.invalidOnce, second.invalidOnce)
	l.total, l.maxTotal, l.countsPages = second.total, second.maxTotal, second.countsPages
	return l
}

// totalCountsPages reports whether totalCount counts pages: it equals the number of pages with rows, and there are more
// tasks. A page after the last that repeats it does not count.
func (l *taskList) totalCountsPages() bool {
	return l.countsPages || l.total.Valid && l.total.Value == l.filledPages && int64(len(l.tasks)) > l.filledPages
}

// checkNotEmpty returns an error if OMS reports tasks and lists none. A list with a few tasks missing is valid.
func (w *Walker) checkNotEmpty(list *taskList) error {
	if list.missing() > 0 && len(list.tasks) == 0 && list.invalid == 0 {
		return w.newError(API, 0, fmt.Sprintf("OMS returned no task, but totalCount is %d", list.total.Value),
			"give the user a role that may list the tasks (ROOT-VIEWER), and compare with the OMS console")
	}
	return nil
}

// checkRepeatedPages returns an error if tasks are missing and a planned page repeats another one.
func (w *Walker) checkRepeatedPages(list *taskList) error {
	missing := list.missing()
	if missing == 0 {
		return nil
	}
	if page, of := findRepeatedPage(list.pages); page > 0 {
		return w.newError(API, page, fmt.Sprintf("repeats page %d, and %d of %d tasks are missing", of, missing,
			list.total.Value),
			"check for a cache in front of the OMS that ignores pageNumber")
	}
	return nil
}

// findRepeatedPage returns the number of a page with the same tasks as an earlier one, and the number of that. It
// returns 0 if there is none.
func findRepeatedPage(pages []*Page) (page, of int) {
	type content struct {
		rows int
		sum  uint64 // of the hashes of the ids, in any order
	}
	seed := maphash.MakeSeed()
	seen := make(map[content]int, len(pages))
	for i, p := range pages {
		if len(p.Tasks) == 0 {
			continue
		}
		c := content{rows: len(p.Tasks)}
		for _, t := range p.Tasks {
			c.sum += maphash.String(seed, t.ID)
		}
		if first, ok := seen[c]; ok {
			return i + 1, first
		}
		seen[c] = i + 1
	}
	return 0, 0
}

// shortfall is the number of tasks by which a list is short of the total that OMS reports. It is zero for a complete
// list.
type shortfall struct {
	// missing is totalCount of the last page minus the rows. Invalid rows count as rows.
	missing int64
	// vanished is the largest totalCount of an earlier page minus the last one. When a task vanishes during a pass, the
	// rows after it move up by one, and one of them can be missed although the number of rows is right.
	vanished int64
}

func (l *taskList) shortfall() shortfall {
	if l.countsPages {
		return shortfall{}
	}
	enough := max(l.total.Value, l.rows())
	return shortfall{missing: l.missing(), vanished: max(0, l.maxTotal-enough)}
}

func (l *taskList) missing() int64 {
	if l.countsPages || !l.total.Valid {
		return 0
	}
	return max(0, l.total.Value-l.rows())
}

// rows returns the number of distinct rows, including the invalid ones.
func (l *taskList) rows() int64 { return int64(len(l.tasks) + l.invalidOnce) }

// complete reports whether the list has exactly as many tasks as OMS reports. A list with more tasks can be incomplete:
// totalCount then counts something else.
func (l *taskList) complete() bool {
	read := l.rows()
	if l.totalCountsPages() {
		read = int64(len(l.pages))
	}
	return l.total.Valid && l.total.Value > 0 && l.total.Value == read
}
