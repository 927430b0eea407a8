package exposition

import dto "github.com/prometheus/client_model/go"

// gaugeArena allocates many gauges at a time: the client library's model needs a pointer for each value.
type gaugeArena struct {
	cells  []cell
	labels []*dto.LabelPair
}

// cell is a sample with all that it points to.
type cell struct {
	metric dto.Metric
	gauge  dto.Gauge
	value  float64
}

const arenaPiece = 512

// gauge returns a sample of value that can take so many labels.
func (a *gaugeArena) gauge(value float64, labels int) *dto.Metric {
	if len(a.cells) == 0 {
		a.cells = make([]cell, arenaPiece)
	}
	if len(a.labels) < labels {
		a.labels = make([]*dto.LabelPair, arenaPiece*labels)
	}
	c := &a.cells[0]
	a.cells = a.cells[1:]
	c.value = value
	c.gauge.Value = &c.value
	c.metric.Gauge = &c.gauge
	c.metric.Label = a.labels[:0:labels]
	a.labels = a.labels[labels:]
	return &c.metric
}
