package exposition

import (
	dto "github.com/prometheus/client_model/go"
)

// Family is a metric with all its samples in one scrape. They are made when the family is written: at most one
// family is in memory.
type Family struct {
	*Metric
	fill  func(*Samples)
	model *model
}

// Families returns a family for each metric of one scrape. fill adds the samples of metrics[i] to s, each time the
// family is written.
func Families(metrics []*Metric, fill func(i int, s *Samples)) []Family {
	shared := &model{pairs: make(map[pairKey]*dto.LabelPair)}
	families := make([]Family, len(metrics))
	for i, m := range metrics {
		families[i] = Family{Metric: m, fill: func(s *Samples) { fill(i, s) }, model: shared}
	}
	return families
}

// WriteText writes the head of the family and its samples. It writes nothing if there are no samples. It returns the
// first error of w.
func (f Family) WriteText(w *TextWriter) error {
	w.headed = false
	f.fill(&Samples{metric: f.Metric, text: w})
	return w.err
}

// Model returns the family in the client library's model, or nil if it has no samples.
func (f Family) Model() *dto.MetricFamily {
	f.model.metrics = nil
	f.fill(&Samples{metric: f.Metric, model: f.model})
	if len(f.model.metrics) == 0 {
		return nil
	}
	return &dto.MetricFamily{Name: &f.Name, Help: &f.Help, Type: dto.MetricType_GAUGE.Enum(), Metric: f.model.metrics}
}

// Samples takes the samples of one family and writes them as text or collects them in the client library's model.
type Samples struct {
	metric   *Metric
	identity *Identity // of the next samples

	text  *TextWriter // nil for the model
	model *model      // nil for text
	pairs *Pairs      // those of identity, for the model
}

// Begin sets the identity of the samples that follow. pairs are the same labels for the model; they are not used if
// NeedsPairs is false.
func (s *Samples) Begin(identity *Identity, pairs *Pairs) { s.identity, s.pairs = identity, pairs }

// NeedsPairs reports whether Begin needs the pairs of an identity.
func (s *Samples) NeedsPairs() bool { return s.model != nil }

// Failed reports whether writing failed: further samples are not needed.
func (s *Samples) Failed() bool { return s.text != nil && s.text.err != nil }

// Add adds a sample with a value for each of the metric's own labels.
func (s *Samples) Add(value float64, labels ...string) {
	if s.text != nil {
		s.text.sample(s.metric, s.identity, value, labels)
		return
	}
	s.model.sample(s.metric, s.pairs, value, labels)
}
