package collector

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/oms-exporter/oms_exporter/oms"
)

// RequestMetrics counts the requests to each OMS since the start of the exporter.
type RequestMetrics struct {
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	retries  *prometheus.CounterVec
}

// NewRequestMetrics registers the metrics of requests with registerer.
func NewRequestMetrics(registerer prometheus.Registerer) *RequestMetrics {
	m := &RequestMetrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "oms_api_requests_total",
			Help: "Number of requests to the OMS, counting each attempt. The outcome is ok or the reason of the failure.",
		}, []string{"oms", "action", "outcome"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:                            "oms_api_request_duration_seconds",
			Help:                            "Duration of requests to the OMS, until the response is read and decoded.",
			Buckets:                         []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
			NativeHistogramBucketFactor:     1.1,
			NativeHistogramMaxBucketNumber:  100,
			NativeHistogramMinResetDuration: time.Hour,
		}, []string{"oms", "action"}),
		retries: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "oms_api_retries_total",
			Help: "Number of requests to the OMS beyond the first one for a page.",
		}, []string{"oms"}),
	}
	registerer.MustRegister(m.requests, m.duration, m.retries)
	return m
}

// ForTarget returns the hook that counts the attempts at a target. Its counters start at 0, because a first failure
// has to be an increase. The hook holds the counters: after Delete, an attempt that ends late does not bring their
// series back.
func (m *RequestMetrics) ForTarget(target string) func(oms.Attempt) {
	const action = oms.ActionListProjects // the only one
	requests := make(map[string]prometheus.Counter)
	for _, outcome := range append(oms.Reasons(), oms.Reason(oms.Attempt{}.Outcome())) {
		requests[string(outcome)] = m.requests.WithLabelValues(target, action, string(outcome))
	}
	retries, duration := m.retries.WithLabelValues(target), m.duration.WithLabelValues(target, action)
	return func(attempt oms.Attempt) {
		if counter, ok := requests[attempt.Outcome()]; ok { // always; an unknown outcome must not end the process
			counter.Inc()
		}
		duration.Observe(attempt.Duration.Seconds())
		if attempt.Number > 1 {
			retries.Inc()
		}
	}
}

// Delete deletes the series of a target that is no longer in the config.
func (m *RequestMetrics) Delete(target string) {
	of := prometheus.Labels{"oms": target}
	m.requests.DeletePartialMatch(of)
	m.duration.DeletePartialMatch(of)
	m.retries.DeletePartialMatch(of)
}
