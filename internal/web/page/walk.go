package page

import (
	"time"

	"github.com/oms-exporter/oms_exporter/collector"
)

// walkState is how a walk went.
type walkState struct {
	At      Moment
	Took    string
	Pages   string
	Tasks   string
	Missing int64  // tasks that OMS promised and did not give
	Clock   string // how far the clock of the OMS is off, if that is worth a word
}

func walkOf(s *collector.Snapshot, now time.Time) *walkState {
	w := &walkState{
		At: Moment{s.At, now}, Took: formatElapsed(s.Walk.Duration),
		Pages: counted(s.Walk.Pages, "page"), Tasks: counted(len(s.Walk.Tasks), "task"),
	}
	if s.Err == nil && s.Walk.Reported.Valid {
		w.Missing = max(s.Walk.Reported.Value-int64(len(s.Walk.Tasks)), 0)
	}
	if offset := s.Walk.ClockOffset.Value; offset > collector.MaxClockOffset {
		w.Clock = formatDuration(offset) + " ahead"
	} else if offset < -collector.MaxClockOffset {
		w.Clock = formatDuration(-offset) + " behind"
	}
	return w
}

// walkFailure is a walk that did not reach the end.
type walkFailure struct {
	*walkState
	Reason string
	Error  Text // says what to do, too
}

// failure is that of the last walk, nil if it reached the end or there was none.
func (t *Target) failure(now time.Time) *walkFailure {
	if t.Last == nil || t.Last.Err == nil {
		return nil
	}
	return &walkFailure{walkOf(t.Last, now), string(t.Last.Reason()), newText(t.Last.Err.Error(), errorLimit)}
}
