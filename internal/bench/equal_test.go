package bench

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/oms-exporter/oms_exporter/collector"
	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

// A comparison is worth nothing unless both sides do the same.
func TestTheBaselineEmitsTheVerySameSeries(t *testing.T) {
	for _, c := range []struct {
		name   string
		active float64
		atMost int // series of a task, to know that it is what it says
	}{
		{"all active", 1, 70},
		{"one active in ten", 0.1, 30},
	} {
		t.Run(c.name, func(t *testing.T) {
			const tasks = 300
			oms := httptest.NewServer(setup{Tasks: tasks, Active: c.active}.simulator())
			defer oms.Close()
			ours, err := setup{URL: oms.URL, Collectors: collector.AllCollectors}.ours()
			if err != nil {
				t.Fatal(err)
			}
			for _, accept := range []string{"text/plain", openMetrics} {
				for _, path := range []string{tasksPath, metricsPath} {
					want, got := lines(t, newBaseline(oms.URL), path, accept), lines(t, ours, path, accept)
					if diff := cmp.Diff(want, got); diff != "" {
						t.Fatalf("%s, %s: (- baseline, + ours):\n%.3000s", path, accept, diff)
					}
					if len(got) < 15*tasks || len(got) > c.atMost*tasks {
						t.Errorf("%s, %s: %d lines for %d tasks", path, accept, len(got), tasks)
					}
				}
			}
		})
	}
}

var ofTasks = regexp.MustCompile(`^(# (HELP|TYPE) )?oms_(up|tasks?|scrape|clock)[_{ ]?`)

// lines is the exposition of an OMS, sorted, without the values that differ from run to run.
func lines(t *testing.T, handler http.Handler, path, accept string) []string {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	req.Header.Set("Accept", accept)
	res := httptest.NewRecorder()
	handler.ServeHTTP(res, req)
	if res.Code != http.StatusOK {
		t.Fatalf("%d: %s", res.Code, res.Body)
	}
	var kept []string
	for line := range strings.SplitSeq(testutil.MaskMeasured(res.Body.String()), "\n") {
		if !ofTasks.MatchString(line) {
			continue
		}
		kept = append(kept, line)
	}
	slices.Sort(kept)
	return kept
}
