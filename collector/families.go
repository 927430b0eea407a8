package collector

import (
	"github.com/oms-exporter/oms_exporter/internal/exposition"
)

// Families returns the families of snapshots, one of each target, sorted by name. A family without samples is among
// them.
func (m *Metrics) Families(snapshots []*Snapshot) []exposition.Family {
	f := &filler{metrics: m, snapshots: snapshots}
	for _, s := range snapshots {
		f.views = append(f.views, s.TaskViews())
		f.targets = append(f.targets, exposition.OfTarget(s.Target.Name))
	}
	return exposition.Families(m.list, f.fill)
}

// filler fills the families of one scrape.
type filler struct {
	metrics   *Metrics
	snapshots []*Snapshot
	views     []*TaskViews          // of each snapshot; other scrapes share them while they are in use
	targets   []exposition.Identity // of each snapshot
	pairs     [][]exposition.Pairs  // of each view, and the target's behind them; nil until they are needed
}

// fill adds the samples of a line of the table.
func (f *filler) fill(i int, to *exposition.Samples) {
	line, s := &f.metrics.lines[i], &samples{to}
	if to.NeedsPairs() {
		f.preparePairs()
	}
	for i, snapshot := range f.snapshots {
		views := f.views[i].List
		if line.target != nil {
			to.Begin(&f.targets[i], f.pairsAt(i, len(views)))
			line.target(snapshot, s)
			continue
		}
		for j := range views {
			view := &views[j]
			if view.Ended && !line.ended {
				continue
			}
			if to.Failed() {
				return
			}
			to.Begin(&view.identity, f.pairsAt(i, j))
			line.task(view, s)
		}
	}
}

func (f *filler) pairsAt(i, j int) *exposition.Pairs {
	if f.pairs == nil {
		return nil
	}
	return &f.pairs[i][j]
}

func (f *filler) preparePairs() {
	if f.pairs != nil {
		return
	}
	f.pairs = make([][]exposition.Pairs, len(f.snapshots))
	for i, s := range f.snapshots {
		views := f.views[i].List
		f.pairs[i] = make([]exposition.Pairs, len(views)+1)
		for j := range views {
			v := &views[j]
			f.pairs[i][j] = exposition.NewPairs(s.Target.Name, v.ID, v.Type, v.SourceType, v.SinkType)
		}
		f.pairs[i][len(views)] = exposition.NewPairs(s.Target.Name)
	}
}
