package oms

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"
)

// taskList is what one pass over the pages read, or two of them joined.
type taskList struct {
	tasks       []*Task
	index       map[string]int // of tasks, by id
	repeated    int
	invalid     int        // a sum over passes
	invalidOnce int        // of the pass that has more
	filled      int64      // pages that brought something
	total       Opt[int64] // totalCount of the last page
	most        int64      // the largest totalCount of all pages
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
	if len(l.tasks) > before || page.Invalid > 0 {
		l.filled++
	}
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
	l.total, l.most, l.countsPages = second.total, second.most, second.countsPages
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
			if list.readTotal(pages); list.complete(len(pages)) {
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

// planned reads pages 2 to n side by side. A failure ends the requests under way, unless it is about the credentials: then the others' answers
// are awaited, since each refusal counts towards the lock of the account.
func (w *Walker) planned(ctx context.Context, progress *Progress, first *Page, n int) ([]*Page, error) {
	pages := make([]*Page, n)
	pages[0] = first
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var group errgroup.Group
	group.SetLimit(w.options.Concurrency)
	for i := 1; i < n; i++ {
		group.Go(func() (err error) {
			pages[i], err = w.page(ctx, progress, i+1)
			if err != nil && !isHeld(err) {
				cancel(err)
			}
			return err
		})
	}
	return pages, group.Wait()
}

// isHeld reports whether OMS refused the credentials, or the request was withheld because it had.
func isHeld(err error) bool {
	failure, ok := errors.AsType[*Error](err)
	return ok && failure.Hold != nil
}

// page reads one page. Should the exporter's own code panic over what OMS sent, which pages read side by side would make the end of the
// whole process, then it is this walk that fails.
func (w *Walker) page(ctx context.Context, progress *Progress, number int) (page *Page, err error) {
	defer func() {
		if value := recover(); value != nil {
			page, err = nil, FaultError(w.client.options.Target, number, value)
		}
	}()
	body, err := w.request(number).body()
	if err != nil {
		return nil, err
	}
	call := &call{Client: w.client, body: body, page: number, size: w.options.PageSize, seen: progress.answered}
	page, err = call.retry(ctx)
	if err == nil {
		progress.page()
	}
	return page, err
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
