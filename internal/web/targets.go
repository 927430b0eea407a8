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

// target is a target of the running config with its clients.
type target struct {
	*collector.Target
	all         *targets
	settings    *config.Target
	credentials *config.CredentialsReader
	http        *http.Client
	client      *oms.Client
	walker      *oms.Walker
	recent      *recentWalks
	retired     atomic.Bool // a reload removed the target: a running walk closes the connections at its end
}

// Walk implements collector.Walker and records the log of the walk.
func (t *target) Walk(ctx context.Context, progress *oms.Progress) (walk *oms.Walk, err error) {
	trace := newWalkTrace(ctx, t.settings, maxTraceBytes)
	defer func() {
		if value := recover(); value != nil { // package collector does the same: only this walk fails
			walk, err = nil, oms.PanicError(t.Name, 0, value)
		}
		t.record(ctx, trace, walk, err)
	}()
	return t.walk(ctx, progress, trace.attach)
}

// walk reads the list with the current credentials. change modifies the options of the client.
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

// retire closes the connections of a target that no scrape will use again.
func (t *target) retire() {
	t.retired.Store(true)
	t.http.CloseIdleConnections()
}

// targets are the targets of the running config, in its order.
type targets struct {
	options  Options
	requests *collector.RequestMetrics
	redact   func() func(string) string
	holdoffs oms.Holdoffs // of all targets; a reload keeps them
	walkID   atomic.Int64 // of the last recorded walk; starts at the current time: no restart reuses an ID

	mu      sync.RWMutex
	running []*target
}

func newTargets(options Options, requests *collector.RequestMetrics) (*targets, error) {
	t := &targets{options: options, requests: requests, redact: config.Redactor(options.Store.Secrets)}
	t.walkID.Store(time.Now().UnixMilli())
	var err error
	t.running, err = t.build(options.Store.Current())
	return t, err
}

// build makes the targets of a config. A target whose settings are unchanged stays, with its walks and connections.
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
			recent = old.recent // the new settings may cure its failures
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
		Filter:      oms.Filter(c.Filter),
		PageSize:    c.PageSize,
		Concurrency: c.Concurrency,
		MaxPages:    c.MaxPages,
	})
	if err != nil {
		return nil, err
	}
	fresh.Target = collector.NewTarget(settings, fresh, walks.ended)
	count = t.requests.ForTarget(c.Name) // last: an error above leaves no counters without a target
	return fresh, nil
}

func userOf(c *config.Target) string {
	if c.HTTPClient.BasicAuth == nil {
		return ""
	}
	return c.HTTPClient.BasicAuth.Username
}

// replace makes c the running config. After an error nothing has changed. Running scrapes finish on their old targets.
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

// forget retires the targets of before that are not in now, and deletes the counters of names that are gone.
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

// named returns the running target of that name, or nil.
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

// list returns the running targets.
func (t *targets) list() []*target {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.running
}

// all returns the running targets for package collector.
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
