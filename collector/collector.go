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
	c.metrics.fill(Scrape(c.ctx, c.targets), func(f *family, metrics []*dto.Metric) {
		for _, m := range metrics {
			to <- sample{f.desc, m}
		}
	})
}

// Gather implements prometheus.Gatherer. It never fails: what fails shows as oms_up 0.
func (c *Collector) Gather() ([]*dto.MetricFamily, error) {
	return c.metrics.Families(Scrape(c.ctx, c.targets)), nil
}

// Families are the samples of snapshots, by family, sorted by name.
func (m *Metrics) Families(snapshots []*Snapshot) []*dto.MetricFamily {
	families := make([]*dto.MetricFamily, 0, len(m.families))
	m.fill(snapshots, func(f *family, metrics []*dto.Metric) {
		families = append(families, &dto.MetricFamily{
			Name: &f.Name, Help: &f.Help, Type: dto.MetricType_GAUGE.Enum(), Metric: metrics,
		})
	})
	return families
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
