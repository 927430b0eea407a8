package collector

import (
	"slices"
	"strings"
	"time"

	dto "github.com/prometheus/client_model/go"

	"github.com/oms-exporter/oms_exporter/oms"
)

// part is what of the exposition a user can leave out.
type part int

const (
	always part = iota
	ofSteps
	ofSync
	ofAlarms
)

// targetFamily is a metric of an OMS as a whole, beside whose labels stands oms.
type targetFamily struct {
	name   string
	labels []string
	help   string
	add    func(*Snapshot, *samples)
}

// taskFamily is a metric of each task, beside whose labels stand those of taskIdentity.
type taskFamily struct {
	name   string
	labels []string
	part   part
	ended  bool // there for ended tasks, too
	help   string
	add    func(*View, *samples)
}

// taskIdentity are the labels of each series of a task. They do not change in its life.
var taskIdentity = []string{"oms", "task_id", "type", "source_type", "sink_type"}

var targetIdentity = taskIdentity[:1]

// identity holds the label pairs of taskIdentity, or of targetIdentity, in that order; all series of a task share them.
type identity [5]*dto.LabelPair

func identityOf(target string, t *oms.Task) identity {
	var id identity
	for i, value := range [len(id)]string{target, t.ID, t.Type, t.SourceType, t.SinkType} {
		id[i] = pair(&taskIdentity[i], value)
	}
	return id
}

// samples takes the samples of one family at a time. What dto needs as pointers is cut from larger pieces of memory.
type samples struct {
	labels   []*string // names of the family's own labels
	layout   []int     // for each label, sorted by name: its index in identity, or behind that among the family's own
	identity *identity
	metrics  []*dto.Metric
	pairs    map[pairKey]*dto.LabelPair // shared by all series of a scrape
	memory   arena
}

type pairKey struct {
	name  *string
	value string
}

// add is a sample of value, with a value for each of the family's own labels.
func (s *samples) add(value float64, labels ...string) {
	m := s.memory.gauge(value, len(s.layout))
	for _, at := range s.layout {
		if at < len(s.identity) {
			m.Label = append(m.Label, s.identity[at])
			continue
		}
		own := at - len(s.identity)
		m.Label = append(m.Label, s.pair(s.labels[own], labels[own]))
	}
	s.metrics = append(s.metrics, m)
}

// number is a sample if there is a value.
func (s *samples) number(v oms.Opt[float64], labels ...string) {
	if v.Valid {
		s.add(v.Value, labels...)
	}
}

// amount is a sample if there is a value that an amount can have.
func (s *samples) amount(v oms.Opt[float64], labels ...string) {
	if v.Valid && v.Value >= 0 {
		s.add(v.Value, labels...)
	}
}

// flag is a sample of 0 or 1 if there is a value.
func (s *samples) flag(v oms.Opt[bool], labels ...string) {
	if v.Valid {
		s.add(boolValue(v.Value), labels...)
	}
}

// time is a sample in Unix seconds if there is a time.
func (s *samples) time(t time.Time, labels ...string) {
	if !t.IsZero() {
		s.add(unixSeconds(t), labels...)
	}
}

func boolValue(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func unixSeconds(t time.Time) float64 {
	return float64(t.Unix()) + float64(t.Nanosecond())/1e9
}

func (s *samples) pair(name *string, value string) *dto.LabelPair {
	key := pairKey{name, value}
	p, ok := s.pairs[key]
	if !ok {
		p = pair(name, value)
		s.pairs[key] = p
	}
	return p
}

func pair(name *string, value string) *dto.LabelPair {
	return &dto.LabelPair{Name: name, Value: &value}
}

// layoutOf gives the order of the labels by name: client libraries and servers expect them sorted.
func layoutOf(identity, own []string) []int {
	names := slices.Concat(identity, own)
	layout := make([]int, 0, len(names))
	for i := range names {
		at := i
		if i >= len(identity) {
			at = i - len(identity) + len(taskIdentity)
		}
		layout = append(layout, at)
	}
	slices.SortFunc(layout, func(a, b int) int { return strings.Compare(nameAt(own, a), nameAt(own, b)) })
	return layout
}

func nameAt(own []string, at int) string {
	if at < len(taskIdentity) {
		return taskIdentity[at]
	}
	return own[at-len(taskIdentity)]
}
