package oms

import (
	"context"
	"fmt"
	"hash/maphash"

	"golang.org/x/sync/errgroup"
)

// taskList is what one pass over the pages read, or two of them joined.
type taskList struct {
	tasks       []*Task
	index       map[string]int // of tasks, by id
	repeated    int
	invalid     int        // a sum over passes
	invalidOnce int        // of the pass that has more
	total       Opt[int64] // totalCount of the last page
	countsPages bool       // total proved to count pages
}

func newTaskList(pages []*Page) *taskList {
	rows := 0
	for _, page := range pages {
		rows += len(page.Tasks)
	}
	l := &taskList{index: make(map[string]int, rows), tasks: make([]*Task, 0, rows)}
	for _, page := range pages {
		l.add(page)
	}
	return l
}

// missing is how many tasks OMS promises beyond those that it gave. Rows that were left out had been given.
func (l *taskList) missing() int64 {
	if l.countsPages || !l.total.Valid {
		return 0
	}
	return max(0, l.total.Value-int64(len(l.tasks)+l.invalidOnce))
}

// complete says that all is there that OMS promises, as far as it does promise something.
func (l *taskList) complete() bool {
	return l.total.Valid && l.total.Value > 0 && l.missing() == 0
}

// add takes over the rows of a page, of which the last with an id wins, and says how many ids are new.
func (l *taskList) add(page *Page) int {
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
	return len(l.tasks) - before
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
	l.total, l.countsPages = second.total, second.countsPages
	return l
}

// pass reads all pages once: the first, then as many as it promises side by side, then one by one for as long as the last one is full.
func (w *Walker) pass(ctx context.Context, progress *Progress) (*taskList, error) {
	first, err := w.page(ctx, progress, 1)
	if err != nil {
		return nil, err
	}
	plan := w.plan(first)
	w.decide("page 1 has %d rows, totalCount is %s: %d pages of %d rows to read", first.Rows(), describe(first.TotalCount), plan.pages, plan.size)
	if plan.pages > int64(w.options.MaxPages) {
		return nil, w.tooMany(fmt.Sprintf("the list has %d pages of %d rows", plan.pages, plan.size))
	}
	pages, err := w.planned(ctx, progress, first, int(plan.pages))
	if err != nil {
		return nil, err
	}
	list := newTaskList(pages)
	list.countsPages = plan.countsPages
	for last := pages[len(pages)-1]; last.Rows() > 0 && last.Rows() >= plan.size; {
		if len(pages) == w.options.MaxPages {
			if list.readTotal(pages); list.complete() {
				break
			}
			return nil, w.tooMany(fmt.Sprintf("page %d is full, too", len(pages)))
		}
		w.decide("page %d is full: asking for one more", len(pages))
		if last, err = w.page(ctx, progress, len(pages)+1); err != nil {
			return nil, err
		}
		pages = append(pages, last)
		if list.add(last) == 0 {
			w.decide("page %d has no new task: this is the end", len(pages))
			break
		}
	}
	list.readTotal(pages)
	return list, w.judge(list, pages, int(plan.pages))
}

// plan is what the first page promises.
type plan struct {
	pages       int64 // to read whatever their length
	size        int   // rows of a full page
	countsPages bool  // totalCount proves to count pages
}

// plan finds the size of a full page, which a server may cap silently, and the number of pages. totalCount counts records, but in the
// words of the document pages: more rows than it says prove that.
func (w *Walker) plan(first *Page) plan {
	p := plan{pages: 1, size: w.options.PageSize}
	if said := first.PageSize.Value; said > 0 && said < int64(p.size) {
		p.size = int(said)
	}
	rows, total := first.Rows(), first.TotalCount.Value
	switch {
	case total <= 0:
		p.countsPages = first.TotalCount.Valid && rows > 0
	case int64(rows) > total:
		p.pages, p.countsPages = total, true
	default:
		if rows > 0 && int64(rows) < total {
			p.size = min(p.size, rows)
		}
		p.pages = (total-1)/int64(p.size) + 1
	}
	return p
}

// planned reads pages 2 to n side by side.
func (w *Walker) planned(ctx context.Context, progress *Progress, first *Page, n int) ([]*Page, error) {
	pages := make([]*Page, n)
	pages[0] = first
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(w.options.Concurrency)
	for i := 1; i < n; i++ {
		group.Go(func() (err error) {
			if !brokenOff(ctx) {
				pages[i], err = w.page(ctx, progress, i+1)
			}
			return err
		})
	}
	return pages, group.Wait()
}

func (w *Walker) page(ctx context.Context, progress *Progress, number int) (*Page, error) {
	body, err := w.request(number).body()
	if err != nil {
		return nil, err
	}
	call := &call{Client: w.client, body: body, page: number, size: w.options.PageSize, seen: progress.answered}
	page, err := call.retry(ctx)
	if err == nil {
		progress.page()
	}
	return page, err
}

// readTotal takes totalCount from the last page that tells it. A page past the end may say 0 where the others know better.
func (l *taskList) readTotal(pages []*Page) {
	filled := int64(0)
	for _, page := range pages {
		if page.Rows() > 0 {
			filled++
		}
		total := page.TotalCount
		told := total.Valid && total.Value >= 0
		if told && (total.Value > 0 || page.Rows() > 0 || !l.total.Valid) {
			l.total = total
		}
	}
	// As many pages with rows as totalCount says, and more tasks than that: it counts pages.
	if l.total.Valid && l.total.Value == filled && int64(len(l.tasks)) > filled {
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

func (w *Walker) tooMany(what string) *Error {
	return w.fail(Limit, 0, fmt.Sprintf("%s, more than max_pages %d", what, w.options.MaxPages),
		"raise max_pages, or share the tasks out among targets by filter")
}

func describe(n Opt[int64]) string {
	if !n.Valid {
		return "missing"
	}
	return fmt.Sprint(n.Value)
}
