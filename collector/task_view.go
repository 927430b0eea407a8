package collector

import (
	"math"
	"runtime"
	"slices"
	"time"

	"github.com/oms-exporter/oms_exporter/internal/exposition"
	"github.com/oms-exporter/oms_exporter/oms"
)

// TaskView is a task with the values derived from its row and from the target's settings. Metrics and pages show it.
type TaskView struct {
	*oms.Task
	Ended        bool             // nothing happens in it any more: it has only identity, status, failure and timestamps
	Steps        []*oms.Step      // by name, each once; of several with one name that of the highest order
	Syncs        []Sync           // directions with an effective delay or a checkpoint
	LogRetention oms.Opt[float64] // seconds that OMS keeps the logs of the source
	PauseLimit   oms.Opt[float64] // seconds after which OMS can no longer resume the task when it is paused
	PausedSince  time.Time        // the first walk that found the task paused, by the exporter's clock; zero: not paused
	Tags         []oms.Tag        // by id, each once
	Rules        []oms.RuleCount  // by rule, each once
	identity     exposition.Identity
}

// yieldEvery is a number of views that takes less than a millisecond to make.
const yieldEvery = 256

func (s *Snapshot) taskViews() []TaskView {
	views := make([]TaskView, len(s.Walk.Tasks))
	var identities exposition.IdentityArena
	for i, task := range s.Walk.Tasks {
		if i%yieldEvery == yieldEvery-1 {
			runtime.Gosched() // on one CPU, other requests would wait for the end of a long list
		}
		views[i] = s.Target.view(task, s.clockAt(task.Received))
		views[i].PausedSince = s.paused[task.ID]
		views[i].identity = identities.OfTask(s.Target.Name, task.ID, task.Type, task.SourceType, task.SinkType)
	}
	return views
}

func (t *Target) view(task *oms.Task, now time.Time) TaskView {
	v := TaskView{Task: task, Ended: t.ended(task, now), Tags: tags(task)}
	if v.Ended {
		return v
	}
	v.Steps = steps(task)
	v.Syncs = syncs(task, t.Thresholds, now)
	if hasIncrements(task) {
		v.LogRetention = logRetention(task, t.LogRetention)
		v.PauseLimit = positive(oms.Some(t.PauseLimit.Seconds()))
	}
	v.Rules = rules(task)
	return v
}

// ended reports whether a task is over. Most rows of an old OMS are.
func (s *Settings) ended(task *oms.Task, now time.Time) bool {
	switch {
	case s.EndedByStatus(task.Status):
		return true
	case task.Status != "FINISHED":
		return false
	}
	since := task.Finished
	if since.IsZero() {
		since = task.Modified
	}
	return !since.IsZero() && now.Sub(since) > s.FinishedDetail
}

// EndedByStatus reports whether every task with that status is over. The steps of such a task are not used.
func (s *Settings) EndedByStatus(status string) bool {
	switch status {
	case "RELEASED", "DELETED":
		return true
	case "FINISHED":
		return s.FinishedDetail == 0
	}
	return false
}

func steps(task *oms.Task) []*oms.Step {
	steps := make([]*oms.Step, 0, len(task.Steps))
	for i := range task.Steps {
		if task.Steps[i].Name != "" {
			steps = append(steps, &task.Steps[i])
		}
	}
	return unique(steps, func(s *oms.Step) string { return s.Name }, higherOrder)
}

func tags(task *oms.Task) []oms.Tag {
	return unique(task.Tags, func(l oms.Tag) oms.Tag {
		if l.ID != "" {
			return oms.Tag{ID: l.ID}
		}
		return l
	}, nil)
}

func rules(task *oms.Task) []oms.RuleCount {
	if task.Alarms == nil {
		return nil
	}
	return unique(task.Alarms.ByRule, func(r oms.RuleCount) string { return r.Rule }, nil)
}

// unique keeps one of the elements that share a key, at the place of the first. It keeps the one that precedes the
// others, or the last one if precedes is nil. A series that is exported twice would fail a whole scrape.
func unique[T any, K comparable](list []T, key func(T) K, precedes func(a, b T) bool) []T {
	if !repeats(list, key) {
		return list
	}
	index := make(map[K]int, len(list))
	kept := make([]T, 0, len(list))
	for _, element := range list {
		at, ok := index[key(element)]
		switch {
		case !ok:
			index[key(element)] = len(kept)
			kept = append(kept, element)
		case precedes == nil || !precedes(kept[at], element):
			kept[at] = element
		}
	}
	return kept
}

// repeats reports whether two elements share a key. A short list needs no memory for that. A long one, which no OMS
// sends, counts as repeating: unique then looks at each element once.
func repeats[T any, K comparable](list []T, key func(T) K) bool {
	const usual = 32
	if len(list) > usual {
		return true
	}
	for i := range list {
		for j := range i {
			if key(list[i]) == key(list[j]) {
				return true
			}
		}
	}
	return false
}

// hasIncrements reports whether a task has incremental transfer.
func hasIncrements(task *oms.Task) bool {
	return task.IncrTransfer.Value ||
		slices.ContainsFunc(task.Steps, func(s oms.Step) bool { return IsIncremental(s.Name) })
}

// logRetention returns the time in seconds that OMS keeps the logs of a task with incremental transfer. A task that
// stands still for longer cannot be resumed.
func logRetention(task *oms.Task, fallback time.Duration) oms.Opt[float64] {
	var seconds oms.Opt[float64]
	if task.ExtraInfo != nil {
		seconds = positive(ofHours(task.ExtraInfo.SourceStoreKeptHour))
	}
	seconds = seconds.Or(positive(ofHours(task.StoreLogKeptHour)))
	return seconds.Or(positive(oms.Some(fallback.Seconds())))
}

func ofHours(v oms.Opt[float64]) oms.Opt[float64] {
	v.Value *= time.Hour.Seconds()
	return v
}

// positive returns v if it is above 0 and finite, or no value.
func positive(v oms.Opt[float64]) oms.Opt[float64] {
	if v.Value <= 0 || math.IsInf(v.Value, +1) {
		return oms.Opt[float64]{}
	}
	return v
}
