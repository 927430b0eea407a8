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
	recentKept  = 20       // walks of a target, and as many that failed
	recentBytes = 64 << 10 // of the log of a walk
)

// recentWalk is a walk that has ended, with its log.
type recentWalk struct {
	page.RecentWalk
	log string
}

// recentWalks holds the last walks of a target and the last ones that failed. Old failures outlive newer walks that succeeded. The zero value is
// ready, and safe for concurrent use.
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
		return count > recentKept && (w.Reason == "" || failed > recentKept)
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

// record keeps the log of a walk that scrapes shared. A walk that ended because its clients hung up does not count, and neither does one that sent
// no request because OMS has refused the credentials: it would displace the refusals themselves.
func (t *target) record(ctx context.Context, story *story, walk *oms.Walk, err error) {
	var failure *oms.Error
	withheld := errors.As(err, &failure) && failure.Hold != nil && story.sentRequests() == 0
	if err != nil && errors.Is(context.Cause(ctx), context.Canceled) || withheld {
		return
	}
	if walk == nil {
		walk = &oms.Walk{Duration: time.Since(story.start)}
	}
	snapshot := &collector.Snapshot{Target: t.Target, Walk: walk, Err: err, At: time.Now()}
	t.recent.add(recentWalk{page.RecentWalk{
		ID: t.all.walkID.Add(1), At: snapshot.At, Took: walk.Duration, Pages: walk.Pages, Tasks: len(walk.Tasks), Reason: snapshot.Reason(),
	}, story.end(snapshot)})
}

// serveWalk is the log of a recent walk.
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
	http.Error(w, fmt.Sprintf("walk %.40q is unknown or too old: the exporter keeps the last %d walks of each target and the last %d that failed, until it stops",
		r.PathValue("id"), recentKept, recentKept), http.StatusNotFound)
}
