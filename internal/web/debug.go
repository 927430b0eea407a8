package web

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/common/expfmt"

	"github.com/oms-exporter/oms_exporter/collector"
	"github.com/oms-exporter/oms_exporter/oms"
)

// serveDebug tells the story of a walk page by page, then the metrics that it gave. The walk is of its own: it is shared with no scrape,
// and nothing of it is kept.
func (s *Server) serveDebug(ctx context.Context, w http.ResponseWriter, t *target) {
	ctx, cancel := context.WithTimeout(ctx, t.settings.Timeout)
	defer cancel()
	story := newStory()
	story.tell("walk of target %s at %s: page_size %d, concurrency %d, timeout %s", t.Name, t.settings.URL,
		t.settings.PageSize, t.settings.Concurrency, t.settings.Timeout)
	walker := t.walker.With(t.client.With(func(o *oms.Options) {
		count := o.OnAttempt
		o.OnAttempt = func(a oms.Attempt) {
			count(a)
			story.attempt(a)
		}
		o.OnDecision = func(text string) { story.tell("%s", text) }
	}))
	walk, err := walker.Walk(ctx, nil)
	snapshot := &collector.Snapshot{Target: t.Target, Walk: walk, Err: err, At: time.Now()}
	story.end(snapshot)

	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write(story.text.Bytes())
	for _, family := range s.metrics.Families([]*collector.Snapshot{snapshot}) {
		if _, err := expfmt.MetricFamilyToText(w, family); err != nil {
			return // the client went away
		}
	}
}

// story is the log of one walk. Pages that are read at once tell it side by side.
type story struct {
	start time.Time
	mu    sync.Mutex
	text  bytes.Buffer
}

func newStory() *story { return &story{start: time.Now()} }

func (s *story) tell(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fmt.Fprintf(&s.text, "# %8.3fs  %s\n", time.Since(s.start).Seconds(), fmt.Sprintf(format, args...))
}

func (s *story) attempt(a oms.Attempt) {
	again := ""
	if a.Number > 1 {
		again = fmt.Sprintf(", attempt %d", a.Number)
	}
	if a.Err != nil {
		s.tell("page %d%s: failed after %s, %d bytes: %s: %s", a.Page, again, rounded(a.Duration), a.Bytes, a.Err.Reason, a.Err)
		return
	}
	s.tell("page %d%s: %d OK in %s, %d bytes, %d rows", a.Page, again, a.Status, rounded(a.Duration), a.Bytes, a.Rows)
}

func (s *story) end(of *collector.Snapshot) {
	walk := of.Walk
	if of.Err != nil {
		s.tell("the walk failed after %s and %d pages: %s: %s", rounded(walk.Duration), walk.Pages, of.Reason(), of.Err)
	} else {
		s.tell("the walk is complete after %s: %d pages, %d tasks, %d rows repeated, %d rows left out",
			rounded(walk.Duration), walk.Pages, len(walk.Tasks), walk.Repeated, walk.Invalid)
	}
	if walk.ClockOffset.Valid {
		s.tell("the clock of the OMS is %s off", walk.ClockOffset.Value.Round(100*time.Millisecond))
	}
	s.text.WriteString("\n")
}

func rounded(d time.Duration) time.Duration { return d.Round(100 * time.Microsecond) }
