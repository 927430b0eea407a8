package collector

import (
	dto "github.com/prometheus/client_model/go"

	"github.com/oms-exporter/oms_exporter/oms"
)

// modelSamples makes samples of the client library's model, for a registry and for the formats that are encoded from it.
type modelSamples struct {
	metrics []*dto.Metric // of the family under way
	shared  map[pairKey]*dto.LabelPair
	memory  arena
}

type pairKey struct {
	name  *string
	value string
}

// pairs are the label pairs of taskIdentity, or the first of them; all series of a task share them.
type pairs [identityLabels]*dto.LabelPair

func pairsOf(target string, t *oms.Task) pairs {
	var p pairs
	for i, value := range [len(p)]string{target, t.ID, t.Type, t.SourceType, t.SinkType} {
		p[i] = pair(&taskIdentity[i], value)
	}
	return p
}

func (m *modelSamples) sample(f *family, identity *pairs, value float64, labels []string) {
	metric := m.memory.gauge(value, len(f.layout))
	for _, at := range f.layout {
		if at < len(identity) {
			metric.Label = append(metric.Label, identity[at])
			continue
		}
		own := at - len(identity)
		metric.Label = append(metric.Label, m.pair(f.labels[own], labels[own]))
	}
	m.metrics = append(m.metrics, metric)
}

// pair is shared by all series of a scrape.
func (m *modelSamples) pair(name *string, value string) *dto.LabelPair {
	key := pairKey{name, value}
	p, ok := m.shared[key]
	if !ok {
		p = pair(name, value)
		m.shared[key] = p
	}
	return p
}

func pair(name *string, value string) *dto.LabelPair {
	return &dto.LabelPair{Name: name, Value: &value}
}
