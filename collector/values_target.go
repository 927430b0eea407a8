package collector

import (
	"github.com/oms-exporter/oms_exporter/oms"
)

// The values of the metrics of targets. After a failed walk only the figures of the walk itself are known.

// ofList returns a function that adds a figure of the list of tasks. A failed walk has no list.
func ofList(figure func(*Snapshot) float64) func(*Snapshot, *samples) {
	return func(s *Snapshot, to *samples) {
		if s.Err == nil {
			to.Add(figure(s))
		}
	}
}

func addFailure(s *Snapshot, to *samples) {
	for _, reason := range oms.Reasons() {
		to.Add(boolValue(reason == s.Reason()), string(reason))
	}
}

func addReported(s *Snapshot, to *samples) {
	if s.Err == nil && s.Walk.Reported.Valid {
		to.Add(float64(s.Walk.Reported.Value))
	}
}

func addClockOffset(s *Snapshot, to *samples) {
	if s.Walk.ClockOffset.Valid {
		to.Add(s.Walk.ClockOffset.Value.Seconds())
	}
}

// addTaskCounts counts the tasks. Each combination of types has a series for every known status: a sum over a status
// always exists.
func addTaskCounts(s *Snapshot, to *samples) {
	type kind struct{ of, source, sink string }
	type count struct {
		kind   kind
		status string
	}
	if s.Err != nil {
		return
	}
	var kinds []kind
	others := make(map[kind][]string) // statuses beyond the known ones
	counts := make(map[count]int)
	for _, t := range s.Walk.Tasks {
		k := kind{t.Type, t.SourceType, t.SinkType}
		if _, ok := others[k]; !ok {
			kinds = append(kinds, k)
			others[k] = nil
		}
		status := StatusOf(t)
		if counts[count{k, status}] == 0 && !isKnownStatus(status) {
			others[k] = append(others[k], status)
		}
		counts[count{k, status}]++
	}
	for _, k := range kinds {
		for _, status := range taskStatuses {
			to.Add(float64(counts[count{k, status}]), k.of, k.source, k.sink, status)
		}
		for _, status := range others[k] {
			to.Add(float64(counts[count{k, status}]), k.of, k.source, k.sink, status)
		}
	}
}
