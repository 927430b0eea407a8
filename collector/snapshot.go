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

// viewList are the views of a walk. They are not to be changed.
type viewList struct{ views []View }

// sharedViews gives all who show a walk at the same time the same views, and keeps them no longer than they do: what N scrapes at once need
// of memory is what one needs, and what is needed between scrapes is nothing.
type sharedViews struct {
	mu   sync.Mutex
	list weak.Pointer[viewList]
}

// viewList is what Views gives, shared with others.
func (s *Snapshot) viewList() *viewList {
	if s.shared == nil {
		return &viewList{s.Views()}
	}
	s.shared.mu.Lock()
	defer s.shared.mu.Unlock()
	if list := s.shared.list.Value(); list != nil {
		return list
	}
	list := &viewList{s.Views()}
	s.shared.list = weak.Make(list)
	return list
}
