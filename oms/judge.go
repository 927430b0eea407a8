package oms

import (
	"fmt"
	"hash/maphash"
)

// readTotal takes totalCount from the last page that tells it. A page past the end may say 0 where the others know better.
func (l *taskList) readTotal(pages []*Page) {
	l.total, l.most = Opt[int64]{}, 0
	for _, page := range pages {
		total := page.TotalCount
		told := total.Valid && total.Value >= 0
		if told && (total.Value > 0 || page.Rows() > 0 || !l.total.Valid) {
			l.total, l.most = total, max(l.most, total.Value)
		}
	}
	// As many pages with rows as totalCount says, and more tasks than that: it counts pages. One past the end that repeats the last is none.
	if l.total.Valid && l.total.Value == l.filled && int64(len(l.tasks)) > l.filled {
		l.countsPages = true
	}
}

// judge tells a list with a few tasks missing, which is shown as it is, from what is no list at all.
func (w *Walker) judge(list *taskList, pages []*Page, planned int) error {
	missing := list.missing()
	if missing == 0 {
		return nil
	}
	if len(list.tasks) == 0 && list.invalid == 0 {
		return w.fail(API, 0, fmt.Sprintf("no task came, although totalCount is %d", list.total.Value),
			"compare with the OMS console; does the user see the tasks?")
	}
	if page, of := repeats(pages[:planned]); page > 0 {
		return w.fail(API, page, fmt.Sprintf("repeats page %d, and %d of %d tasks are missing", of, missing, list.total.Value),
			"the OMS, or a cache before it, ignores pageNumber")
	}
	return nil
}

// repeats finds a page that has just the tasks of one before it, and returns the numbers of both, or 0.
func repeats(pages []*Page) (page, of int) {
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
	return shortfall{missing: l.missing(), vanished: max(0, l.most-enough)}
}

func (l *taskList) missing() int64 {
	if l.countsPages || !l.total.Valid {
		return 0
	}
	return max(0, l.total.Value-int64(len(l.tasks)+l.invalidOnce))
}

// complete says that so many pages hold just what OMS promises. More than that is no proof of an end: then totalCount tells something else.
func (l *taskList) complete(pages int) bool {
	came := int64(len(l.tasks) + l.invalidOnce)
	if l.countsPages {
		came = int64(pages)
	}
	return l.total.Valid && l.total.Value > 0 && l.total.Value == came
}
