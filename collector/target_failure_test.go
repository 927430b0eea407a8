package collector

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/oms-exporter/oms_exporter/oms"
)

func TestTargetPanic(t *testing.T) {
	for _, c := range []struct {
		rule string
		with func()
		want string
	}{
		{"a runtime error", func() { var none []int; none[len(none)]++ }, "index out of range"},
		{"an error of two lines", func() { panic(errors.New("first line\nsecond line")) }, `first line\nsecond line`},
		{"a value of a megabyte", func() { panic(strings.Repeat("x", 1<<20)) }, "xxx"},
	} {
		t.Run(c.rule, func(t *testing.T) {
			broken := true
			var reported reports
			target := NewTarget(defaultSettings("prod"), walkerFunc(func(context.Context, *oms.Progress) (*oms.Walk, error) {
				if broken {
					c.with()
				}
				return &oms.Walk{}, nil
			}), reported.add)
			s := target.Scrape(t.Context())
			if len(reported.all) != 1 || reported.all[0] != s {
				t.Errorf("%d reports, want one for the log", len(reported.all))
			}
			var failure *oms.Error
			if !errors.As(s.Err, &failure) || failure.Target != "prod" {
				t.Fatalf("got %v, want an error that names the target", s.Err)
			}
			text := s.Err.Error()
			for _, part := range []string{"OMS prod", "bug of the exporter", c.want, "target_failure_test.go:"} {
				if !strings.Contains(text, part) {
					t.Errorf("%q does not contain %q", text, part)
				}
			}
			if len(text) > 1000 || strings.Contains(text, "\n") {
				t.Errorf("the error is not one line of a log: %d bytes", len(text))
			}
			checkLines(t, targetSeries(t, "oms_up", s), []string{`oms_up{oms="prod"} 0`})
			checkLines(t, targetSeries(t, "oms_scrape_failure", s), failures("prod", oms.Decode))
			if broken = false; target.Scrape(t.Context()).Err != nil {
				t.Error("the target does not recover")
			}
		})
	}
}

// The first page is read, and the second one hangs.
func TestTargetPartialWalk(t *testing.T) {
	ctx, abandon := context.WithCancel(t.Context())
	gone := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var request struct{ PageNumber int }
		_ = json.NewDecoder(r.Body).Decode(&request)
		if request.PageNumber == 1 {
			_, _ = w.Write([]byte(`{"success":true,"pageSize":1,"totalCount":2,"data":[{"id":"np_1"}]}`))
			return
		}
		abandon()
		<-r.Context().Done() // the walk is cancelled without a scrape
		close(gone)
	}))
	t.Cleanup(server.Close)
	s := NewTarget(defaultSettings("prod"), walkerOf(t, oms.Options{Target: server.URL}), nil).Scrape(ctx)
	<-gone
	if s.Reason() != oms.Timeout || s.Walk.Pages != 1 || len(s.Walk.Tasks) != 0 ||
		!strings.Contains(s.Err.Error(), "1 pages read") {
		t.Errorf("%v, %d pages; want a timeout with the one page read", s.Err, s.Walk.Pages)
	}
	checkLines(t, targetSeries(t, "oms_scrape_pages", s), []string{`oms_scrape_pages{oms="prod"} 1`})
	if !s.Walk.ClockOffset.Valid {
		t.Error("an answer came, and there is no clock offset")
	}
	if got := targetSeries(t, "oms_task", s); len(got) != 0 {
		t.Errorf("tasks of half a list: %q", got)
	}
}
