// Package exposition writes samples of gauges: as text, in the formats of Prometheus and of OpenMetrics, and in the
// client library's model, for a registry and for protobuf. It does not know which metrics there are. Package collector
// describes them in its table and adds their samples.
package exposition

import (
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
)

// Metric is the description of a gauge, prepared for writing its samples.
type Metric struct {
	Name   string
	Help   string
	Labels []string // all, those of the identity first
	Desc   *prometheus.Desc

	names    []*string // of the metric's own labels
	layout   []int     // for each label, sorted by name: its index in TaskLabels, or behind that among the metric's own
	text     []textPiece
	head     string // of the text format
	openHead string // of OpenMetrics
}

// NewMetric prepares a metric. identity is TaskLabels or TargetLabels, own are the names of the metric's own labels.
func NewMetric(name, help string, identity, own []string) *Metric {
	m := &Metric{Name: name, Help: help, Labels: slices.Concat(identity, own), layout: layoutOf(identity, own)}
	for i := range own {
		m.names = append(m.names, &own[i])
	}
	m.Desc = prometheus.NewDesc(name, help, m.Labels, nil)
	m.text = textLayout(own, m.layout)
	m.head, m.openHead = textHead(m, false), textHead(m, true)
	return m
}

// layoutOf returns the order of the labels by name: client libraries and servers expect them sorted.
func layoutOf(identity, own []string) []int {
	layout := make([]int, 0, len(identity)+len(own))
	for i := range identity {
		layout = append(layout, i)
	}
	for i := range own {
		layout = append(layout, len(TaskLabels)+i)
	}
	slices.SortFunc(layout, func(a, b int) int { return strings.Compare(nameAt(own, a), nameAt(own, b)) })
	return layout
}

func nameAt(own []string, at int) string {
	if at < len(TaskLabels) {
		return TaskLabels[at]
	}
	return own[at-len(TaskLabels)]
}
