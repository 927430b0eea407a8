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
	"github.com/oms-exporter/oms_exporter/internal/textutil"
	"github.com/oms-exporter/oms_exporter/oms"
)

// traceReserve is the part of the limit that only the last lines of a log use.
const traceReserve = 4 << 10

// walkTrace is the log of one walk, with one line for each request and decision. It is safe for concurrent use.
type walkTrace struct {
	start time.Time
	limit int // of the text in bytes; 0: none

	mu       sync.Mutex
	text     strings.Builder
	requests int
	omitted  int // lines
}

// newWalkTrace starts the log of a walk with its settings.
func newWalkTrace(ctx context.Context, target *config.Target, limit int) *walkTrace {
	t := &walkTrace{start: time.Now(), limit: limit}
	deadline, _ := ctx.Deadline() // the target's timeout sets one
	t.printf("walk of target %s, timeout %s", target.Name, time.Until(deadline).Round(time.Millisecond))
	t.printf("request: POST %s/api/v2?Action=%s, page_size %d, concurrency %d",
		target.URL, oms.ActionListProjects, target.PageSize, target.Concurrency)
	f := target.Filter
	t.printf("filter: search_key %q, type %q, statuses %q, label_ids %q, source_types %q, sink_types %q, subtasks %t",
		f.SearchKey, f.Type, f.Statuses, f.TagIDs, f.SourceTypes, f.SinkTypes, f.Subtasks)
	return t
}

// attach makes a client report to the log as well.
func (t *walkTrace) attach(o *oms.Options) {
	attempt, decision := o.OnAttempt, o.OnDecision
	o.OnAttempt = func(a oms.Attempt) {
		attempt(a)
		t.attempt(a)
	}
	o.OnDecision = func(text string) {
		decision(text)
		t.printf("%s", text)
	}
}

// printf adds a line, unless only traceReserve is left.
func (t *walkTrace) printf(format string, args ...any) {
	line := t.line(format, args...)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.limit > 0 && t.text.Len()+len(line) > t.limit-traceReserve {
		t.omitted++
		return
	}
	t.text.WriteString(line)
}

// line returns one line of printable characters.
func (t *walkTrace) line(format string, args ...any) string {
	text := strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, fmt.Sprintf(format, args...))
	return fmt.Sprintf("# %8.3fs  %s\n", time.Since(t.start).Seconds(), text)
}

func (t *walkTrace) attempt(a oms.Attempt) {
	t.mu.Lock()
	t.requests++
	t.mu.Unlock()
	again := ""
	if a.Number > 1 {
		again = fmt.Sprintf(", retry %d", a.Number-1)
	}
	if a.Err != nil {
		t.printf("page %d%s: failed after %s, %d bytes: %s: %s",
			a.Page, again, rounded(a.Duration), a.Bytes, a.Err.Reason, a.Err)
		return
	}
	t.printf("page %d%s: %d OK in %s, %d bytes, %d rows",
		a.Page, again, a.Status, rounded(a.Duration), a.Bytes, a.Rows)
}

func (t *walkTrace) sentRequests() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.requests
}

// finish adds the result of the walk and returns the whole text.
func (t *walkTrace) finish(snapshot *collector.Snapshot) string {
	walk := snapshot.Walk
	result := t.line("the walk is complete after %s: %d pages, %d tasks, %d rows repeated, %d rows left out",
		rounded(walk.Duration), walk.Pages, len(walk.Tasks), walk.Repeated, walk.Invalid)
	if snapshot.Err != nil {
		result = t.line("the walk failed after %s and %d pages: %s: %s",
			rounded(walk.Duration), walk.Pages, snapshot.Reason(), snapshot.Err)
	}
	if walk.ClockOffset.Valid {
		result += t.line("the clock of the OMS is %s off", walk.ClockOffset.Value.Round(100*time.Millisecond))
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.omitted > 0 {
		result = t.line("%d lines are left out here", t.omitted) + result
	}
	if t.limit > 0 && len(result) > traceReserve {
		result = textutil.Cut(result, traceReserve-1) + "\n"
	}
	return t.text.String() + result
}

func rounded(d time.Duration) time.Duration { return d.Round(100 * time.Microsecond) }
