package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

// serveList serves a list of tasks. row returns the JSON of one row.
func serveList(t *testing.T, rows int, row func(i int) string) (url string) {
	t.Helper()
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		var request struct{ PageNumber, PageSize int }
		if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
			t.Error(err)
		}
		from := max(request.PageNumber-1, 0) * request.PageSize
		var page []string
		for i := from; i < min(rows, from+request.PageSize); i++ {
			page = append(page, row(i))
		}
		_, _ = fmt.Fprintf(w, `{"success":true,"totalCount":%d,"data":[%s]}`, rows, strings.Join(page, ","))
	})
}

func TestPages(t *testing.T) {
	t.Run("3,000 long statuses do not make a page long", func(t *testing.T) {
		long := strings.Repeat("X", 150)
		p := startExporter(t, configFlag(t, prodTarget(serveList(t, 3000, func(i int) string {
			return fmt.Sprintf(`{"id":"np_%d","name":"task","type":"T%d","status":"STATUS_%d_%s"}`, i, i, i, long)
		}))))
		if got := p.get("/probe?target=prod"); got.Tasks() != 3000 {
			t.Fatalf("%d tasks, want 3000", got.Tasks())
		}
		for _, path := range []string{"/", "/tasks?target=prod", "/tasks?target=prod&status=STATUS_2999_" + long} {
			if got := p.get(path); got.Status != http.StatusOK || len(got.Body) > 200<<10 {
				t.Errorf("%s: status %d, %d bytes", path, got.Status, len(got.Body))
			}
		}
	})
	t.Run("long texts are shortened", func(t *testing.T) {
		text := strings.Repeat("停", 700)
		detail := fmt.Sprintf(`{"code":%q,"level":%q,"message":"m%s","reason":%q,"proposal":%q}`, text, text, text, text, text)
		details := strings.Join([]string{detail, detail, detail, detail, detail}, ",")
		failure := fmt.Sprintf(`{"errorCode":"1","errorMsg":%q,"errorDetails":[%s]}`, text, details)
		var steps []string
		for n := range 20 {
			steps = append(steps, fmt.Sprintf(`{"name":"STEP-%d","order":%d,"status":"FAILED","extraInfo":%s}`, n, n, failure))
		}
		// The text is built once: 40 MB for each page would exceed the timeout on a slow machine.
		rest := fmt.Sprintf(`"name":%q,"type":"MIGRATION","status":"FAILED","steps":[%s]}`, text, strings.Join(steps, ","))
		p := startExporter(t, configFlag(t, prodTarget(serveList(t, 50, func(i int) string {
			return fmt.Sprintf(`{"id":"np_%d",`, i) + rest
		}))))
		if got := p.get("/probe?target=prod"); got.Tasks() != 50 {
			t.Fatalf("%d tasks, want 50", got.Tasks())
		}
		if got := p.get("/tasks?target=prod"); got.Status != http.StatusOK || !strings.Contains(got.Body, "停停") ||
			len(got.Body) > 2<<20 {
			t.Errorf("status %d, %d bytes", got.Status, len(got.Body))
		}
	})
	t.Run("120 requests at once are answered with a page or with status 503", func(t *testing.T) {
		p := startExporter(t, configFlag(t, startLargeOMS(t).target("prod", "  timeout: 2m")))
		p.get("/metrics")
		var requests sync.WaitGroup
		var pages atomic.Int32
		for range 40 {
			for _, path := range []string{"/", "/tasks?target=prod", "/probe?target=prod&debug=true"} {
				requests.Go(func() {
					got, err := testutil.Get(t, p.url+path)
					switch {
					case err == nil && got.Status == http.StatusOK:
						pages.Add(1)
					case err != nil || got.Status != http.StatusServiceUnavailable:
						t.Errorf("%s: error %v, status %d", path, err, got.Status)
					}
				})
			}
		}
		requests.Wait()
		if pages.Load() < 3 {
			t.Errorf("%d pages", pages.Load())
		}
		if got := p.get("/metrics"); got.Status != http.StatusOK {
			t.Errorf("the status of the next scrape is %d", got.Status)
		}
	})
}
