package simulator

import (
	"fmt"
	"slices"
	"testing"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

// pages requests the pages 1 to n.
func (c *caller) pages(t *testing.T, n, size int) (pages [][]string, envelopes []map[string]any) {
	t.Helper()
	for number := 1; number <= n; number++ {
		a := c.list(fmt.Sprintf(`{"order":"asc","pageSize":%d,"pageNumber":%d}`, size, number))
		pages = append(pages, a.ids(t))
		envelopes = append(envelopes, a.envelope(t))
	}
	return pages, envelopes
}

func lengths(pages [][]string) []int {
	n := make([]int, len(pages))
	for i := range pages {
		n[i] = len(pages[i])
	}
	return n
}

func TestPaging(t *testing.T) {
	s, c := serve(t, fixedClock(StoryTime))
	truth := idsOf(s.Truth(s.Now()))
	n := len(truth)
	size := n * 2 / 5 // two pages and a rest
	rest := n - 2*size
	for _, tt := range []struct {
		rule      string
		behaviour Behaviour
		lengths   []int
		total     any // totalCount of page 1
		whole     bool
	}{
		{"the page after the last one is empty", Behaviour{}, []int{size, size, rest, 0}, float64(n), true},
		{"data is null after the last page", Behaviour{PastEnd: PastNull}, []int{size, size, rest, 0}, float64(n), true},
		{"every page after the last one repeats it", Behaviour{PastEnd: PastRepeat}, []int{size, size, rest, rest}, float64(n),
			true},
		{"totalCount counts pages", Behaviour{Total: TotalPages}, []int{size, size, rest, 0}, 3.0, true},
		{"totalCount is zero", Behaviour{Total: TotalZero}, []int{size, size, rest, 0}, 0.0, true},
		{"totalCount is null", Behaviour{Total: TotalNull}, []int{size, size, rest, 0}, nil, true},
		{"totalCount is missing", Behaviour{Total: TotalAbsent}, []int{size, size, rest, 0}, nil, true},
		{"totalCount is too high", Behaviour{TotalMore: 4}, []int{size, size, rest, 0}, float64(n + 4), true},
		{"pageNumber is ignored", Behaviour{FirstOnly: true}, []int{size, size, size, size}, float64(n), false},
		{"a page in the middle is empty", Behaviour{PageRows: map[int]int{2: 0}}, []int{size, 0, size, rest},
			float64(n), true},
		{"a page in the middle is short", Behaviour{PageRows: map[int]int{2: 3}}, []int{size, 3, size, n - 2*size - 3},
			float64(n), true},
		{"rows are lost", Behaviour{LostRows: map[int][]int{2: {0, 5}}}, []int{size, size - 2, rest, 0}, float64(n),
			false},
		{"the user may see every fifth row", Behaviour{Visible: 5},
			[]int{(size + 4) / 5, (2*size+4)/5 - (size+4)/5, (n+4)/5 - (2*size+4)/5, 0}, float64(n), false},
		{"pages overlap", Behaviour{Overlap: 4}, []int{size, size, rest + 8, 0}, float64(n), true},
		{"rows are null, texts, or without an id", Behaviour{NullRows: 2, NoIDRows: 1, TextRows: 1}, nil, float64(n + 4),
			true},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			c.t = t
			s.Set(func(b *Behaviour) { *b = tt.behaviour })
			pages, envelopes := c.pages(t, 4, size)
			if tt.lengths != nil && !slices.Equal(lengths(pages), tt.lengths) {
				t.Errorf("pages of %v rows, want %v", lengths(pages), tt.lengths)
			}
			total, there := envelopes[0]["totalCount"]
			if total != tt.total || there == (tt.behaviour.Total == TotalAbsent) {
				t.Errorf("totalCount %v, present %t, want %v", total, there, tt.total)
			}
			seen := slices.Concat(pages...)
			whole := true
			for _, id := range truth {
				whole = whole && slices.Contains(seen, id)
			}
			if whole != tt.whole {
				t.Errorf("every task is on a page: %t, want %t", whole, tt.whole)
			}
			if got, want := envelopes[3]["data"] == nil, tt.behaviour.PastEnd == PastNull; got != want {
				t.Errorf("data of page 4 is null: %t, want %t", got, want)
			}
		})
	}
}

func TestList(t *testing.T) {
	t.Run("records that are no tasks are spread over the list", func(t *testing.T) {
		s, c := serve(t, fixedClock(StoryTime))
		s.Set(func(b *Behaviour) { b.NullRows, b.NoIDRows, b.TextRows = 2, 1, 1 })
		null, texts, withoutID := 0, 0, 0
		for _, r := range c.list(allRows).envelope(t)["data"].([]any) {
			switch r := r.(type) {
			case nil:
				null++
			case string:
				texts++
			case map[string]any:
				if r["id"] == nil {
					withoutID++
				}
			}
		}
		if null != 2 || texts != 1 || withoutID != 1 {
			t.Errorf("%d null, %d texts, %d without id", null, texts, withoutID)
		}
	})
	t.Run("a larger pageSize is refused or capped", func(t *testing.T) {
		s, c := serve(t, fixedClock(StoryTime))
		for over, pageSize := range map[OverCap]any{CapRefused: nil, CapAnnounced: 20.0, CapSilent: 50.0} {
			s.Set(func(b *Behaviour) { b.Cap, b.OverCap = 20, over })
			a := c.list(`{"pageSize":50}`)
			e := a.envelope(t)
			if rows := len(a.ids(t)); e["pageSize"] != pageSize || (rows != 20) != (over == CapRefused) {
				t.Errorf("%v: pageSize %v with %d rows", over, e["pageSize"], rows)
			}
			if e["success"] != (over != CapRefused) {
				t.Errorf("%v: success %v", over, e["success"])
			}
		}
	})
	t.Run("tasks are added and removed between pages", func(t *testing.T) {
		s, c := serve(t, fixedClock(StoryTime))
		before := idsOf(s.Truth(s.Now()))
		s.Set(func(b *Behaviour) {
			b.Changes = []Change{{Request: 2, Add: "np_new"}, {Request: 3, Remove: before[0]},
				{Request: 3, Add: "np_old", First: true}}
		})
		pages, envelopes := c.pages(t, 3, 40)
		n := float64(len(before))
		if totals := []any{envelopes[0]["totalCount"], envelopes[1]["totalCount"],
			envelopes[2]["totalCount"]}; !slices.Equal(totals, []any{n, n + 1, n + 1}) {
			t.Errorf("totalCount %v after %v tasks", totals, n)
		}
		if slices.Contains(pages[0], "np_new") {
			t.Error("the task is listed before it is added")
		}
		after := idsOf(s.Truth(s.Now()))
		if after[0] != "np_old" || after[len(after)-1] != "np_new" || slices.Contains(after, before[0]) {
			t.Errorf("the truth now begins with %s and ends with %s", after[0], after[len(after)-1])
		}
	})
	t.Run("ended tasks are hidden unless their status is requested", func(t *testing.T) {
		s, c := serve(t, fixedClock(StoryTime))
		all := len(s.Truth(s.Now()))
		s.Set(func(b *Behaviour) { b.HideEnded = true })
		ended := c.list(`{"status":["RELEASED","DELETED"],"pageSize":150}`).ids(t)
		got := c.list(`{"pageSize":150}`).ids(t)
		if len(ended) == 0 || len(got) != all-len(ended) || len(s.Truth(s.Now())) != len(got) {
			t.Errorf("%d of %d tasks, %d ended, %d in truth", len(got), all, len(ended), len(s.Truth(s.Now())))
		}
	})
	t.Run("requests are logged and counted", func(t *testing.T) {
		o := fixedClock(StoryTime)
		o.User, o.Password = "monitor", "secret-word"
		s, c := serve(t, o)
		c.user, c.password = "monitor", "secret-word"
		c.list(`{"pageNumber":2,"pageSize":5,"status":["RUNNING"]}`)
		c.list(`{"pageSize":151}`)
		c.password = "other"
		c.list(`{}`)
		got := s.Requests()
		if len(got) != 3 {
			t.Fatalf("%d requests", len(got))
		}
		r := got[0]
		if r.Action != "ListProjects" || r.Page != 2 || r.PageSize != 5 ||
			!slices.Equal(r.Status, []string{"RUNNING"}) ||
			!r.When.Equal(testEpoch.Add(StoryTime)) || r.Method != "POST" ||
			r.Header.Get("Authorization") != "(given)" {
			t.Errorf("logged as %+v", r)
		}
		// The client can read the whole answer before the handler returns.
		testutil.Eventually(t, "all requests end", func() bool { return s.Counts().InFlight == 0 })
		if got, want := s.Counts(), (Counts{Requests: 3, Denied: 1, Pages: 1,
			MaxInFlight: s.Counts().MaxInFlight}); got != want {
			t.Errorf("counted %+v", got)
		}
		s.Reset()
		if len(s.Requests()) != 0 || s.Counts().Requests != 0 {
			t.Error("Reset keeps requests or counts")
		}
		for range maxRequests + 1 {
			s.logRequest(Request{})
		}
		if n := len(s.Requests()); n > maxRequests || n < maxRequests/2 {
			t.Errorf("%d requests kept", n)
		}
	})
}
