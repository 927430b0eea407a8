package collector

import (
	"slices"
	"strings"

	"github.com/oms-exporter/oms_exporter/internal/exposition"
)

// Collectors are the groups of metrics that a user can leave out, by the flags --collector.*.
type Collectors struct {
	Step, Sync, Alarm bool
}

// AllCollectors leaves nothing out.
var AllCollectors = Collectors{Step: true, Sync: true, Alarm: true}

// group is the collector that a metric belongs to.
type group int

const (
	always group = iota
	ofSteps
	ofSync
	ofAlarms
)

func (c Collectors) has(g group) bool {
	switch g {
	case ofSteps:
		return c.Step
	case ofSync:
		return c.Sync
	case ofAlarms:
		return c.Alarm
	}
	return true
}

// metric is a line of the table: a metric of a target as a whole, or of each task.
type metric struct {
	name   string
	labels []string // beside exposition.TargetLabels or exposition.TaskLabels
	group  group
	ended  bool // ended tasks have it, too
	help   string
	target func(*Snapshot, *samples) // adds the samples of a target, or
	task   func(*TaskView, *samples) // those of a task
}

// Metrics are the metrics of the table that are exported, sorted by name. It is safe for concurrent use.
type Metrics struct {
	lines []metric
	list  []*exposition.Metric // of each line
}

// NewMetrics prepares the metrics of collectors.
func NewMetrics(collectors Collectors) *Metrics {
	m := &Metrics{
		lines: slices.DeleteFunc(slices.Clone(table), func(line metric) bool { return !collectors.has(line.group) }),
	}
	slices.SortFunc(m.lines, func(a, b metric) int { return strings.Compare(a.name, b.name) })
	for _, line := range m.lines {
		identity := exposition.TargetLabels
		if line.task != nil {
			identity = exposition.TaskLabels
		}
		m.list = append(m.list, exposition.NewMetric(line.name, line.help, identity, line.labels))
	}
	return m
}

// List describes the metrics, sorted by name.
func (m *Metrics) List() []*exposition.Metric { return m.list }
