package web

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/oms-exporter/oms_exporter/collector"
	"github.com/oms-exporter/oms_exporter/internal/config"
	"github.com/oms-exporter/oms_exporter/oms"
)

// storyEnd is the room that the last lines of a story have beyond those of its requests.
const storyEnd = 4 << 10

// story is the log of one walk, a line for each request and decision. It is safe for concurrent use.
type story struct {
	start time.Time
	limit int // of the text in bytes; 0: none

	mu       sync.Mutex
	text     strings.Builder
	requests int
	omitted  int // lines
}

// newStory begins with the request of the walk.
func newStory(ctx context.Context, t *config.Target, limit int) *story {
	s := &story{start: time.Now(), limit: limit}
	wait, _ := ctx.Deadline() // there is one: the target's timeout
	s.tell("walk of target %s, %s at the most", t.Name, time.Until(wait).Round(time.Millisecond))
	s.tell("request: POST %s/api/v2?Action=%s, page_size %d, concurrency %d", t.URL, oms.ActionListProjects, t.PageSize, t.Concurrency)
	f := t.Filter
	s.tell("filter: search_key %q, type %q, statuses %q, label_ids %q, source_types %q, sink_types %q, subtasks %t",
		f.SearchKey, f.Type, f.Statuses, f.LabelIDs, f.SourceTypes, f.SinkTypes, f.Subtasks)
	return s
}

// listen adds the story to what a client reports to.
func (s *story) listen(o *oms.Options) {
	attempt, decision := o.OnAttempt, o.OnDecision
	o.OnAttempt = func(a oms.Attempt) {
		attempt(a)
		s.attempt(a)
	}
	o.OnDecision = func(text string) {
		decision(text)
		s.tell("%s", text)
	}
}

// tell adds a line, unless there is no room left but for the last lines.
func (s *story) tell(format string, args ...any) {
	line := s.line(format, args...)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.limit > 0 && s.text.Len()+len(line) > s.limit-storyEnd {
		s.omitted++
		return
	}
	s.text.WriteString(line)
}

// line makes one line of printable characters.
func (s *story) line(format string, args ...any) string {
	text := strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, fmt.Sprintf(format, args...))
	return fmt.Sprintf("# %8.3fs  %s\n", time.Since(s.start).Seconds(), text)
}

func (s *story) attempt(a oms.Attempt) {
	s.mu.Lock()
	s.requests++
	s.mu.Unlock()
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

func (s *story) sentRequests() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests
}

// end adds the result of the walk and returns the whole text.
func (s *story) end(of *collector.Snapshot) string {
	walk := of.Walk
	result := s.line("the walk is complete after %s: %d pages, %d tasks, %d rows repeated, %d rows left out",
		rounded(walk.Duration), walk.Pages, len(walk.Tasks), walk.Repeated, walk.Invalid)
	if of.Err != nil {
		result = s.line("the walk failed after %s and %d pages: %s: %s", rounded(walk.Duration), walk.Pages, of.Reason(), of.Err)
	}
	if walk.ClockOffset.Valid {
		result += s.line("the clock of the OMS is %s off", walk.ClockOffset.Value.Round(100*time.Millisecond))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.omitted > 0 {
		result = s.line("%d lines are left out here", s.omitted) + result
	}
	if s.limit > 0 && len(result) > storyEnd {
		result = strings.ToValidUTF8(result[:storyEnd-1], "") + "\n"
	}
	return s.text.String() + result
}

func rounded(d time.Duration) time.Duration { return d.Round(100 * time.Microsecond) }
