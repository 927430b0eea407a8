package exposition

import (
	dto "github.com/prometheus/client_model/go"
)

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
