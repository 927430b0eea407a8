package oms

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/oms-exporter/oms_exporter/oms/simulator"
)

func TestWalkPaging(t *testing.T) {
	none := Opt[int64]{}
	count := func(n int64) Opt[int64] { return Some(n) }
	all := make([]int, 20)
	for i := range all {
		all[i] = i
	}
	for _, tt := range []struct {
		rule      string
		tasks     int // in pages of 20
		behaviour simulator.Behaviour
		pages     int // of both passes, if there are two
		repeated  int
		invalid   int
		reported  Opt[int64]
	}{
		{"the last page is short", 65, simulator.Behaviour{}, 4, 0, 0, count(65)},
		{"the last page is full: an empty one ends the list", 60, simulator.Behaviour{}, 4, 0, 0, count(60)},
		{"the last page is full: a null one ends the list", 60, simulator.Behaviour{PastEnd: simulator.PastNull}, 4, 0,
			0, count(60)},
		{"the last page is full: one that repeats it ends the list", 60,
			simulator.Behaviour{PastEnd: simulator.PastRepeat}, 4, 20, 0, count(60)},
		{"a cap that is announced", 65, simulator.Behaviour{Cap: 15, OverCap: simulator.CapAnnounced}, 5, 0, 0,
			count(65)},
		{"a cap that is silent", 65, simulator.Behaviour{Cap: 15, OverCap: simulator.CapSilent}, 5, 0, 0, count(65)},
		{"a silent cap and a last page that is full", 60, simulator.Behaviour{Cap: 15, OverCap: simulator.CapSilent}, 5,
			0, 0, count(60)},
		{"a silent cap far below the size", 65, simulator.Behaviour{Cap: 2, OverCap: simulator.CapSilent}, 33, 0, 0,
			count(65)},
		{"a silent cap and no totalCount", 65,
			simulator.Behaviour{Cap: 15, OverCap: simulator.CapSilent, Total: simulator.TotalAbsent}, 5, 0, 0, none},
		{"a silent cap and totalCount is zero", 65,
			simulator.Behaviour{Cap: 15, OverCap: simulator.CapSilent, Total: simulator.TotalZero}, 5, 0, 0, none},
		{"a silent cap and totalCount counts more pages than a page has rows", 295,
			simulator.Behaviour{Cap: 15, OverCap: simulator.CapSilent, Total: simulator.TotalPages}, 20, 0, 0, none},
		{"a silent cap, and past the end comes the last page again", 65,
			simulator.Behaviour{Cap: 15, OverCap: simulator.CapSilent,
				PastEnd: simulator.PastRepeat}, 5, 0, 0, count(65)},
		{"a silent cap and a totalCount that is too high by pages", 65,
			simulator.Behaviour{Cap: 15, OverCap: simulator.CapSilent, TotalMore: 100}, 2 * (9 + 2), 0, 0, count(165)},
		{"a silent cap and a totalCount that is too low", 65,
			simulator.Behaviour{Cap: 15, OverCap: simulator.CapSilent, TotalMore: -20}, 5, 0, 0, count(45)},
		{"a silent cap and a short page in the middle", 65,
			simulator.Behaviour{Cap: 15, OverCap: simulator.CapSilent, PageRows: map[int]int{2: 3}}, 6, 0, 0, count(65)},
		{"filtered rows: each page has one", 65, simulator.Behaviour{Visible: 20}, 2 * (4 + 4), 0, 0, count(65)},
		{"filtered rows: each page has a few", 65, simulator.Behaviour{Visible: 7}, 2 * (4 + 4), 0, 0, count(65)},
		{"filtered rows: some pages have none", 165, simulator.Behaviour{Visible: 50}, 2 * (9 + 4), 0, 0, count(165)},
		{"filtered rows, and past the end comes the last page again", 65,
			simulator.Behaviour{Visible: 7, PastEnd: simulator.PastRepeat}, 2 * (4 + 4), 2 * 4, 0, count(65)},
		{"filtered rows, one a page, and past the end comes the last page again", 80,
			simulator.Behaviour{Visible: 20, PastEnd: simulator.PastRepeat}, 2 * (4 + 4), 2 * 4, 0, count(80)},
		{"filtered rows, and past the end comes null", 65, simulator.Behaviour{Visible: 7, PastEnd: simulator.PastNull},
			2 * (4 + 4), 0, 0, count(65)},
		{"filtered rows and a silent cap", 165,
			simulator.Behaviour{Visible: 7, Cap: 15, OverCap: simulator.CapSilent}, 2 * (11 + 4), 0, 0, count(165)},
		{"filtered rows and an announced cap", 165,
			simulator.Behaviour{Visible: 7, Cap: 15, OverCap: simulator.CapAnnounced}, 2 * (11 + 4), 0, 0, count(165)},
		{"filtered rows and no totalCount", 65, simulator.Behaviour{Visible: 7, Total: simulator.TotalAbsent}, 4, 0, 0,
			none},
		{"more rows on a page than were requested", 65, simulator.Behaviour{MinPageSize: 30}, 3, 0, 0, count(65)},
		{"an announced cap and no totalCount", 65,
			simulator.Behaviour{Cap: 15, OverCap: simulator.CapAnnounced, Total: simulator.TotalAbsent}, 5, 0, 0, none},
		{"totalCount counts pages: page 1 has more rows", 65,
			simulator.Behaviour{Total: simulator.TotalPages}, 4, 0, 0, none},
		{"totalCount counts pages, and the last one is full", 60, simulator.Behaviour{Total: simulator.TotalPages}, 4,
			0, 0, none},
		{"totalCount counts pages: so many pages have rows", 470, simulator.Behaviour{Total: simulator.TotalPages},
			24, 0, 0, none},
		{"totalCount counts as many pages as a page has rows", 390, simulator.Behaviour{Total: simulator.TotalPages},
			20, 0, 0, none},
		{"the same, and past the end comes the last page again", 400,
			simulator.Behaviour{Total: simulator.TotalPages, PastEnd: simulator.PastRepeat}, 21, 20, 0, none},
		{"totalCount counts pages under a silent cap", 65,
			simulator.Behaviour{Total: simulator.TotalPages, Cap: 15, OverCap: simulator.CapSilent}, 5, 0, 0, none},
		{"totalCount is null", 65, simulator.Behaviour{Total: simulator.TotalNull}, 4, 0, 0, none},
		{"totalCount is missing", 65, simulator.Behaviour{Total: simulator.TotalAbsent}, 4, 0, 0, none},
		{"totalCount is missing and the last page full", 60, simulator.Behaviour{Total: simulator.TotalAbsent}, 4, 0, 0,
			none},
		{"totalCount is zero", 65, simulator.Behaviour{Total: simulator.TotalZero}, 4, 0, 0, none},
		{"totalCount is too high within the last page", 65, simulator.Behaviour{TotalMore: 3}, 8, 0, 0, count(68)},
		{"totalCount is too high by a page: it is empty", 65, simulator.Behaviour{TotalMore: 20}, 10, 0, 0, count(85)},
		{"totalCount is too high and past the end comes null", 65,
			simulator.Behaviour{TotalMore: 20, PastEnd: simulator.PastNull}, 10, 0, 0, count(85)},
		{"totalCount is too low by a page", 65, simulator.Behaviour{TotalMore: -10}, 4, 0, 0, count(55)},
		{"totalCount is too low by pages", 65, simulator.Behaviour{TotalMore: -40}, 4, 0, 0, count(25)},
		{"totalCount is below the rows of page 1", 65, simulator.Behaviour{TotalMore: -50}, 15, 0, 0, none},
		{"a planned page is empty", 65, simulator.Behaviour{PageRows: map[int]int{2: 0}}, 5, 0, 0, count(65)},
		{"a page in the middle is short", 65, simulator.Behaviour{PageRows: map[int]int{2: 3}}, 5, 0, 0, count(65)},
		{"page 1 is short", 65, simulator.Behaviour{PageRows: map[int]int{1: 3}}, 5, 0, 0, count(65)},
		{"pages in the middle are empty", 165, simulator.Behaviour{PageRows: map[int]int{3: 0, 4: 0, 5: 0}}, 12, 0, 0,
			count(165)},
		{"the first pages are empty", 65, simulator.Behaviour{PageRows: map[int]int{1: 0, 2: 0, 3: 0, 4: 0}}, 8, 0, 0,
			count(65)},
		{"page 1 is empty", 65, simulator.Behaviour{PageRows: map[int]int{1: 0}}, 5, 0, 0, count(65)},
		{"rows are on two pages", 65, simulator.Behaviour{Overlap: 4}, 4, 12, 0, count(65)},
		{"rows are on two pages, and there is one more page", 75, simulator.Behaviour{Overlap: 4}, 5, 16, 0,
			count(75)},
		{"rows that are invalid count as seen", 65, simulator.Behaviour{NullRows: 2, NoIDRows: 1, TextRows: 1}, 4, 0, 4,
			count(69)},
		{"rows are lost: a second pass confirms it", 65, simulator.Behaviour{LostRows: map[int][]int{2: {0, 5}}}, 8, 0,
			0, count(65)},
		{"a planned page is lost whole", 65, simulator.Behaviour{LostRows: map[int][]int{2: all}}, 8, 0, 0, count(65)},
		{"page 1 is lost whole", 65, simulator.Behaviour{LostRows: map[int][]int{1: all}}, 8, 0, 0, count(65)},
		{"one page", 7, simulator.Behaviour{}, 1, 0, 0, count(7)},
		{"quoted scalars", 65, simulator.Behaviour{Form: simulator.Quoted}, 4, 0, 0, count(65)},
		{"keys that begin with a capital", 65, simulator.Behaviour{Form: simulator.Pascal, PascalRows: true}, 4, 0, 0,
			count(65)},
		{"gzip", 65, simulator.Behaviour{Gzip: true}, 4, 0, 0, count(65)},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			s, w, recorded := simulate(t, tt.tasks, tt.behaviour, WalkOptions{PageSize: 20})
			walk, err := w.Walk(t.Context(), nil)
			if err != nil {
				t.Fatalf("%v\n%s", err, strings.Join(recorded.decisions, "\n"))
			}
			want := truth(s)
			for page, lost := range tt.behaviour.LostRows {
				for _, row := range slices.Backward(lost) {
					at := (page-1)*20 + row
					want = slices.Delete(want, at, at+1)
				}
			}
			if n := tt.behaviour.Visible; n > 0 {
				var visible []string
				for i := 0; i < len(want); i += n {
					visible = append(visible, want[i])
				}
				want = visible
			}
			if diff := cmp.Diff(want, ids(walk.Tasks)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			got := fmt.Sprintf("%d pages, %d repeated, %d invalid, reported %v", walk.Pages, walk.Repeated,
				walk.Invalid, walk.Reported)
			if want := fmt.Sprintf("%d pages, %d repeated, %d invalid, reported %v", tt.pages, tt.repeated, tt.invalid,
				tt.reported); got != want {
				t.Errorf("got %s\nwant %s\n%s", got, want, strings.Join(recorded.decisions, "\n"))
			}
			if n := s.Counts().Requests; n != tt.pages || len(recorded.attempts) != n {
				t.Errorf("%d requests, %d attempts recorded, %d pages", n, len(recorded.attempts), tt.pages)
			}
			if walk.Duration <= 0 || !walk.ClockOffset.Valid || walk.ClockOffset.Value.Abs().Seconds() > 5 {
				t.Errorf("took %v, clock offset %v", walk.Duration, walk.ClockOffset)
			}
		})
	}
}

// TestWalkErrors has the more frequent failures.
func TestWalkFailures(t *testing.T) {
	for _, tt := range []struct {
		rule      string
		tasks     int
		behaviour simulator.Behaviour
		options   WalkOptions
		reason    Reason
		message   string
	}{
		{"a planned page past the end repeats the last", 65,
			simulator.Behaviour{TotalMore: 20, PastEnd: simulator.PastRepeat}, WalkOptions{PageSize: 20}, API,
			"OMS prod: page 5: repeats page 4, and 20 of 85 tasks are missing: check for a cache in front of the OMS " +
				"that ignores pageNumber"},
		{"a page size that OMS refuses", 65, simulator.Behaviour{Cap: 15}, WalkOptions{PageSize: 20}, API,
			"OMS prod: page 1: OMS returned an error: [PARAM_ERROR]: pageSize: at most 15 (OMS advises: Contact the " +
				"administrator.): " +
				"check filter and page_size; community OMS may refuse filter.statuses"},
		{"more pages than max_pages, and totalCount, of pages, is below the rows that came", 2500,
			simulator.Behaviour{Total: simulator.TotalPages}, WalkOptions{PageSize: 20, MaxPages: 10}, Limit,
			"OMS prod: page 10 is full, and max_pages is 10: raise max_pages, or split the tasks across " +
				"targets with filters"},
		{"more pages than max_pages, and totalCount is far too low", 250, simulator.Behaviour{TotalMore: -240},
			WalkOptions{PageSize: 20, MaxPages: 11}, Limit,
			"OMS prod: page 11 is full, and max_pages is 11: raise max_pages, or split the tasks across " +
				"targets with filters"},
		{"a page that fails", 65, simulator.Behaviour{Faults: []simulator.Fault{{Page: 3, Kind: simulator.ErrorEnvelope,
			Code: "INNER_ERROR"}}}, WalkOptions{PageSize: 20}, API,
			"OMS prod: page 3: OMS returned an error: [INNER_ERROR]: A system error occurred. (OMS advises: Contact " +
				"the administrator.): " +
				"internal error of the OMS: check its log"},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			_, w, _ := simulate(t, tt.tasks, tt.behaviour, tt.options)
			walk, err := w.Walk(t.Context(), nil)
			var failure *Error
			if !errors.As(err, &failure) || failure.Reason != tt.reason {
				t.Fatalf("failed with %v, want %s", err, tt.reason)
			}
			failure.RequestID = "" // it differs each time
			if failure.Error() != tt.message {
				t.Errorf("message is %s\nwant %s", failure, tt.message)
			}
			if walk == nil || walk.Tasks != nil || walk.Reported.Valid || !walk.ClockOffset.Valid {
				t.Errorf("the walk is %+v", walk)
			}
		})
	}
}

func TestWalkEnd(t *testing.T) {
	t.Run("a list of exactly max_pages pages is complete", func(t *testing.T) {
		for rule, behaviour := range map[string]simulator.Behaviour{
			"max_pages full pages, and totalCount confirms them": {},
			"the same, and totalCount counts pages":              {Total: simulator.TotalPages},
		} {
			s, w, _ := simulate(t, 60, behaviour, WalkOptions{PageSize: 20, MaxPages: 3})
			if walk, err := w.Walk(t.Context(), nil); err != nil || len(walk.Tasks) != 60 || s.Counts().Requests != 3 {
				t.Errorf("%s: %v, %d requests", rule, err, s.Counts().Requests)
			}
		}
	})
	t.Run("a list without an end is read up to max_pages", func(t *testing.T) {
		rows := 0
		url, hc := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			rows += 2
			_, _ = fmt.Fprintf(w, `{"data":[{"id":"%d"},{"id":"%d"}]}`, rows, rows+1)
		}))
		w := newWalker(t, newClient(t, url, hc, Options{}), WalkOptions{PageSize: 2, MaxPages: 7})
		if _, err := w.Walk(t.Context(), nil); reasonOf(err) != Limit || rows != 14 {
			t.Errorf("%v after %d rows", err, rows)
		}
	})
	t.Run("after the planned pages a page without a new id is the end", func(t *testing.T) {
		_, w, _ := simulate(t, 65, simulator.Behaviour{FirstOnly: true, Total: simulator.TotalAbsent},
			WalkOptions{PageSize: 20})
		walk, err := w.Walk(t.Context(), nil)
		if err != nil || len(walk.Tasks) != 20 || walk.Pages != 2 || walk.Repeated != 20 {
			t.Errorf("%+v, %v: a page without one new id ends the walk", walk, err)
		}
	})
	t.Run("a list without tasks is complete", func(t *testing.T) {
		_, w, _ := simulate(t, 10, simulator.Behaviour{}, WalkOptions{Filter: Filter{SearchKey: "no such task"}})
		walk, err := w.Walk(t.Context(), nil)
		if err != nil || len(walk.Tasks) != 0 || walk.Tasks == nil || walk.Pages != 1 ||
			walk.Reported != Some[int64](0) {
			t.Errorf("%+v, %v", walk, err)
		}
	})
}
