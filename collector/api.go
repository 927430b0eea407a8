package collector

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/oms-exporter/oms_exporter/oms"
)

// API counts the requests that the exporter makes to OMS, over its lifetime.
type API struct {
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	retries  *prometheus.CounterVec
}

// NewAPI registers the metrics of the requests with registerer.
func NewAPI(registerer prometheus.Registerer) *API {
	a := &API{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "oms_api_requests_total",
			Help: "Number of requests to the OMS, counting each attempt. The outcome is ok or the reason of the failure.",
		}, []string{"oms", "action", "outcome"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:                            "oms_api_request_duration_seconds",
			Help:                            "Duration of requests to the OMS until the last byte of the response.",
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
	registerer.MustRegister(a.requests, a.duration, a.retries)
	return a
}

// Of gives the hook that counts the attempts at target. Its counters start at 0 here, so that a first failure is an increase. The hook
// holds them: what is still under way when the target is forgotten goes nowhere, and does not bring their series back.
func (a *API) Of(target string) func(oms.Attempt) {
	const action = oms.ActionListProjects // there is no other
	requests := make(map[string]prometheus.Counter)
	for _, outcome := range append(oms.Reasons(), oms.Reason(oms.Attempt{}.Outcome())) {
		requests[string(outcome)] = a.requests.WithLabelValues(target, action, string(outcome))
	}
	retries, duration := a.retries.WithLabelValues(target), a.duration.WithLabelValues(target, action)
	return func(attempt oms.Attempt) {
		if counter, ok := requests[attempt.Outcome()]; ok { // the set is closed; should it ever not be, a count is lost and not the process
			counter.Inc()
		}
		duration.Observe(attempt.Duration.Seconds())
		if attempt.Number > 1 {
			retries.Inc()
		}
	}
}

// Forget drops the counters of a target that is no more.
func (a *API) Forget(target string) {
	of := prometheus.Labels{"oms": target}
	a.requests.DeletePartialMatch(of)
	a.duration.DeletePartialMatch(of)
	a.retries.DeletePartialMatch(of)
}
