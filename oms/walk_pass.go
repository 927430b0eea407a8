package oms

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"
)

// readPass reads all pages once: the first one, the ones that it announces, the ones after a silent cap, and one by one
// the ones after a full page.
func (w *Walker) readPass(ctx context.Context, progress *Progress) (*taskList, error) {
	first, err := w.readPage(ctx, progress, 1)
	if err != nil {
		return nil, err
	}
	plan := w.plan(first)
	w.logDecision("page 1 has %d rows, totalCount is %s: %d pages of %d rows to read", first.Rows(),
		formatTotal(first.TotalCount), plan.pages, plan.size)
	if plan.pages > int64(w.options.MaxPages) {
		return nil, w.tooManyPages(fmt.Sprintf("the list has %d pages of %d rows", plan.pages, plan.size))
	}
	pages, err := w.readPages(ctx, progress, 2, int(plan.pages))
	if err != nil {
		return nil, err
	}
	list := &taskList{countsPages: plan.countsPages}
	list.add(append([]*Page{first}, pages...)...)
	if err := w.checkRepeatedPages(list); err != nil {
		return nil, err
	}
	if err := w.readPastCap(ctx, progress, list); err != nil {
		return nil, err
	}
	if err := w.readPastFullPage(ctx, progress, list, plan); err != nil {
		return nil, err
	}
	// Only at the end: any totalCount that is too low equals the number of pages at some point.
	list.countsPages = list.totalCountsPages()
	return list, w.checkNotEmpty(list)
}

// plan is the number and size of the pages, by the first page.
type plan struct {
	pages       int64 // pages to read, whatever their length
	size        int   // rows of a full page
	countsPages bool  // totalCount counts pages
}

// plan returns the number of pages. A first page with fewer rows than its size does not prove a smaller size: OMS can
// leave out the rows that the user may not see, after paging. totalCount counts tasks, but the documentation of OMS
// says pages. More rows than totalCount prove that it counts pages.
func (w *Walker) plan(first *Page) plan {
	rows, total := first.Rows(), first.TotalCount.Value
	p := plan{pages: 1, size: w.options.PageSize}
	if announced := first.PageSize.Value; announced >= int64(rows) && announced > 0 && announced < int64(p.size) {
		p.size = int(announced)
	}
	p.size = max(p.size, rows) // some servers have a minimum size
	switch {
	case total <= 0:
		p.countsPages = first.TotalCount.Valid && rows > 0
	case int64(rows) > total:
		p.pages, p.countsPages = total, true
	default:
		p.pages = pagesFor(total, p.size)
	}
	return p
}

// pagesFor returns the number of pages for so many rows.
func pagesFor(rows int64, size int) int64 { return (rows-1)/int64(size) + 1 }

// readPastCap reads on after the planned pages while ids are missing: the server may limit pageSize silently. It stops
// at the page that reaches totalCount if every page has as many rows as the longest one. It also stops after
// Concurrency pages without a new id.
func (w *Walker) readPastCap(ctx context.Context, progress *Progress, list *taskList) error {
	planned := len(list.pages)
	for list.missing() > 0 {
		read := len(list.pages)
		withoutNew := min(list.pagesWithoutNew, read-planned)
		last := pagesFor(list.total.Value, max(1, list.maxRows))
		next := min(last, int64(read+w.options.Concurrency-withoutNew))
		if next <= int64(read) {
			return nil
		}
		if next = min(next, int64(w.options.MaxPages)); next <= int64(read) {
			if withoutNew > 0 {
				return nil
			}
			return w.tooManyPages(fmt.Sprintf("%d of %d tasks are missing after page %d", list.missing(),
				list.total.Value, read))
		}
		w.logDecision("%d of %d tasks are missing, and no page has more than %d rows: reading up to page %d",
			list.missing(), list.total.Value, list.maxRows, next)
		pages, err := w.readPages(ctx, progress, read+1, int(next))
		if err != nil {
			return err
		}
		list.add(pages...)
	}
	return nil
}

// readPastFullPage reads on, one page at a time, while the last page is full. A page is full if it has the rows of a
// full page or, under a silent cap, as many as any other page. The only page of a short list is not full if totalCount
// confirms it. After the planned pages, a page without a new id is the end.
func (w *Walker) readPastFullPage(ctx context.Context, progress *Progress, list *taskList, plan plan) error {
	for {
		number := len(list.pages)
		rows := list.pages[number-1].Rows()
		full := rows > 0 && rows >= plan.size
		capped := rows > 0 && rows == list.maxRows && (number > 1 || !list.complete())
		switch {
		case !full && !capped:
			return nil
		case list.pagesWithoutNew > 0 && int64(number) > plan.pages:
			w.logDecision("page %d has no new task: end of the list", number)
			return nil
		case number == w.options.MaxPages && (!full || list.complete()):
			return nil
		case number == w.options.MaxPages:
			return w.tooManyPages(fmt.Sprintf("page %d is full", number))
		}
		w.logDecision("page %d is full: reading one more", number)
		page, err := w.readPage(ctx, progress, number+1)
		if err != nil {
			return err
		}
		list.add(page)
	}
}

// readPages reads the pages from..to at the same time, none if to is less than from. A failure cancels the other
// requests. A refusal of the credentials does not: each refusal counts towards the lock of the account, so their
// answers are awaited.
func (w *Walker) readPages(ctx context.Context, progress *Progress, from, to int) ([]*Page, error) {
	pages := make([]*Page, max(0, to-from+1))
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var group errgroup.Group
	group.SetLimit(w.options.Concurrency)
	var once sync.Once
	var failure error // the first one: the canceled requests fail after it
	for i := range pages {
		group.Go(func() (err error) {
			pages[i], err = w.readPage(ctx, progress, from+i)
			if err == nil {
				return nil
			}
			once.Do(func() { failure = err })
			if !isWithheld(err) {
				cancel(err)
			}
			return nil
		})
	}
	_ = group.Wait() // see failure
	return pages, failure
}

// isWithheld reports whether OMS refused the credentials or the request was withheld because of that.
func isWithheld(err error) bool {
	failure, ok := errors.AsType[*Error](err)
	return ok && failure.Hold != nil
}

// readPage reads one page. A panic of the exporter over an answer fails this walk. Without the recover, it would end
// the process, because pages are read in goroutines.
func (w *Walker) readPage(ctx context.Context, progress *Progress, number int) (page *Page, err error) {
	defer func() {
		if value := recover(); value != nil {
			page, err = nil, PanicError(w.client.options.Target, number, value)
		}
	}()
	body, err := w.request(number).body()
	if err != nil {
		return nil, err
	}
	call := &call{Client: w.client, body: body, page: number, size: w.options.PageSize, progress: progress}
	page, err = call.retry(ctx)
	if err == nil {
		progress.addPage()
	}
	return page, err
}

func (w *Walker) tooManyPages(what string) *Error {
	return w.newError(Limit, 0, fmt.Sprintf("%s, and max_pages is %d", what, w.options.MaxPages),
		"raise max_pages, or split the tasks across targets with filters")
}

func formatTotal(n Opt[int64]) string {
	if !n.Valid {
		return "missing"
	}
	return fmt.Sprint(n.Value)
}
