package collector

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/oms-exporter/oms_exporter/oms"
)

// counted returns the counters of the API that are not 0, and the number of all counters.
func counted(t *testing.T, registry prometheus.Gatherer) (lines []string, all int) {
	t.Helper()
	for _, f := range gathered(t, registry) {
		for _, m := range f.GetMetric() {
			all++
			labels := map[string]string{}
			for _, l := range m.GetLabel() {
				labels[l.GetName()] = l.GetValue()
			}
			name := fmt.Sprintf("%s %s %s %s", f.GetName(), labels["oms"], labels["action"], labels["outcome"])
			switch value := m.GetCounter().GetValue() + float64(m.GetHistogram().GetSampleCount()); {
			case len(labels) != map[string]int{"oms_api_requests_total": 3, "oms_api_request_duration_seconds": 2,
				"oms_api_retries_total": 1}[f.GetName()]:
				t.Errorf("labels of %s: %v", f.GetName(), labels)
			case value != 0:
				lines = append(lines, fmt.Sprintf("%s %v", name, value))
			}
		}
	}
	return lines, all
}

func TestRequestMetricsForTarget(t *testing.T) {
	registry := prometheus.NewPedanticRegistry()
	requests := NewRequestMetrics(registry)
	count := requests.ForTarget("prod")
	const perTarget = 9 + 1 + 1 // ok and eight reasons, a histogram, retries
	if lines, all := counted(t, registry); len(lines) != 0 || all != perTarget {
		t.Errorf("before any request: %q of %d, want %d at 0", lines, all, perTarget)
	}
	attempt := func(number int, reason oms.Reason) {
		a := oms.Attempt{Number: number, Duration: 30 * time.Millisecond}
		if reason != "" {
			a.Err = &oms.Error{Reason: reason}
		}
		count(a)
	}
	attempt(1, "")
	attempt(1, oms.HTTP)
	attempt(2, oms.HTTP)
	attempt(3, "")
	requests.ForTarget("other")
	lines, all := counted(t, registry)
	checkLines(t, lines, []string{
		"oms_api_requests_total prod ListProjects ok 2", "oms_api_requests_total prod ListProjects http 2",
		"oms_api_retries_total prod   2", "oms_api_request_duration_seconds prod ListProjects  4",
	})
	if all != 2*perTarget {
		t.Errorf("%d series of two targets, want %d", all, 2*perTarget)
	}
	for _, reason := range oms.Reasons() {
		attempt(1, reason)
	}
	lines, _ = counted(t, registry)
	for _, reason := range oms.Reasons() {
		requests := map[bool]int{true: 3, false: 1}[reason == oms.HTTP]
		want := fmt.Sprintf("oms_api_requests_total prod ListProjects %s %d", reason, requests)
		if !slices.Contains(lines, want) {
			t.Errorf("no %q among %q", want, lines)
		}
	}
}

func TestRequestMetricsHistogram(t *testing.T) {
	registry := prometheus.NewPedanticRegistry()
	NewRequestMetrics(registry).ForTarget("prod")(oms.Attempt{Number: 1, Duration: 30 * time.Millisecond})
	var histogram *dto.Histogram
	for _, f := range gathered(t, registry) {
		if f.GetName() == "oms_api_request_duration_seconds" {
			histogram = f.GetMetric()[0].GetHistogram()
		}
	}
	if histogram.GetSampleSum() != 0.03 || len(histogram.GetPositiveSpan()) == 0 {
		t.Errorf("not native, or not in seconds: %v", histogram)
	}
	for _, b := range histogram.GetBucket() {
		if want := uint64(map[bool]int{true: 1, false: 0}[b.GetUpperBound() >= 0.03]); b.GetCumulativeCount() != want {
			t.Errorf("classic bucket %v: %d, want %d", b.GetUpperBound(), b.GetCumulativeCount(), want)
		}
	}
	if len(histogram.GetBucket()) == 0 {
		t.Error("no classic buckets")
	}
}

func TestRequestMetricsDelete(t *testing.T) {
	registry := prometheus.NewPedanticRegistry()
	requests := NewRequestMetrics(registry)
	late := requests.ForTarget("gone")
	requests.ForTarget("stays")(oms.Attempt{Number: 1})
	requests.Delete("gone")
	late(oms.Attempt{Number: 2, Err: &oms.Error{Reason: oms.Timeout}}) // it started before
	lines, all := counted(t, registry)
	checkLines(t, lines, []string{"oms_api_requests_total stays ListProjects ok 1",
		"oms_api_request_duration_seconds stays ListProjects  1"})
	if all != 9+1+1 {
		t.Errorf("%d series, want those of one target", all)
	}
	requests.ForTarget("gone")(oms.Attempt{Number: 1}) // a later config has the name again
	late(oms.Attempt{Number: 1})
	lines, _ = counted(t, registry)
	if !slices.Contains(lines, "oms_api_requests_total gone ListProjects ok 1") {
		t.Errorf("a target that came back does not count from 0: %q", lines)
	}
}
