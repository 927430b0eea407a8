package page

import (
	"strconv"
	"time"
)

// recentState is the recent walks of a target.
type recentState struct {
	Walks  []recentLine
	Failed int
}

type recentLine struct {
	Href   string
	At     Moment
	Reason string // why it failed; "" if it is complete
	Result string
}

func recentOf(walks []RecentWalk, now time.Time) (s recentState) {
	for _, w := range walks {
		l := recentLine{Href: "walks/" + strconv.FormatInt(w.ID, 10), At: Moment{w.At, now}, Reason: string(w.Reason)}
		if l.Reason == "" {
			l.Result = counted(w.Tasks, "task") + " on " + counted(w.Pages, "page") + " in " + formatElapsed(w.Took)
		} else {
			l.Result = "after " + formatElapsed(w.Took) + " and " + counted(w.Pages, "page")
			s.Failed++
		}
		s.Walks = append(s.Walks, l)
	}
	return s
}
