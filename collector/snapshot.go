package collector

import (
	"sync"
	"time"
	"weak"

	"github.com/oms-exporter/oms_exporter/oms"
)

// Snapshot is what a scrape of one target gave: the whole list of its tasks, or why there is none.
type Snapshot struct {
	Target *Target
	Walk   *oms.Walk     // never nil; without tasks after a failure
	Err    error         // an *oms.Error after a failure
	At     time.Time     // when the walk ended
	Age    time.Duration // how old the walk was when it was shown again, by MinInterval; else 0

	paused map[string]time.Time // since when complete walks have found a task paused, by id
	shared *sharedViews         // by the scrapes that this walk answers; nil: by nobody
}

// Reason is why there is no list; empty if there is one.
func (s *Snapshot) Reason() oms.Reason { return reasonOf(s.Err) }

// clockAt is the time of the OMS when a row arrived, or when the walk ended if that is not known: the tasks' times are of that clock.
func (s *Snapshot) clockAt(received time.Time) time.Time {
	if received.IsZero() {
		received = s.At
	}
	return received.Add(s.Walk.ClockOffset.Value)
}

// pausedSince returns since when the tasks of a complete walk have been found paused: a task that was paused in the walk before keeps its
// time. An outage of the OMS in between does not end a pause.
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

// ViewList holds the views of a walk, in OMS' order. They are not to be changed.
type ViewList struct{ Views []View }

// sharedViews holds the views of a walk while somebody uses them. All scrapes and pages that show the walk at the same time use the same views.
type sharedViews struct {
	mu   sync.Mutex
	list weak.Pointer[ViewList]
}

// ViewList returns the views of the walk. A caller keeps the result, and not its elements alone, for as long as others shall share it.
func (s *Snapshot) ViewList() *ViewList {
	if s.shared == nil {
		return &ViewList{s.views()}
	}
	s.shared.mu.Lock()
	defer s.shared.mu.Unlock()
	if list := s.shared.list.Value(); list != nil {
		return list
	}
	list := &ViewList{s.views()}
	s.shared.list = weak.Make(list)
	return list
}
