package collector

import (
	"slices"
	"strings"
	"time"

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

const identityLabels = 5

// samples takes the samples of one family at a time, and makes of them what is wanted: text, or the client library's model.
type samples struct {
	family   *family
	identity *identity // of the next samples

	text  *TextWriter // or else:
	model *modelSamples
	pairs *pairs // the identity's
}

// add is a sample of value, with a value for each of the family's own labels.
func (s *samples) add(value float64, labels ...string) {
	if s.text != nil {
		s.text.sample(s.family, s.identity, value, labels)
		return
	}
	s.model.sample(s.family, s.pairs, value, labels)
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
