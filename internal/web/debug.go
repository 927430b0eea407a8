package web

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/oms-exporter/oms_exporter/collector"
	"github.com/oms-exporter/oms_exporter/internal/exposition"
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
	story := newStory(ctx, t.settings, 0)
	walk, err := t.walk(ctx, nil, story.listen)
	snapshot := &collector.Snapshot{Target: t.Target, Walk: walk, Err: err, At: time.Now()}
	log := story.end(snapshot)

	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	text := exposition.NewTextWriter(awaited{w, r}, false)
	_, err = io.WriteString(text, log+"\n")
	if err == nil {
		err = s.writeText(text, []*collector.Snapshot{snapshot}, r.URL.Query()["name[]"])
	}
	if err != nil {
		abort(r)
	}
}
