package web

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-kit/log"

	"github.com/oms-exporter/oms_exporter/collector"
	"github.com/oms-exporter/oms_exporter/internal/config"
	"github.com/oms-exporter/oms_exporter/oms"
)

// target is a target of the running config with all that is needed to scrape it.
type target struct {
	*collector.Target
	all         *targets
	settings    *config.Target
	credentials *config.CredentialsReader
	http        *http.Client
	client      *oms.Client
	walker      *oms.Walker
	recent      *recentWalks
	retired     atomic.Bool // by a reload: its connections are closed at the end of each walk that is still under way
}

// Walk implements collector.Walker, and keeps the log of the walk.
func (t *target) Walk(ctx context.Context, progress *oms.Progress) (walk *oms.Walk, err error) {
	story := newStory(ctx, t.settings, recentBytes)
	defer func() {
		if value := recover(); value != nil { // as package collector has it: a failure of this walk alone
			walk, err = nil, oms.PanicError(t.Name, 0, value)
		}
		t.record(ctx, story, walk, err)
	}()
	return t.walk(ctx, progress, story.listen)
}

// walk reads the list with the credentials that are there now. change adds to the client's options.
func (t *target) walk(ctx context.Context, progress *oms.Progress, change func(*oms.Options)) (*oms.Walk, error) {
	defer func() {
		if t.retired.Load() {
			t.http.CloseIdleConnections()
		}
	}()
	credentials, err := t.credentials.Read(ctx)
	if err != nil {
		return &oms.Walk{}, oms.CredentialsError(t.Name, err)
	}
	t.all.options.Store.Remember(credentials.Secrets(), t.settings.Timeout)
	client := t.client.With(func(o *oms.Options) {
		o.Holdoff, o.HoldTime = t.all.holdoffs.For(credentials.Identity()), t.settings.AuthRetryInterval
		change(o)
	})
	return t.walker.With(client).Walk(credentials.NewContext(ctx), progress)
}

// retire closes the connections of a target that no scrape will ask for any more.
func (t *target) retire() {
	t.retired.Store(true)
	t.http.CloseIdleConnections()
}

// targets are those of the running config, in its order.
type targets struct {
	options  Options
	requests *collector.RequestMetrics
	redact   func() func(string) string
	holdoffs oms.Holdoffs // over all targets, and kept by a reload
	walkID   atomic.Int64 // of the last walk that was recorded; counts from the start time, so that a link of an earlier start finds no other walk

	mu      sync.RWMutex
	running []*target
}

func newTargets(options Options, requests *collector.RequestMetrics) (*targets, error) {
	t := &targets{options: options, requests: requests, redact: config.Redactor(options.Store.Secrets)}
	t.walkID.Store(time.Now().UnixMilli())
	current, _ := options.Store.Current()
	running, err := t.build(current)
	if err != nil {
		return nil, err
	}
	t.running = running
	return t, nil
}

// build makes the targets of a config. One that is as it was stays, with what it knows and its connections.
func (t *targets) build(c *config.Config) ([]*target, error) {
	built := make([]*target, 0, len(c.Targets))
	for i := range c.Targets {
		settings := &c.Targets[i]
		old := t.named(settings.Name)
		if old != nil && old.settings.Equal(settings) {
			built = append(built, old)
			continue
		}
		recent := new(recentWalks)
		if old != nil {
			recent = old.recent // the failures that the new settings may cure
		}
		fresh, err := t.newTarget(settings, recent)
		if err != nil {
			t.forget(built, t.list())
			return nil, fmt.Errorf("target %s: %w", settings.Name, err)
		}
		built = append(built, fresh)
	}
	return built, nil
}

func (t *targets) newTarget(c *config.Target, recent *recentWalks) (*target, error) {
	fresh := &target{all: t, settings: c, recent: recent, credentials: config.NewCredentialsReader(c)}
	settings := collector.Settings{
		Name:           c.Name,
		Timeout:        c.Timeout,
		MinInterval:    c.MinInterval,
		FinishedDetail: c.FinishedDetail,
		LogRetention:   c.LogRetention,
		PauseLimit:     c.PauseLimit,
		Thresholds:     c.SyncDelayThresholds,
	}
	walks := &walkLog{logger: log.With(t.options.Logger, "target", c.Name)}
	var count func(oms.Attempt)
	var err error
	if fresh.http, err = c.NewHTTPClient(t.options.UserAgent); err != nil {
		return nil, err
	}
	fresh.client, err = oms.New(c.URL, fresh.http, oms.Options{
		Target:          c.Name,
		User:            userOf(c),
		MaxResponseSize: c.MaxResponseSize,
		Redact:          t.redact,
		SkipSteps:       settings.EndedByStatus,
		OnAttempt: func(a oms.Attempt) {
			count(a)
			walks.attempt(a)
		},
		OnDecision: walks.decision,
	})
	if err != nil {
		return nil, err
	}
	fresh.walker, err = oms.NewWalker(fresh.client, oms.WalkOptions{
		Filter: oms.Filter{
			SearchKey:   c.Filter.SearchKey,
			Type:        c.Filter.Type,
			Statuses:    c.Filter.Statuses,
			TagIDs:      c.Filter.LabelIDs,
			SourceTypes: c.Filter.SourceTypes,
			SinkTypes:   c.Filter.SinkTypes,
			Subtasks:    c.Filter.Subtasks,
		},
		PageSize:    c.PageSize,
		Concurrency: c.Concurrency,
		MaxPages:    c.MaxPages,
	})
	if err != nil {
		return nil, err
	}
	fresh.Target = collector.NewTarget(settings, fresh, walks.ended)
	count = t.requests.ForTarget(c.Name) // not before: its counters would be those of no target
	return fresh, nil
}

func userOf(c *config.Target) string {
	if c.HTTPClient.BasicAuth == nil {
		return ""
	}
	return c.HTTPClient.BasicAuth.Username
}

// replace makes c the running config, or fails and changes nothing. Scrapes under way finish on the targets that they began with.
func (t *targets) replace(c *config.Config) error {
	built, err := t.build(c)
	if err != nil {
		return err
	}
	t.mu.Lock()
	before := t.running
	t.running = built
	t.mu.Unlock()

	t.forget(before, built)
	return nil
}

// forget retires those of before that are not among now, and drops the counters of names that are no more.
func (t *targets) forget(before, now []*target) {
	kept, names := make(map[*target]bool), make(map[string]bool)
	for _, target := range now {
		kept[target], names[target.Name] = true, true
	}
	for _, old := range before {
		if kept[old] {
			continue
		}
		old.retire()
		if !names[old.Name] {
			t.requests.Delete(old.Name)
		}
	}
}

// named gives a running target, nil if there is none of that name.
func (t *targets) named(name string) *target {
	t.mu.RLock()
	defer t.mu.RUnlock()
	for _, target := range t.running {
		if target.Name == name {
			return target
		}
	}
	return nil
}

// list gives the running targets.
func (t *targets) list() []*target {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.running
}

// all gives the running targets as package collector takes them.
func (t *targets) all() []*collector.Target {
	running := t.list()
	all := make([]*collector.Target, len(running))
	for i, target := range running {
		all[i] = target.Target
	}
	return all
}

func (t *targets) close() {
	for _, target := range t.list() {
		target.http.CloseIdleConnections()
	}
}
