package oms

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/oms-exporter/oms_exporter/oms/simulator"
)

func TestWalkChanges(t *testing.T) {
	for _, tt := range []struct {
		rule     string
		tasks    int
		change   simulator.Change // from page 2 on
		pages    int
		repeated int
		gone     bool // the removed task stays: its row had been read
	}{
		{"a task added after the last one", 65, simulator.Change{Request: 2, Add: "np_new"}, 4, 0, false},
		{"a task added before the first moves the others back: a second pass finds it", 65,
			simulator.Change{Request: 2, Add: "np_old", First: true}, 8, 1, false},
		{"a task removed from a page that was read moves another to it: a second pass finds that", 65,
			simulator.Change{Request: 2, Remove: "np_gen0000003"}, 8, 0, true},
		{"a task removed before its page was read", 65, simulator.Change{Request: 2, Remove: "np_gen0000050"}, 8, 0,
			false},
		{"a task removed after its page was read", 65, simulator.Change{Request: 5, Remove: "np_gen0000003"}, 4, 0,
			true},
		{"a task added after the last page, which was full", 60, simulator.Change{Request: 2, Add: "np_new"}, 4, 0,
			false},
		{"a task removed from a page that was read, which empties the last page", 61,
			simulator.Change{Request: 2, Remove: "np_gen0000003"}, 8, 0, true},
		{"a task added to a list of one page", 20, simulator.Change{Request: 2, Add: "np_new"}, 2, 0, false},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			s, w, recorded := simulate(t, tt.tasks, simulator.Behaviour{Changes: []simulator.Change{tt.change}},
				WalkOptions{PageSize: 20, Concurrency: 1})
			walk, err := w.Walk(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			want := truth(s)
			if tt.gone {
				want = append(want, tt.change.Remove)
			}
			got := ids(walk.Tasks)
			slices.Sort(got)
			slices.Sort(want)
			if diff := cmp.Diff(slices.Compact(want), got); diff != "" {
				t.Errorf("(-want +got)\n%s%s", diff, strings.Join(recorded.decisions, "\n"))
			}
			if walk.Pages != tt.pages || s.Counts().Requests != tt.pages || walk.Repeated != tt.repeated {
				t.Errorf("%d pages, %d repeated", walk.Pages, walk.Repeated)
			}
		})
	}
}

func TestSecondPass(t *testing.T) {
	t.Run("a shortfall is confirmed once", func(t *testing.T) {
		s, w, _ := simulate(t, 65, simulator.Behaviour{}, WalkOptions{PageSize: 20})
		lost := map[int][]int{1: {3}, 2: {0, 5}}
		two := map[int][]int{2: {0, 5}}
		for i, step := range []struct {
			rule  string
			lost  map[int][]int
			pages int
		}{
			{"all are there", nil, 4},
			{"two are missing: a second pass confirms it", two, 8},
			{"while it stays the same there is no other", two, 4},
			{"still the same", two, 4},
			{"three are missing: it changed", lost, 8},
			{"the same", lost, 4},
			{"all are there again", nil, 4},
			{"three are missing: they may be others", lost, 8},
		} {
			s.Set(func(b *simulator.Behaviour) { b.LostRows = step.lost })
			if i == 3 {
				w = w.With(w.client) // as before each walk
			}
			walk, err := w.Walk(t.Context(), nil)
			missing := 0
			for _, rows := range step.lost {
				missing += len(rows)
			}
			if err != nil || walk.Pages != step.pages || len(walk.Tasks) != 65-missing ||
				walk.Reported != Some[int64](65) {
				t.Errorf("%s: %v, %d pages, %d tasks, %v reported", step.rule, err, walk.Pages, len(walk.Tasks),
					walk.Reported)
			}
		}
	})
	t.Run("the rows of both passes are joined", func(t *testing.T) {
		s, w, recorded := simulate(t, 65, simulator.Behaviour{LostRows: map[int][]int{2: {0, 5}}, NullRows: 2,
			Overlap: 1},
			WalkOptions{PageSize: 20})
		recorded.onDecision = func(text string) {
			if strings.Contains(text, "reading the list again") { // the second pass misses other rows, and one of them again
				s.Set(func(b *simulator.Behaviour) {
					b.LostRows = map[int][]int{2: {5}, 3: {9}}
					b.Changes = []simulator.Change{{Request: 1, Add: "np_new"}}
				})
			}
		}
		walk, err := w.Walk(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		want := truth(s)
		if n := len(walk.Tasks); n != len(want)-1 || walk.Pages != 8 {
			t.Errorf("%d of %d tasks, %d pages", n, len(want), walk.Pages)
		}
		// The figures are sums of both passes. totalCount is that of the second: 65 tasks, 2 null rows, 1 new task.
		if walk.Invalid != 4 || walk.Repeated == 0 || walk.Reported != Some[int64](68) {
			t.Errorf("%d invalid, %d repeated, reported %v", walk.Invalid, walk.Repeated, walk.Reported)
		}
		if got, want := *w.confirmed.Load(), (shortfall{missing: 1}); got != want {
			t.Errorf("%+v is confirmed, want %+v", got, want)
		}
	})
	t.Run("it is made only if there is time", func(t *testing.T) {
		for _, tt := range []struct {
			rule    string
			timeout time.Duration // one pass takes 4 s
			pages   int
		}{
			{"there is more time left than the first pass took", 9 * time.Second, 8},
			{"there is less", 7 * time.Second, 4},
			{"there is just as much", 8 * time.Second, 4},
			{"there is no deadline", 0, 8},
		} {
			t.Run(tt.rule, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := simulator.New(simulator.Options{Generated: 65, Behaviour: simulator.Behaviour{TotalMore: 1}})
					w := newWalker(t, newClient(t, "http://oms.test", inMemory(s, time.Second), Options{}),
						WalkOptions{PageSize: 20, Concurrency: 1})
					ctx := t.Context()
					if tt.timeout > 0 {
						var cancel context.CancelFunc
						ctx, cancel = context.WithTimeout(ctx, tt.timeout)
						defer cancel()
					}
					walk, err := w.Walk(ctx, nil)
					if err != nil || walk.Pages != tt.pages || len(walk.Tasks) != 65 {
						t.Fatalf("%v, %+v", err, walk)
					}
					if want := time.Duration(tt.pages) * time.Second; walk.Duration != want {
						t.Errorf("took %v, want %v: both passes", walk.Duration, want)
					}
				})
			})
		}
	})
	t.Run("if it takes longer than the first, the first list counts", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := simulator.New(simulator.Options{Generated: 65, Behaviour: simulator.Behaviour{TotalMore: 1}})
			fast, slow := inMemory(s, time.Second), inMemory(s, 2*time.Second)
			pages := 0
			hc := &http.Client{Transport: roundTripFunc(func(r *http.Request) (*http.Response, error) {
				if pages++; pages <= 4 {
					return fast.Transport.RoundTrip(r)
				}
				return slow.Transport.RoundTrip(r)
			})}
			w := newWalker(t, newClient(t, "http://oms.test", hc, Options{}), WalkOptions{PageSize: 20, Concurrency: 1})
			ctx, cancel := context.WithTimeout(t.Context(), 9*time.Second)
			defer cancel()
			walk, err := w.Walk(ctx, nil)
			if err != nil || len(walk.Tasks) != 65 || walk.Reported != Some[int64](66) || walk.Pages != 6 {
				t.Errorf("%v, %+v", err, walk)
			}
		})
	})
	t.Run("if it fails, the walk fails", func(t *testing.T) {
		s, w, recorded := simulate(t, 65, simulator.Behaviour{TotalMore: 1}, WalkOptions{PageSize: 20})
		recorded.onDecision = func(text string) {
			if strings.Contains(text, "reading the list again") {
				s.Set(func(b *simulator.Behaviour) { b.Faults = []simulator.Fault{simulator.CodeFault("INNER_ERROR")} })
			}
		}
		if walk, err := w.Walk(t.Context(), nil); reasonOf(err) != API || walk.Tasks != nil {
			t.Errorf("%v, %d tasks", err, len(walk.Tasks))
		}
	})
	// The last page always reports a smaller total than the others.
	t.Run("a list whose total always shrinks has one, not one per scrape", func(t *testing.T) {
		pages := []string{
			`{"totalCount":5,"data":[{"id":"a"},{"id":"b"}]}`,
			`{"totalCount":5,"data":[{"id":"c"},{"id":"d"}]}`,
			`{"totalCount":4,"data":[]}`,
		}
		url, hc := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = w.Write([]byte(pages[pageNumber(t, r)-1]))
		}))
		w := newWalker(t, newClient(t, url, hc, Options{}), WalkOptions{PageSize: 2})
		for scrape, want := range []int{6, 3, 3} {
			if walk, err := w.Walk(t.Context(), nil); err != nil || walk.Pages != want || len(walk.Tasks) != 4 {
				t.Errorf("scrape %d: %v, %d pages, %d tasks", scrape, err, walk.Pages, len(walk.Tasks))
			}
		}
	})
}

func TestWalkRows(t *testing.T) {
	t.Run("of rows with the same id the last one counts", func(t *testing.T) {
		page := func(status, more string) string {
			return fmt.Sprintf(`{"totalCount":4,"data":[{"id":"a","status":%[1]q},{"id":"b","status":%[1]q}%[2]s]}`,
				status, more)
		}
		requests := 0
		url, hc := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			requests++
			_, _ = w.Write([]byte([]string{page("1", `,{"id":"a","status":"2"}`), `{"data":null}`, page("3", ""),
				`{"totalCount":4,"data":[{"id":"c"}]}`}[requests-1]))
		}))
		w := newWalker(t, newClient(t, url, hc, Options{}), WalkOptions{PageSize: 3, Concurrency: 1})
		walk, err := w.Walk(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, task := range walk.Tasks {
			got += task.ID + task.Status + " "
		}
		if got != "a3 b3 c " || walk.Repeated != 1 || walk.Pages != 4 || walk.Reported != Some[int64](4) {
			t.Errorf("%s%+v", got, walk)
		}
	})
	// The example reports 151 tasks and has one.
	t.Run("the example in the documentation is a complete walk", func(t *testing.T) {
		url, hc := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			row := ""
			if pageNumber(t, r) == 1 {
				row = `{"id":"np_4w****","type":"MIGRATION"}`
			}
			_, _ = fmt.Fprintf(w, `{"success":"true","errorDetail":null,"code":null,"message":null,"advice":null,
			"requestId":"e8dec2fe-40****","pageNumber":"1","pageSize":"5",
			"totalCount":"151","cost":"54 ms","data":[%s]}`, row)
		}))
		w := newWalker(t, newClient(t, url, hc, Options{}), WalkOptions{})
		walk, err := w.Walk(t.Context(), nil)
		if err != nil || len(walk.Tasks) != 1 || walk.Reported != Some[int64](151) {
			t.Errorf("%+v, %v", walk, err)
		}
	})
}

func TestWalkRequests(t *testing.T) {
	t.Run("every page is requested with the same parameters", func(t *testing.T) {
		filter := Filter{
			SearchKey: "gen", Type: "MIGRATION", Statuses: []string{"RUNNING", "RELEASED"},
			SourceTypes: []string{"MYSQL", "ORACLE"}, SinkTypes: []string{"OB_MYSQL", "OB_ORACLE"}, Subtasks: true,
		}
		s, w, _ := simulate(t, 200, simulator.Behaviour{Cap: 15, OverCap: simulator.CapAnnounced},
			WalkOptions{PageSize: 20, Filter: filter})
		if _, err := w.Walk(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		requests := s.Requests()
		pages := map[int]int{}
		for _, r := range requests {
			pages[r.Page]++
			if r.PageSize != 20 || r.SortField != "gmtCreate" || r.Order != "asc" || r.SearchKey != "gen" ||
				r.Type != "MIGRATION" || len(r.Status) != 2 ||
				len(r.SourceEndpointTypes) != 2 || len(r.SinkEndpointTypes) != 2 || !r.VisibleSubProject {
				t.Errorf("requested with %+v", r.Query)
			}
			if r.Method != http.MethodPost || r.Action != ActionListProjects ||
				r.Header.Get("Content-Type") != "application/json" {
				t.Errorf("%s %s %v", r.Method, r.Action, r.Header)
			}
		}
		for page := range len(pages) {
			if pages[page+1] != 1 {
				t.Errorf("page %d was requested %d times", page+1, pages[page+1])
			}
		}
		if len(pages) < 3 {
			t.Errorf("%d pages only", len(pages))
		}
	})
	t.Run("the concurrency limits the pages requested at the same time", func(t *testing.T) {
		for _, concurrency := range []int{1, 2, 4, 0} {
			s, w, _ := simulate(t, 400, simulator.Behaviour{Faults: []simulator.Fault{{Delay: 10 * time.Millisecond}}},
				WalkOptions{PageSize: 20, Concurrency: concurrency})
			if _, err := w.Walk(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
			want := concurrency
			if want == 0 {
				want = 4
			}
			if most := s.Counts().MaxInFlight; most > want || want > 1 && most == 1 {
				t.Errorf("%d pages in flight, want %d", most, want)
			}
		}
	})
}
