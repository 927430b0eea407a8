package collector

import (
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
)

// Parts of the exposition that a user can leave out.
type Parts struct {
	Steps, Sync, Alarms bool
}

// AllParts leaves nothing out.
var AllParts = Parts{Steps: true, Sync: true, Alarms: true}

func (p Parts) has(part part) bool {
	switch part {
	case ofSteps:
		return p.Steps
	case ofSync:
		return p.Sync
	case ofAlarms:
		return p.Alarms
	}
	return true
}

// Metrics are the families that are shown, sorted by name. It is safe for concurrent use.
type Metrics struct {
	families []family
}

// family is a line of one of the two tables, prepared for filling.
type family struct {
	Metric
	labels   []*string // names of the family's own labels
	layout   []int     // for each label, sorted by name: its index in the identity, or behind that among the family's own
	text     []textPiece
	head     string // of text
	openHead string // of OpenMetrics
	desc     *prometheus.Desc
	target   func(*Snapshot, *samples)
	task     func(*View, *samples)
	ended    bool
}

// Metric is what there is to know of a metric before any scrape. All are gauges.
type Metric struct {
	Name   string
	Help   string
	Labels []string // all, the identity first
}

// NewMetrics prepares the families of parts.
func NewMetrics(parts Parts) *Metrics {
	m := &Metrics{}
	for i := range targetFamilies {
		f := &targetFamilies[i]
		m.add(family{target: f.add}, f.name, f.help, targetIdentity, f.labels)
	}
	for i := range taskFamilies {
		if f := &taskFamilies[i]; parts.has(f.part) {
			m.add(family{task: f.add, ended: f.ended}, f.name, f.help, taskIdentity, f.labels)
		}
	}
	slices.SortFunc(m.families, func(a, b family) int { return strings.Compare(a.Name, b.Name) })
	return m
}

func (m *Metrics) add(f family, name, help string, identity, own []string) {
	f.Metric = Metric{Name: name, Help: help, Labels: slices.Concat(identity, own)}
	for i := range own {
		f.labels = append(f.labels, &own[i])
	}
	f.layout = layoutOf(identity, own)
	f.text = textLayout(own, f.layout)
	f.head, f.openHead = textHead(&f.Metric, false), textHead(&f.Metric, true)
	f.desc = prometheus.NewDesc(name, help, f.Labels, nil)
	m.families = append(m.families, f)
}

// List describes the metrics, sorted by name.
func (m *Metrics) List() []Metric {
	list := make([]Metric, 0, len(m.families))
	for i := range m.families {
		list = append(list, m.families[i].Metric)
	}
	return list
}
