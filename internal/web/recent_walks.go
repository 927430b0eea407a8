package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/oms-exporter/oms_exporter/collector"
	"github.com/oms-exporter/oms_exporter/internal/web/page"
	"github.com/oms-exporter/oms_exporter/oms"
)

const (
	maxRecentWalks = 20       // of a target, and as many failed ones
	maxTraceBytes  = 64 << 10 // of the log of a walk
)

// recentWalk is a finished walk with its log.
type recentWalk struct {
	page.RecentWalk
	log string
}

// recentWalks holds the last walks of a target and its last failed walks: a failure stays longer than a success. The
// zero value is ready for use, also for concurrent use.
type recentWalks struct {
	mu    sync.Mutex
	walks []recentWalk // newest first
}

// add makes a walk the newest one.
func (r *recentWalks) add(walk recentWalk) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.walks = slices.Insert(r.walks, 0, walk)
	count, failed := 0, 0
	r.walks = slices.DeleteFunc(r.walks, func(w recentWalk) bool {
		count++
		if w.Reason != "" {
			failed++
		}
		return count > maxRecentWalks && (w.Reason == "" || failed > maxRecentWalks)
	})
}

// list returns the walks, newest first.
func (r *recentWalks) list() []page.RecentWalk {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := make([]page.RecentWalk, len(r.walks))
	for i := range r.walks {
		all[i] = r.walks[i].RecentWalk
	}
	return all
}

func (r *recentWalks) log(id int64) (log string, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	i := slices.IndexFunc(r.walks, func(w recentWalk) bool { return w.ID == id })
	if i < 0 {
		return "", false
	}
	return r.walks[i].log, true
}

// record keeps the log of a walk, with two exceptions. A walk is not recorded if its clients hung up. Neither is a walk
// that sent no request because OMS had refused the credentials: it would displace the refusals themselves.
func (t *target) record(ctx context.Context, trace *walkTrace, walk *oms.Walk, err error) {
	var failure *oms.Error
	withheld := errors.As(err, &failure) && failure.Hold != nil && trace.sentRequests() == 0
	if err != nil && errors.Is(context.Cause(ctx), context.Canceled) || withheld {
		return
	}
	if walk == nil {
		walk = &oms.Walk{Duration: time.Since(trace.start)}
	}
	snapshot := &collector.Snapshot{Target: t.Target, Walk: walk, Err: err, At: time.Now()}
	t.recent.add(recentWalk{
		RecentWalk: page.RecentWalk{
			ID: t.all.walkID.Add(1), At: snapshot.At, Took: walk.Duration,
			Pages: walk.Pages, Tasks: len(walk.Tasks), Reason: snapshot.Reason(),
		},
		log: trace.finish(snapshot),
	})
}

// serveWalk serves the log of a recent walk.
func (s *Server) serveWalk(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err == nil {
		for _, t := range s.targets.list() {
			if log, ok := t.recent.log(id); ok {
				w.Header().Set("Content-Type", "text/plain; charset=utf-8")
				w.Header().Set("Cache-Control", "no-store")
				_, _ = io.WriteString(w, log)
				return
			}
		}
	}
	message := fmt.Sprintf("walk %.40q is unknown or too old: "+
		"the exporter keeps the last %d walks of each target and the last %d that failed, until it stops",
		r.PathValue("id"), maxRecentWalks, maxRecentWalks)
	http.Error(w, message, http.StatusNotFound)
}
