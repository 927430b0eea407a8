package collector

import (
	"errors"
	"sync"
	"time"
	"weak"

	"github.com/oms-exporter/oms_exporter/oms"
)

// Snapshot is the result of a scrape of one target: the whole list of its tasks, or the error of the walk.
type Snapshot struct {
	Target *Target
	Walk   *oms.Walk     // never nil; without tasks after a failure
	Err    error         // an *oms.Error after a failure
	At     time.Time     // end of the walk
	Age    time.Duration // of a walk that is shown again within MinInterval, otherwise 0

	paused map[string]time.Time // by task id: the first of the complete walks that found the task paused
	shared *sharedViews         // nil if no other scrape gets this walk
}

// Reason returns the reason of the failure, or "" if there is a list.
func (s *Snapshot) Reason() oms.Reason {
	if s.Err == nil {
		return ""
	}
	if failure, ok := errors.AsType[*oms.Error](s.Err); ok {
		return failure.Reason
	}
	return oms.Connect // no request was made
}

// clockAt returns the time of the OMS when a row arrived, or when the walk ended if that is unknown. The times of tasks
// are of that clock.
func (s *Snapshot) clockAt(received time.Time) time.Time {
	if received.IsZero() {
		received = s.At
	}
	return received.Add(s.Walk.ClockOffset.Value)
}

// pausedSince returns the time of the first walk that found each paused task paused. A task that was paused in the
// complete walk before keeps its time: an outage of the OMS in between does not end a pause.
func (s *Snapshot) pausedSince(before *Snapshot) map[string]time.Time {
	paused := make(map[string]time.Time)
	for _, task := range s.Walk.Tasks {
		if task.Status != "SUSPEND" {
			continue
		}
		paused[task.ID] = s.At
		if before == nil {
			continue
		}
		if since, ok := before.paused[task.ID]; ok {
			paused[task.ID] = since
		}
	}
	return paused
}

// TaskViews are the views of a walk, in the order of OMS. They must not be changed.
type TaskViews struct{ List []TaskView }

// sharedViews holds the views of a walk while they are in use. All scrapes and pages that show the walk at the same
// time use the same views.
type sharedViews struct {
	mu   sync.Mutex
	list weak.Pointer[TaskViews]
}

// TaskViews returns the views of the walk. Other callers get the same views while a caller keeps the pointer. Pointers
// to its elements do not count.
func (s *Snapshot) TaskViews() *TaskViews {
	if s.shared == nil {
		return &TaskViews{s.taskViews()}
	}
	s.shared.mu.Lock()
	defer s.shared.mu.Unlock()
	if views := s.shared.list.Value(); views != nil {
		return views
	}
	views := &TaskViews{s.taskViews()}
	s.shared.list = weak.Make(views)
	return views
}
