package e2e

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

func TestExposition(t *testing.T) {
	oms := startOMS(t)
	p := startExporter(t, configFlag(t, oms.target("prod")))
	get := func(accept string) string {
		got := p.get("/probe?target=prod", "Accept", accept)
		kind, _, _ := strings.Cut(accept, ";")
		if !strings.HasPrefix(got.Header.Get("Content-Type"), kind) {
			t.Errorf("Accept %s: Content-Type is %s", accept, got.Header.Get("Content-Type"))
		}
		if got.Tasks() != oms.taskCount() {
			t.Errorf("Accept %s: %d tasks, want %d", accept, got.Tasks(), oms.taskCount())
		}
		return testutil.MaskMeasured(got.Body)
	}
	text := get("text/plain; version=0.0.4")
	testutil.Golden(t, filepath.Join(testutil.Root(t), "testdata", "e2e", "probe.txt"), text)
	t.Run("OpenMetrics has the same series", func(t *testing.T) {
		series := func(exposition string) (all []string) {
			for line := range strings.Lines(exposition) {
				if series, _, ok := strings.Cut(line, "} "); ok && !strings.HasPrefix(line, "#") {
					all = append(all, series)
				}
			}
			return all
		}
		openMetrics := get("application/openmetrics-text; version=1.0.0")
		if diff := cmp.Diff(series(text), series(openMetrics)); diff != "" {
			t.Errorf("(-text +OpenMetrics):\n%.2000s", diff)
		}
	})
	t.Run("the exporter has metrics of its own", func(t *testing.T) {
		p.get("/metrics") // the histogram of requests exists after the first scrape
		body := p.get("/metrics").Body
		for _, family := range []string{
			"go_goroutines gauge",
			"process_cpu_seconds_total counter",
			"process_resident_memory_bytes gauge",
			"promhttp_metric_handler_errors_total counter",
			"promhttp_metric_handler_requests_in_flight gauge",
			"promhttp_metric_handler_requests_total counter",
			"oms_exporter_log_lines_dropped_total counter",
			"oms_exporter_build_info gauge",
			"oms_api_requests_total counter",
			"oms_api_request_duration_seconds histogram",
			"oms_api_retries_total counter",
		} {
			if !strings.Contains(body, "# TYPE "+family+"\n") {
				t.Errorf("%s is missing", family)
			}
		}
	})
	t.Run("promtool reports no problem", func(t *testing.T) {
		promtool := testutil.LookPath(t, "install the Debian package prometheus", "promtool")
		for _, path := range []string{"/metrics", "/probe?target=prod"} {
			check := exec.CommandContext(t.Context(), promtool, "check", "metrics")
			check.Stdin = strings.NewReader(p.get(path).Body)
			if output, err := check.CombinedOutput(); err != nil || strings.TrimSpace(string(output)) != "" {
				t.Errorf("%s: %v\n%s", path, err, output)
			}
		}
	})
}
