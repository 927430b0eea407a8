package collector

import (
	"context"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// Scrape scrapes targets side by side: no target waits for another. The snapshots are in the order of the targets.
func Scrape(ctx context.Context, targets []*Target) []*Snapshot {
	snapshots := make([]*Snapshot, len(targets))
	var all sync.WaitGroup
	for i, target := range targets {
		all.Go(func() { snapshots[i] = target.Scrape(ctx) })
	}
	all.Wait()
	return snapshots
}

// Collector is a prometheus.Collector over the snapshots of a scrape, for a registry. It makes no walk: the interface has no context, so the
// caller makes the scrape first, with the deadline of Prometheus, and registers the Collector with a registry for this one answer.
type Collector struct {
	metrics   *Metrics
	snapshots []*Snapshot
}

var _ prometheus.Collector = (*Collector)(nil)

// NewCollector makes a Collector over snapshots, one of each target.
func NewCollector(metrics *Metrics, snapshots []*Snapshot) *Collector {
	return &Collector{metrics, snapshots}
}

// Describe implements prometheus.Collector.
func (c *Collector) Describe(to chan<- *prometheus.Desc) {
	for i := range c.metrics.families {
		to <- c.metrics.families[i].desc
	}
}

// Collect implements prometheus.Collector.
func (c *Collector) Collect(to chan<- prometheus.Metric) {
	for _, f := range c.metrics.Exposition(c.snapshots).Families() {
		for _, m := range f.metrics() {
			to <- sample{f.desc, m}
		}
	}
}

// sample is a dto.Metric as a registry takes it.
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
