package simulator

import "sync"

// keptPages are pages of generated tasks, rendered once and served from memory.
type keptPages struct {
	mu    sync.Mutex
	pages map[keptKey]*keptPage
}

type keptKey struct {
	style
	form         Form
	extra        ExtraShape
	size, number int
	total        Total
	totalMore    int
	pastEnd      PastEnd
	over         OverCap
	asked        int
}

type keptPage struct {
	once sync.Once
	content
}

// keptPage gives a page of generated tasks that is asked for in the usual way; nil where it has to be made for this request.
func (x *exchange) keptPage(size int) *content {
	g, ok := x.tasks.(*generated)
	q, b := &x.request.Query, &x.behave
	if !ok || !q.everything() || !b.plainPaging() {
		return nil
	}
	key := keptKey{style: b.style(), form: b.Form, extra: b.ExtraInfo, size: size, number: q.page(),
		total: b.Total, totalMore: b.TotalMore, pastEnd: b.PastEnd, over: b.OverCap, asked: q.size()}
	x.kept.mu.Lock()
	if x.kept.pages == nil {
		x.kept.pages = map[keptKey]*keptPage{}
	}
	kept := x.kept.pages[key]
	if kept == nil {
		kept = &keptPage{}
		x.kept.pages[key] = kept
	}
	x.kept.mu.Unlock()
	kept.once.Do(func() {
		p := cut(g.heads, q, size, b)
		kept.parts = p.envelope(b, requestID(g.now, *q))
	})
	return &kept.content
}
