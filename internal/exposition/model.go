package exposition

import dto "github.com/prometheus/client_model/go"

// model makes samples of the client library's model. All families of a scrape share its label pairs.
type model struct {
	metrics []*dto.Metric // of the family that is being filled
	pairs   map[pairKey]*dto.LabelPair
	arena   gaugeArena
}

type pairKey struct {
	name  *string
	value string
}

// Pairs are the label pairs of an identity: of all TaskLabels, or of TargetLabels alone. All series of a task share
// them.
type Pairs [identityLabels]*dto.LabelPair

// NewPairs returns the pairs of the first labels of TaskLabels, one for each value.
func NewPairs(values ...string) (p Pairs) {
	for i, value := range values {
		p[i] = pair(&TaskLabels[i], value)
	}
	return p
}

func (m *model) sample(of *Metric, identity *Pairs, value float64, labels []string) {
	metric := m.arena.gauge(value, len(of.layout))
	for _, at := range of.layout {
		if at < len(identity) {
			metric.Label = append(metric.Label, identity[at])
			continue
		}
		own := at - len(identity)
		metric.Label = append(metric.Label, m.pair(of.names[own], labels[own]))
	}
	m.metrics = append(m.metrics, metric)
}

// pair returns a pair that all series of a scrape share.
func (m *model) pair(name *string, value string) *dto.LabelPair {
	key := pairKey{name, value}
	p, ok := m.pairs[key]
	if !ok {
		p = pair(name, value)
		m.pairs[key] = p
	}
	return p
}

func pair(name *string, value string) *dto.LabelPair {
	return &dto.LabelPair{Name: name, Value: &value}
}

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
