package collector

import (
	dto "github.com/prometheus/client_model/go"
)

// Exposition is what one scrape gave, to be written one family after the other: the samples of no more than one are in memory.
type Exposition struct {
	metrics   *Metrics
	snapshots []*Snapshot
	views     []*ViewList // of each snapshot
	targets   []identity  // of each snapshot
	pairs     [][]pairs   // of each view, and the target's behind them; nil until they are needed
	model     modelSamples
}

// Exposition prepares the samples of snapshots, one of each target.
func (m *Metrics) Exposition(snapshots []*Snapshot) *Exposition {
	e := &Exposition{metrics: m, snapshots: snapshots, views: make([]*ViewList, len(snapshots)), targets: make([]identity, len(snapshots))}
	for i, s := range snapshots {
		e.views[i] = s.ViewList()
		e.targets[i] = identityOfTarget(s.Target.Name)
	}
	return e
}

// Families are the families of the exposition, sorted by name, those without a sample too.
func (e *Exposition) Families() []Family {
	families := make([]Family, len(e.metrics.families))
	for i := range families {
		families[i] = Family{&e.metrics.families[i], e}
	}
	return families
}

// Family is a metric with all its samples in an exposition.
type Family struct {
	*family
	of *Exposition
}

// Name is the metric's name.
func (f Family) Name() string { return f.family.Name }

// WriteText writes the samples, if there are any, with the family's head. The error is w's first.
func (f Family) WriteText(w *TextWriter) error {
	w.headed = false
	f.of.fill(f.family, &samples{family: f.family, text: w})
	return w.err
}

// Model is the family in the client library's model; nil if it has no samples.
func (f Family) Model() *dto.MetricFamily {
	metrics := f.metrics()
	if len(metrics) == 0 {
		return nil
	}
	return &dto.MetricFamily{Name: &f.Metric.Name, Help: &f.Help, Type: dto.MetricType_GAUGE.Enum(), Metric: metrics}
}

func (f Family) metrics() []*dto.Metric {
	f.of.preparePairs()
	f.of.model.metrics = nil
	f.of.fill(f.family, &samples{family: f.family, model: &f.of.model})
	return f.of.model.metrics
}

// fill hands the samples of one family to s.
func (e *Exposition) fill(f *family, s *samples) {
	for i, snapshot := range e.snapshots {
		views := e.views[i].Views
		if f.target != nil {
			s.identity = &e.targets[i]
			if s.model != nil {
				s.pairs = &e.pairs[i][len(views)]
			}
			f.target(snapshot, s)
			continue
		}
		for j := range views {
			v := &views[j]
			if v.Ended && !f.ended {
				continue
			}
			if s.text != nil && s.text.err != nil {
				return
			}
			s.identity = &v.identity
			if s.model != nil {
				s.pairs = &e.pairs[i][j]
			}
			f.task(v, s)
		}
	}
}

func (e *Exposition) preparePairs() {
	if e.pairs != nil {
		return
	}
	e.model.shared = make(map[pairKey]*dto.LabelPair)
	e.pairs = make([][]pairs, len(e.snapshots))
	for i, s := range e.snapshots {
		views := e.views[i].Views
		e.pairs[i] = make([]pairs, len(views)+1)
		for j := range views {
			e.pairs[i][j] = pairsOf(s.Target.Name, views[j].Task)
		}
		e.pairs[i][len(views)][0] = pair(&targetIdentity[0], s.Target.Name)
	}
}

// Families are the samples of snapshots in the client library's model, sorted by name.
func (m *Metrics) Families(snapshots []*Snapshot) []*dto.MetricFamily {
	families := make([]*dto.MetricFamily, 0, len(m.families))
	for _, f := range m.Exposition(snapshots).Families() {
		if family := f.Model(); family != nil {
			families = append(families, family)
		}
	}
	return families
}
