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

// The groups of metrics. Each function reports whether the metrics of its group are exported.
func ofSteps(c Collectors) bool  { return c.Step }
func ofSync(c Collectors) bool   { return c.Sync }
func ofAlarms(c Collectors) bool { return c.Alarm }

// metric is a line of the table: a metric of a target as a whole, or of each task.
type metric struct {
	name   string
	labels []string              // beside exposition.TargetLabels or exposition.TaskLabels
	group  func(Collectors) bool // nil: always exported
	ended  bool                  // ended tasks have it, too
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
	m := &Metrics{lines: slices.DeleteFunc(slices.Clone(table), func(line metric) bool {
		return line.group != nil && !line.group(collectors)
	})}
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
