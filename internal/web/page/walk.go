package page

import (
	"strconv"
	"time"

	"github.com/oms-exporter/oms_exporter/collector"
)

// walkState describes a complete walk.
type walkState struct {
	At      Moment
	Result  string
	Missing string // how many tasks OMS reported but did not list; "" if none
	Clock   string // how far the clock of the OMS is off; "" if that is too little to matter
}

func newWalkState(s *collector.Snapshot, p printer) *walkState {
	walk := s.Walk
	w := &walkState{At: p.moment(s.At), Result: p.completeWalk(walk.Duration, walk.Pages, len(walk.Tasks))}
	if missing := walk.Reported.Value - int64(len(walk.Tasks)); walk.Reported.Valid && missing > 0 {
		w.Missing = p.count(int(missing),
			"OMS reports %d more task than it listed.", "OMS reports %d more tasks than it listed.")
	}
	if offset := walk.ClockOffset.Value; offset > collector.MaxClockOffset {
		w.Clock = p.text("The clock of the OMS is %s ahead.", p.duration(offset))
	} else if offset < -collector.MaxClockOffset {
		w.Clock = p.text("The clock of the OMS is %s behind.", p.duration(-offset))
	}
	return w
}

func (l *locale) completeWalk(took time.Duration, pages, tasks int) string {
	return l.text("%s on %s in %s",
		l.count(tasks, "%d task", "%d tasks"), l.count(pages, "%d page", "%d pages"), l.elapsed(took))
}

func (l *locale) failedWalk(took time.Duration, pages int) string {
	return l.text("after %s and %s", l.elapsed(took), l.count(pages, "%d page", "%d pages"))
}

// walkFailure describes a walk that failed.
type walkFailure struct {
	At     Moment
	Result string
	Reason string
	Error  Text // with the advice
}

// failure describes the last walk, or returns nil if it succeeded or there was none.
func (t *Target) failure(p printer) *walkFailure {
	if t.Last == nil || t.Last.Err == nil {
		return nil
	}
	return &walkFailure{
		At:     p.moment(t.Last.At),
		Result: p.failedWalk(t.Last.Walk.Duration, t.Last.Walk.Pages),
		Reason: string(t.Last.Reason()),
		Error:  newText(t.Last.Err.Error(), errorLimit),
	}
}

// recentWalks describes the recent walks of a target.
type recentWalks struct {
	Walks  []recentWalk
	Failed int
}

type recentWalk struct {
	Href   string
	At     Moment
	Reason string // reason of its failure; "" if it is complete
	Result string
}

func newRecentWalks(walks []RecentWalk, p printer) (recent recentWalks) {
	for _, w := range walks {
		shown := recentWalk{
			Href: "walks/" + strconv.FormatInt(w.ID, 10), At: p.moment(w.At), Reason: string(w.Reason),
			Result: p.completeWalk(w.Took, w.Pages, w.Tasks),
		}
		if shown.Reason != "" {
			shown.Result = p.failedWalk(w.Took, w.Pages)
			recent.Failed++
		}
		recent.Walks = append(recent.Walks, shown)
	}
	return recent
}
