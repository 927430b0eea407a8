package web

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/oms-exporter/oms_exporter/collector"
	"github.com/oms-exporter/oms_exporter/internal/config"
	"github.com/oms-exporter/oms_exporter/oms"
)

// serveDebug tells the story of a walk page by page, then the metrics that it gave, or those of them that name[] asks for. The walk is of
// its own: it is shared with no scrape, and nothing of it is kept.
func (s *Server) serveDebug(ctx context.Context, w http.ResponseWriter, r *http.Request, t *target) {
	if !s.debugs.enter() {
		s.refuse(w, r, s.debugs)
		return
	}
	defer s.debugs.leave()
	ctx, cancel := context.WithTimeout(ctx, t.settings.Timeout)
	defer cancel()
	story := newStory(ctx, t.settings)
	walk, err := t.walk(ctx, nil, func(o *oms.Options) {
		listen, decided := o.OnAttempt, o.OnDecision
		o.OnAttempt = func(a oms.Attempt) {
			listen(a)
			story.attempt(a)
		}
		o.OnDecision = func(text string) {
			decided(text)
			story.tell("%s", text)
		}
	})
	snapshot := &collector.Snapshot{Target: t.Target, Walk: walk, Err: err, At: time.Now()}
	story.end(snapshot)

	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	text := collector.NewTextWriter(awaited{w, r}, false)
	_, err = text.Write(story.text.Bytes())
	if err == nil {
		err = s.writeText(text, []*collector.Snapshot{snapshot}, r.URL.Query()["name[]"])
	}
	if err != nil {
		abort(r)
	}
}

// story is the log of one walk. Pages that are read at once tell it side by side.
type story struct {
	start time.Time
	mu    sync.Mutex
	text  bytes.Buffer
}

// newStory begins with what is asked for.
func newStory(ctx context.Context, t *config.Target) *story {
	s := &story{start: time.Now()}
	wait, _ := ctx.Deadline() // there is one: the target's timeout
	s.tell("walk of target %s, %s at the most", t.Name, time.Until(wait).Round(time.Millisecond))
	s.tell("request: POST %s/api/v2?Action=%s, page_size %d, concurrency %d", t.URL, oms.ActionListProjects, t.PageSize, t.Concurrency)
	f := t.Filter
	s.tell("filter: search_key %q, type %q, statuses %q, label_ids %q, source_types %q, sink_types %q, subtasks %t",
		f.SearchKey, f.Type, f.Statuses, f.LabelIDs, f.SourceTypes, f.SinkTypes, f.Subtasks)
	return s
}

func (s *story) tell(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fmt.Fprintf(&s.text, "# %8.3fs  %s\n", time.Since(s.start).Seconds(), fmt.Sprintf(format, args...))
}

func (s *story) attempt(a oms.Attempt) {
	again := ""
	if a.Number > 1 {
		again = fmt.Sprintf(", retry %d", a.Number-1)
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
