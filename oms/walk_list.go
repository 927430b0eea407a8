package oms

import (
	"fmt"
	"hash/maphash"
)

// taskList is what one pass over the pages read, or two of them joined.
type taskList struct {
	pages           []*Page // in their order; none of a second pass that was joined
	tasks           []*Task
	index           map[string]int // of tasks, by id
	repeated        int
	invalid         int        // a sum over passes
	invalidOnce     int        // of the pass that has more
	filledPages     int64      // pages with a new id or an invalid row
	maxRows         int        // rows of the page that has most
	pagesWithoutNew int        // pages at the end without a new id
	total           Opt[int64] // totalCount of the last page that has one
	maxTotal        int64      // the largest totalCount of all pages
	countsPages     bool       // total proved to count pages
}

// add takes over pages, of whose rows the last with an id wins.
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
		if at, ok := l.index[t.ID]; ok {
			l.tasks[at] = t
			l.repeated++
			continue
		}
		l.index[t.ID] = len(l.tasks)
		l.tasks = append(l.tasks, t)
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

// readTotal takes totalCount from a page, unless it is a page past the end that returns 0 where earlier pages know better.
func (l *taskList) readTotal(page *Page) {
	total := page.TotalCount
	if !total.Valid || total.Value < 0 {
		return
	}
	if total.Value > 0 || page.Rows() > 0 || !l.total.Valid {
		l.total, l.maxTotal = total, max(l.maxTotal, total.Value)
	}
}

// join adds what a second pass read: its rows win, and a task that only the first saw stays.
func (l *taskList) join(second *taskList) *taskList {
	for _, t := range second.tasks {
		if at, ok := l.index[t.ID]; ok {
			l.tasks[at] = t
			continue
		}
		l.index[t.ID] = len(l.tasks)
		l.tasks = append(l.tasks, t)
	}
	l.repeated += second.repeated
	l.invalid += second.invalid
	l.invalidOnce = max(l.invalidOnce, second.invalidOnce)
	l.total, l.maxTotal, l.countsPages = second.total, second.maxTotal, second.countsPages
	return l
}

// provesPages reports whether totalCount counts pages: as many pages with rows came as it promises, and more tasks than that. A page past the
// end that repeats the last one is none of them.
func (l *taskList) totalCountsPages() bool {
	return l.countsPages || l.total.Valid && l.total.Value == l.filledPages && int64(len(l.tasks)) > l.filledPages
}

// judge tells a list with a few tasks missing, which is shown as it is, from what is no list at all.
func (w *Walker) checkNotEmpty(list *taskList) error {
	if list.missing() > 0 && len(list.tasks) == 0 && list.invalid == 0 {
		return w.newError(API, 0, fmt.Sprintf("no task came, although totalCount is %d", list.total.Value),
			"give the user a role that may list the tasks (ROOT-VIEWER), and compare with the OMS console")
	}
	return nil
}

// judgePlanned refuses planned pages that are the same page again.
func (w *Walker) checkRepeatedPages(list *taskList) error {
	missing := list.missing()
	if missing == 0 {
		return nil
	}
	if page, of := findRepeatedPage(list.pages); page > 0 {
		return w.newError(API, page, fmt.Sprintf("repeats page %d, and %d of %d tasks are missing", of, missing, list.total.Value),
			"look for a cache before the OMS: pageNumber has no effect")
	}
	return nil
}

// repeats finds a page that has just the tasks of one before it, and returns the numbers of both, or 0.
func findRepeatedPage(pages []*Page) (page, of int) {
	type content struct {
		rows int
		sum  uint64 // of the hashes of the ids, whatever their order
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

// shortfall is by how much a list falls short of what OMS promises. The zero value is a list that does not.
type shortfall struct {
	// missing tasks: totalCount of the last page is more than the rows that came. Rows that were left out had been given.
	missing int64
	// vanished tasks: an earlier page promised more than that. The rows behind a task that vanishes while the list is read move up by one:
	// one of them may have been read on no page, although the number of rows fits.
	vanished int64
}

func (l *taskList) shortfall() shortfall {
	if l.countsPages {
		return shortfall{}
	}
	enough := max(l.total.Value, int64(len(l.tasks)+l.invalidOnce))
	return shortfall{missing: l.missing(), vanished: max(0, l.maxTotal-enough)}
}

func (l *taskList) missing() int64 {
	if l.countsPages || !l.total.Valid {
		return 0
	}
	return max(0, l.total.Value-int64(len(l.tasks)+l.invalidOnce))
}

// complete reports whether the pages hold just what OMS promises. More than that is no proof of an end: then totalCount is something else.
func (l *taskList) complete() bool {
	came := int64(len(l.tasks) + l.invalidOnce)
	if l.totalCountsPages() {
		came = int64(len(l.pages))
	}
	return l.total.Valid && l.total.Value > 0 && l.total.Value == came
}
