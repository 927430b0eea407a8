package collector

import (
	"time"

	"github.com/oms-exporter/oms_exporter/oms"
)

// Snapshot is what a scrape of one target gave: the whole list of its tasks, or why there is none.
type Snapshot struct {
	Target *Target
	Walk   *oms.Walk     // never nil; without tasks after a failure
	Err    error         // an *oms.Error after a failure
	At     time.Time     // when the walk ended
	Age    time.Duration // how old the walk was when it was shown again, by MinInterval; else 0
}

// Reason is why there is no list; empty if there is one.
func (s *Snapshot) Reason() oms.Reason { return reasonOf(s.Err) }

// now is the time of the OMS itself when the walk ended: its tasks' times are of that clock.
func (s *Snapshot) now() time.Time { return s.At.Add(s.Walk.ClockOffset.Value) }
