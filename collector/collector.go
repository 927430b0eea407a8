package collector

import (
	"context"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// Scrape scrapes targets at the same time. The snapshots are in the order of the targets.
func Scrape(ctx context.Context, targets []*Target) []*Snapshot {
	snapshots := make([]*Snapshot, len(targets))
	var all sync.WaitGroup
	for i, target := range targets {
		all.Go(func() { snapshots[i] = target.Scrape(ctx) })
	}
	all.Wait()
	return snapshots
}

// Collector is a prometheus.Collector over the snapshots of one scrape. The interface has no context, so Collect makes
// no walk: call Scrape first, with the deadline of Prometheus, and register the Collector with a registry of its own
// for this one answer.
type Collector struct {
	metrics   *Metrics
	snapshots []*Snapshot
}

var _ prometheus.Collector = (*Collector)(nil)

// NewCollector returns a Collector over snapshots, one of each target.
func NewCollector(metrics *Metrics, snapshots []*Snapshot) *Collector {
	return &Collector{metrics, snapshots}
}

// Describe implements prometheus.Collector.
func (c *Collector) Describe(to chan<- *prometheus.Desc) {
	for _, m := range c.metrics.List() {
		to <- m.Desc
	}
}

// Collect implements prometheus.Collector.
func (c *Collector) Collect(to chan<- prometheus.Metric) {
	for _, f := range c.metrics.Families(c.snapshots) {
		for _, m := range f.Model().GetMetric() {
			to <- sample{f.Desc, m}
		}
	}
}

// sample is a dto.Metric for a registry.
type sample struct {
	desc   *prometheus.Desc
	metric *dto.Metric
}

// Desc implements prometheus.Metric.
func (s sample) Desc() *prometheus.Desc { return s.desc }

// Write implements prometheus.Metric.
func (s sample) Write(to *dto.Metric) error {
	to.Label, to.Gauge = s.metric.Label, s.metric.Gauge
	return nil
}
