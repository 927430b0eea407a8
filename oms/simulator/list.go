package simulator

import (
	"cmp"
	"slices"
	"time"
)

// selected returns the tasks of a request, sorted, with the changes of the behaviour.
func (s *Simulator) selected(now time.Time, q *Query, b *Behaviour, serial int) []entry {
	entries := s.entries(now)
	for _, c := range b.Changes {
		if serial >= c.Request {
			entries = c.apply(entries, now, s.epoch)
		}
	}
	entries = slices.DeleteFunc(entries, func(e entry) bool {
		ended := e.Status == "RELEASED" || e.Status == "DELETED"
		return b.HideEnded && ended && len(q.Status) == 0 || !q.matches(&e.Row)
	})
	slices.SortStableFunc(entries, func(x, y entry) int {
		at, bt := x.Created, y.Created
		if q.SortField == "gmtModified" {
			at, bt = x.Modified, y.Modified
		}
		order := cmp.Or(at.Compare(bt), cmp.Compare(x.ID, y.ID))
		if !q.ascending() {
			order = -order
		}
		return order
	})
	return entries
}

func (c Change) apply(entries []entry, now, epoch time.Time) []entry {
	if c.Remove != "" {
		entries = slices.DeleteFunc(entries, func(e entry) bool { return e.ID == c.Remove })
	}
	if c.Add != "" {
		created := now
		if c.First {
			created = epoch.AddDate(-10, 0, 0)
		}
		t := addedTask(c.Add, created)
		entries = append(entries, entry{Row: t.row(), task: func() *task { return t }})
	}
	return entries
}

// withNonTasks spreads records that are no tasks over the list.
func withNonTasks(entries []entry, b *Behaviour) []entry {
	var odd []any
	for range b.NullRows {
		odd = append(odd, nil)
	}
	for range b.NoIDRows {
		odd = append(odd, object{member("id", nil), member("type", "MIGRATION"), member("name", "without_id"),
			member("status", "RUNNING")})
	}
	for range b.TextRows {
		odd = append(odd, "no object")
	}
	gap := len(entries)/(len(odd)+1) + 1
	for i, value := range odd {
		at := min((i+1)*gap, len(entries))
		entries = slices.Insert(entries, at, entry{nonTask: value})
	}
	return entries
}

// page is a page of the list with the figures of its envelope.
type page struct {
	entries      []entry
	null         bool // data is null
	number, size int
	total        any // nil: null
	noTotal      bool
}

// pageOf returns the page of a request. size is the effective size.
func pageOf(entries []entry, q *Query, size int, b *Behaviour) page {
	size = max(size, b.MinPageSize)
	p := page{number: q.page(), size: size}
	if b.OverCap == CapSilent {
		p.size = q.size()
	}
	if b.FirstOnly {
		p.number = 1
	}
	pages := pageBounds(len(entries), size, b)
	switch {
	case p.number <= len(pages):
		p.entries = b.visible(entries, pages[p.number-1])
	case b.PastEnd == PastNull:
		p.null = true
	case b.PastEnd == PastRepeat && len(pages) > 0:
		p.entries = b.visible(entries, pages[len(pages)-1])
	}
	if lost := b.LostRows[p.number]; len(lost) > 0 {
		kept := make([]entry, 0, len(p.entries))
		for i, e := range p.entries {
			if !slices.Contains(lost, i) {
				kept = append(kept, e)
			}
		}
		p.entries = kept
	}
	p.count(len(entries), len(pages), b)
	return p
}

// visible returns the records of a page that the user may see.
func (b *Behaviour) visible(entries []entry, page [2]int) []entry {
	if b.Visible <= 1 {
		return entries[page[0]:page[1]]
	}
	var visible []entry
	for i := page[0]; i < page[1]; i++ {
		if i%b.Visible == 0 {
			visible = append(visible, entries[i])
		}
	}
	return visible
}

// pageBounds returns the begin and end of each page in a list of n records.
func pageBounds(n, size int, b *Behaviour) [][2]int {
	var pages [][2]int
	for at := 0; at < n; {
		begin := at
		if len(pages) > 0 {
			begin = max(at-b.Overlap, 0)
		}
		rows := size
		if most, ok := b.PageRows[len(pages)+1]; ok {
			rows = min(rows, most)
		}
		if rows <= at-begin { // a page has to be longer than the overlap
			begin = at
		}
		end := min(begin+rows, n)
		pages = append(pages, [2]int{begin, end})
		at = end
	}
	return pages
}

func (p *page) count(records, pages int, b *Behaviour) {
	switch b.Total {
	case TotalPages:
		p.total = pages + b.TotalMore
	case TotalZero:
		p.total = 0
	case TotalNull:
	case TotalAbsent:
		p.noTotal = true
	default:
		p.total = records + b.TotalMore
	}
}
