package web

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/oms-exporter/oms_exporter/collector"
	"github.com/oms-exporter/oms_exporter/internal/exposition"
)

// serveDebug writes the log of a walk page by page, then the metrics of the walk, filtered by name[]. It makes a walk
// of its own: no scrape shares it, and the exporter does not keep its list.
func (s *Server) serveDebug(ctx context.Context, w http.ResponseWriter, r *http.Request, t *target) {
	if !s.debugs.tryAcquire() {
		s.refuse(w, r, s.debugs)
		return
	}
	defer s.debugs.release()
	ctx, cancel := context.WithTimeout(ctx, t.settings.Timeout)
	defer cancel()
	trace := newWalkTrace(ctx, t.settings, 0)
	walk, err := t.walk(ctx, nil, trace.attach)
	snapshot := &collector.Snapshot{Target: t.Target, Walk: walk, Err: err, At: time.Now()}
	log := trace.finish(snapshot)

	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	text := exposition.NewTextWriter(disconnectWriter{ResponseWriter: w, request: r}, false)
	_, err = io.WriteString(text, log+"\n")
	if err == nil {
		err = s.writeText(text, []*collector.Snapshot{snapshot}, r.URL.Query()["name[]"])
	}
	if err != nil {
		abort(r)
	}
}
