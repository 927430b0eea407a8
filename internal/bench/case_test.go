package bench

import (
	"time"

	"github.com/oms-exporter/oms_exporter/collector"
)

// benchCase is one line of a table: what a scrape of ours costs against one of the other.
type benchCase struct {
	name  string
	oms   setup // of the simulator
	ours  setup
	other *setup // what ours is held against; nil: the baseline
	of    int    // tasks of the OMS that the other walks; 0: it is the same OMS

	own     bool   // the exporters' own metrics come along
	accept  string // text where empty
	gzip    bool   // of the exposition
	scrapes int    // that make up one scrape of ours, as of two Prometheus servers; 0: 1
	others  int    // that make up one scrape of the other; 0: 1
	atOnce  bool   // whether they come at the same time
}

// The parts of tasks that are active: in an OMS that has run for years most are over.
const (
	few = 0.1
	all = 1
)

const (
	openMetrics = "application/openmetrics-text; version=1.0.0"
	protobuf    = "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"
)

// costs are the cases that hold ours against the baseline.
func costs() []benchCase {
	size := func(name string, tasks int, active float64) benchCase {
		return benchCase{name: name, oms: setup{Tasks: tasks, Active: active}}
	}
	with := func(c benchCase, change func(*benchCase)) benchCase {
		change(&c)
		return c
	}
	base := func(name string) benchCase { return size(name, usualSize, few) }
	return []benchCase{
		size("150 tasks", 150, few),
		with(size("150 tasks and the exporter's own metrics", 150, few), func(c *benchCase) { c.own = true }),
		size("1,500 tasks", 1_500, few),
		size("15,000 tasks", 15_000, few),
		size("100,000 tasks", 100_000, few),
		size("150 tasks, all active", 150, all),
		size("15,000 tasks, all active", 15_000, all),
		with(base("15,000, answer gzipped"), func(c *benchCase) { c.gzip = true }),
		with(size("15,000, all active, answer gzipped", 15_000, all), func(c *benchCase) { c.gzip = true }),
		with(base("15,000, OMS gzips its pages"), func(c *benchCase) { c.oms.Gzip = true }),
		with(base("15,000, OpenMetrics"), func(c *benchCase) { c.accept = openMetrics }),
		with(base("15,000, protobuf"), func(c *benchCase) { c.accept = protobuf }),
		with(base("15,000, 50 ms a page, concurrency 8"), func(c *benchCase) {
			c.oms.Delay = 50 * time.Millisecond
			c.ours.Concurrency = 8
		}),
		with(base("15,000, 200 tables in each row"), func(c *benchCase) { c.oms.Tables = 200 }),
	}
}

// savings are the cases that hold ours with a setting against ours without it.
func savings() []benchCase {
	without := func(name string, parts collector.Collectors) benchCase {
		return benchCase{name: name, oms: setup{Tasks: usualSize, Active: all}, ours: setup{Collectors: parts}, other: &setup{Role: roleOurs, Collectors: collector.AllCollectors}}
	}
	pair := func(name string, change func(*benchCase)) benchCase {
		c := without(name, collector.AllCollectors)
		c.oms.Active, c.scrapes = few, 2
		change(&c)
		return c
	}
	filtered := without("a filter that one task in eight passes", collector.AllCollectors)
	filtered.ours.SourceTypes = []string{"MYSQL"}
	return []benchCase{
		without("--no-collector.step", collector.Collectors{Sync: true, Alarm: true}),
		without("--no-collector.sync", collector.Collectors{Step: true, Alarm: true}),
		without("--no-collector.alarm", collector.Collectors{Step: true, Sync: true}),
		without("all three", collector.Collectors{}),
		filtered,
		pair("two Prometheus servers, one after the other", func(*benchCase) {}),
		pair("the same at the same time: they share the walk", func(c *benchCase) { c.atOnce = true }),
		pair("the same one after the other, min_interval", func(c *benchCase) { c.ours.MinInterval = pairInterval }),
	}
}

// sizes are the cases that hold ours against ours with another number of tasks. What makes up one scrape takes about as long on both sides.
func sizes(active float64) []benchCase {
	size := func(name string, tasks int) benchCase {
		return benchCase{name: name, oms: setup{Tasks: tasks, Active: active}, scrapes: usualSize / tasks, others: tasks / usualSize,
			ours: setup{Collectors: collector.AllCollectors}, other: &setup{Role: roleOurs, Collectors: collector.AllCollectors}, of: usualSize}
	}
	return []benchCase{size("150", 150), size("1,500", 1_500), size("100,000", 100_000)}
}

// usualSize is a large OMS, at which most is measured.
const usualSize = 15_000

// pairInterval is longer than a scrape and shorter than the pause between two pairs of them.
const pairInterval = 4 * time.Second
