package collector

import (
	"context"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// Collector scrapes targets, side by side, each time it is asked for their metrics. It is a prometheus.Collector for a registry, and a
// prometheus.Gatherer for those who do not need a registry's checks: of what is in the tables no series can come twice, and tests hold that.
type Collector struct {
	ctx     context.Context
	targets []*Target
	metrics *Metrics
}

var (
	_ prometheus.Collector = (*Collector)(nil)
	_ prometheus.Gatherer  = (*Collector)(nil)
)

// New makes a Collector for one scrape, or for all of a program's: no scrape of it outlives ctx, which carries the caller's deadline. The
// interfaces of the client library have no place for it.
func New(ctx context.Context, metrics *Metrics, targets ...*Target) *Collector {
	return &Collector{ctx: ctx, targets: targets, metrics: metrics}
}

// Describe implements prometheus.Collector.
func (c *Collector) Describe(to chan<- *prometheus.Desc) {
	for i := range c.metrics.families {
		to <- c.metrics.families[i].desc
	}
}

// Collect implements prometheus.Collector.
func (c *Collector) Collect(to chan<- prometheus.Metric) {
	for _, f := range c.Exposition().Families() {
		for _, m := range f.metrics() {
			to <- sample{f.desc, m}
		}
	}
}

// Gather implements prometheus.Gatherer. It never fails: what fails shows as oms_up 0.
func (c *Collector) Gather() ([]*dto.MetricFamily, error) {
	return c.metrics.Families(Scrape(c.ctx, c.targets)), nil
}

// Exposition scrapes, for who writes one family after the other.
func (c *Collector) Exposition() *Exposition {
	return c.metrics.Exposition(Scrape(c.ctx, c.targets))
}

// Scrape scrapes targets side by side: none waits for another. The snapshots are in the order of the targets.
func Scrape(ctx context.Context, targets []*Target) []*Snapshot {
	snapshots := make([]*Snapshot, len(targets))
	var all sync.WaitGroup
	for i, target := range targets {
		all.Go(func() { snapshots[i] = target.Scrape(ctx) })
	}
	all.Wait()
	return snapshots
}

// sample is a dto.Metric as a registry takes it.
type sample struct {
	desc   *prometheus.Desc
	metric *dto.Metric
}

func (s sample) Desc() *prometheus.Desc { return s.desc }

func (s sample) Write(to *dto.Metric) error {
	to.Label, to.Gauge = s.metric.Label, s.metric.Gauge
	return nil
}
