package collector

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/oms-exporter/oms_exporter/oms"
)

// API counts the requests that the exporter makes to OMS, over its lifetime.
type API struct {
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	retries  *prometheus.CounterVec
	known    sync.Map // of the targets, by name
}

// NewAPI registers the metrics of the requests with registerer.
func NewAPI(registerer prometheus.Registerer) *API {
	a := &API{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "oms_api_requests_total",
			Help: "Requests to the OMS, each attempt by itself; outcome is ok or the reason of the failure.",
		}, []string{"oms", "action", "outcome"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:                            "oms_api_request_duration_seconds",
			Help:                            "Duration of requests to the OMS, to the last byte of the answer.",
			Buckets:                         []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
			NativeHistogramBucketFactor:     1.1,
			NativeHistogramMaxBucketNumber:  100,
			NativeHistogramMinResetDuration: time.Hour,
		}, []string{"oms", "action"}),
		retries: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "oms_api_retries_total",
			Help: "Requests to the OMS beyond the first one for a page.",
		}, []string{"oms"}),
	}
	registerer.MustRegister(a.requests, a.duration, a.retries)
	return a
}

// Of gives the hook that counts the attempts at target. Its counters start at 0 here, so that a first failure is an increase.
func (a *API) Of(target string) func(oms.Attempt) {
	a.requests.WithLabelValues(target, oms.ActionListProjects, "ok")
	for _, reason := range oms.Reasons() {
		a.requests.WithLabelValues(target, oms.ActionListProjects, string(reason))
	}
	a.retries.WithLabelValues(target)
	a.known.Store(target, true)
	return func(attempt oms.Attempt) {
		if _, ok := a.known.Load(target); !ok {
			return
		}
		a.requests.WithLabelValues(target, attempt.Action, attempt.Outcome()).Inc()
		a.duration.WithLabelValues(target, attempt.Action).Observe(attempt.Duration.Seconds())
		if attempt.Number > 1 {
			a.retries.WithLabelValues(target).Inc()
		}
	}
}

// Forget drops the counters of a target that is no more, for good: what is still under way is not counted any more.
func (a *API) Forget(target string) {
	a.known.Delete(target)
	of := prometheus.Labels{"oms": target}
	a.requests.DeletePartialMatch(of)
	a.duration.DeletePartialMatch(of)
	a.retries.DeletePartialMatch(of)
}
