package oms

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
)

// script has the answers of an OMS, made from the bytes of a fuzz target. They are the same in each pass.
type script struct {
	options   WalkOptions
	announced int // pageSize of every answer; 0: none
	pages     []scriptedPage
	past      int // after the last page: an empty list, null, the last page or the first page

	mu       sync.Mutex
	requests map[int]int // by page
	faults   int         // answers that end a walk
	stray    bool        // a request that a walk must not send
}

type scriptedPage struct {
	ids   []int // 0: null
	total string
	fault int // 4: 503 once; 5: two resets; 6: always ends early; 7: success false
}

const scriptedMaxPages = 30

func newScript(data []byte) *script {
	next := func() int {
		if len(data) == 0 {
			return 0
		}
		b := data[0]
		data = data[1:]
		return int(b)
	}
	s := &script{requests: make(map[int]int)}
	s.options = WalkOptions{Concurrency: next()%5 + 1, PageSize: next()%5 + 1, MaxPages: scriptedMaxPages}
	s.announced, s.past = next()%8, next()%4
	total, mode := next()%80, next()
	id := 1
	for len(data) > 0 && len(s.pages) < scriptedMaxPages {
		shape, more := next(), next()
		page := scriptedPage{fault: more % 8, total: fmt.Sprintf(`"totalCount":%d,`, max(0, total+more>>3%3-1))}
		if mode%4 == 0 {
			page.total = ""
		}
		for range shape % (s.options.PageSize + 2) {
			switch {
			case shape>>4 == 1 && id > 1:
				page.ids = append(page.ids, id-1) // a row of an earlier page
			case shape>>4 == 2:
				page.ids = append(page.ids, 0)
			default:
				page.ids = append(page.ids, id)
				id++
			}
		}
		if shape>>4 == 3 && len(s.pages) > 0 {
			page.ids = s.pages[len(s.pages)-1].ids
		}
		s.pages = append(s.pages, page)
	}
	return s
}

// at returns a page by its number, also after the last one.
func (s *script) at(number int) scriptedPage {
	switch {
	case number <= len(s.pages):
		return s.pages[number-1]
	case s.past == 2 && len(s.pages) > 0:
		return scriptedPage{ids: s.pages[len(s.pages)-1].ids, total: s.pages[len(s.pages)-1].total}
	case s.past == 3 && len(s.pages) > 0:
		return scriptedPage{ids: s.pages[0].ids, total: s.pages[0].total}
	}
	return scriptedPage{}
}

func (s *script) answer(r *http.Request) (*http.Response, error) {
	var asked struct{ PageNumber, PageSize int }
	err := json.NewDecoder(r.Body).Decode(&asked)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stray = s.stray || err != nil || asked.PageNumber < 1 || asked.PageNumber > scriptedMaxPages ||
		asked.PageSize != s.options.PageSize
	s.requests[asked.PageNumber]++
	page := s.at(asked.PageNumber)
	attempt := s.requests[asked.PageNumber]
	switch {
	case page.fault == 4 && attempt == 1:
		return answer(503, ""), nil
	case page.fault == 5 && attempt <= 2:
		return nil, syscall.ECONNRESET
	case page.fault == 6:
		s.faults++
		return answer(200, `{"data":[{"id":1},`), nil
	case page.fault == 7:
		s.faults++
		return answer(200, `{"success":false,"code":"INNER_ERROR"}`), nil
	}
	var rows []string
	for _, id := range page.ids {
		row := "null"
		if id > 0 {
			row = fmt.Sprintf(`{"id":%d,"name":"of page %d"}`, id, asked.PageNumber)
		}
		rows = append(rows, row)
	}
	data := "[" + strings.Join(rows, ",") + "]"
	if len(rows) == 0 && s.past == 1 {
		data = "null"
	}
	size := ""
	if s.announced > 0 {
		size = fmt.Sprintf(`"pageSize":%d,`, s.announced)
	}
	return answer(200, "{"+page.total+size+`"data":`+data+"}"), nil
}

// model returns the tasks of the pages up to a number. The last page with an id counts.
func (s *script) model(last int) map[string]string {
	want := make(map[string]string)
	for number := 1; number <= last; number++ {
		for _, id := range s.at(number).ids {
			if id > 0 {
				want[fmt.Sprint(id)] = fmt.Sprintf("of page %d", number)
			}
		}
	}
	return want
}

// lastNew returns the last page up to a number with a new id, or 0.
func (s *script) lastNew(last int) int {
	for ; last > 0; last-- {
		if len(s.model(last)) > len(s.model(last-1)) {
			return last
		}
	}
	return 0
}

// A walk returns each row of its pages once, or no row. It reads on while pages are full. It does not read many more
// pages than there are.
func FuzzWalk(f *testing.F) {
	f.Add([]byte{3, 4, 0, 0, 12, 1, 5, 0, 5, 0, 2, 0})                         // three pages
	f.Add([]byte{3, 4, 0, 2, 60, 1, 1, 0, 1, 0, 1, 0, 1, 0})                   // filtered rows; the last page is repeated
	f.Add([]byte{1, 4, 0, 0, 12, 1, 3, 0, 3, 0, 3, 0, 3, 0})                   // a silent cap
	f.Add([]byte{2, 3, 0, 3, 0, 0, 4, 0, 0x14, 8, 0x34, 16})                   // no totalCount, repeated rows
	f.Add([]byte{4, 2, 2, 1, 9, 1, 3, 4, 0x23, 5, 3, 8})                       // temporary faults, null rows
	f.Add([]byte{0, 0, 0, 0, 30, 1, 1, 0, 0, 0, 1, 0, 0, 0, 1, 6, 1, 7, 1, 0}) // lasting faults
	f.Fuzz(func(t *testing.T, data []byte) {
		synctest.Test(t, func(t *testing.T) { // pauses take no time here
			s := newScript(data)
			hc := &http.Client{Transport: roundTripFunc(s.answer)}
			walk, err := newWalker(t, newClient(t, "http://oms.test", hc, Options{}), s.options).Walk(t.Context(), nil)
			s.check(t, walk, err)
		})
	})
}

func (s *script) check(t *testing.T, walk *Walk, err error) {
	last := 0
	for number := range s.requests {
		last = max(last, number)
	}
	if s.stray {
		t.Errorf("a request that no walk may send")
	}
	var first struct{ TotalCount int }
	_ = json.Unmarshal([]byte("{"+strings.TrimSuffix(s.at(1).total, ",")+"}"), &first) // it may be missing
	planned := max(1, first.TotalCount)                                                // if it counts pages
	size := s.options.PageSize
	if s.announced > 0 && s.announced < size && s.announced >= len(s.at(1).ids) {
		size = s.announced
	}
	size = max(size, len(s.at(1).ids))
	if len(s.at(1).ids) <= first.TotalCount {
		planned = max(1, (first.TotalCount+size-1)/size)
	}
	lastNew := s.lastNew(last)
	if last > max(planned, lastNew)+s.options.Concurrency {
		t.Errorf("read up to page %d; %d were planned, page %d is the last with a new id", last, planned, lastNew)
	}
	for number, n := range s.requests {
		if most := 2 * (maxAttempts + 1); n > most {
			t.Errorf("page %d was requested %d times", number, n)
		}
	}
	if err != nil {
		failure, ok := errors.AsType[*Error](err)
		if !ok || !slices.Contains(Reasons(), failure.Reason) || walk == nil || walk.Tasks != nil {
			t.Errorf("failed with %v and %+v", err, walk)
		}
		if s.faults == 0 && failure.Reason != API && failure.Reason != Limit {
			t.Errorf("failed with %v, although no answer is at fault", err)
		}
		return
	}
	if s.faults > 0 {
		t.Errorf("complete in spite of %d failures", s.faults)
	}
	for number := 1; number <= last; number++ {
		if s.requests[number] == 0 {
			t.Errorf("page %d of %d was left out", number, last)
		}
	}
	if last < planned {
		t.Errorf("%d pages read, %d were planned", last, planned)
	}
	if full := len(s.at(last).ids) >= size; full && lastNew == last && last < scriptedMaxPages {
		t.Errorf("the walk ends behind page %d, which is full", last)
	}
	want, got := s.model(last), make(map[string]string)
	for _, task := range walk.Tasks {
		if _, twice := got[task.ID]; twice {
			t.Errorf("task %s is there twice", task.ID)
		}
		got[task.ID] = task.Name
	}
	if len(got) != len(want) {
		t.Errorf("%d tasks, want %d", len(got), len(want))
	}
	for id, name := range want {
		if got[id] != name {
			t.Errorf("task %s is %q, want the row %q", id, got[id], name)
		}
	}
}
