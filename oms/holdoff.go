package oms

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"
)

// trustTime is the time after an accepted request in which requests are sent at the same time. After it, one request at
// a time is sent until one is accepted: ten targets must not all send a password that was changed overnight, since six
// refusals lock the account.
const trustTime = 10 * time.Second

// Hold describes why requests are withheld: OMS refused the credentials.
type Hold struct {
	Since    time.Time // time of the first refusal in a row
	Refusals int       // refused requests in a row, over all walks with the same URL and credentials
	Until    time.Time // time of the next request; zero: when the credentials change or after Holdoffs.AllowRetry
}

// Holdoff withholds requests with credentials that OMS has refused: six wrong passwords in a row lock an OMS account.
// After the first refusal no request is sent for Options.HoldTime, after the second one none at all. It is safe for
// concurrent use. The zero value is ready to use.
type Holdoff struct {
	used time.Time // start of the last walk with these credentials; guarded by Holdoffs.mu

	mu       sync.Mutex
	accepted time.Time     // time of the last accepted request
	since    time.Time     // time of the first refusal in a row
	last     time.Time     // time of the last refusal in a row
	refusals int           // number of refusals in a row
	retry    bool          // one more request is allowed
	trial    chan struct{} // closed when the only request ends; nil: requests are trusted, or none is sent
}

// Holdoffs has one Holdoff per URL and credentials, for all targets of a program. The zero value is ready to use.
type Holdoffs struct {
	mu    sync.Mutex
	byKey map[string]*Holdoff
}

// For returns the Holdoff of a key. The key identifies a URL and its credentials without disclosing them.
func (h *Holdoffs) For(key string) *Holdoff {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.byKey == nil {
		h.byKey = make(map[string]*Holdoff)
	}
	now := time.Now()
	if h.byKey[key] == nil {
		// Password files rotate for years. Credentials that no walk has used for a day are no longer in the config.
		maps.DeleteFunc(h.byKey, func(_ string, old *Holdoff) bool { return now.Sub(old.used) >= 24*time.Hour })
		h.byKey[key] = new(Holdoff)
	}
	h.byKey[key].used = now
	return h.byKey[key]
}

// AllowRetry allows one more request with each of the refused credentials: a person who reloads the config wants to see
// whether they work now.
func (h *Holdoffs) AllowRetry() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, holdoff := range h.byKey {
		holdoff.allowRetry()
	}
}

func (h *Holdoff) allowRetry() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.retry = h.refusals > 0
}

// hold returns the reason why no request may be sent now, or nil. A nil Holdoff never withholds a request.
func (h *Holdoff) hold(holdTime time.Duration) *Hold {
	if h == nil {
		return nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.holdLocked(holdTime)
}

func (h *Holdoff) holdLocked(holdTime time.Duration) *Hold {
	if h.refusals == 0 || h.retry || holdTime <= 0 {
		return nil
	}
	hold := &Hold{Since: h.since, Refusals: h.refusals}
	if h.refusals == 1 {
		if hold.Until = h.last.Add(holdTime); !time.Now().Before(hold.Until) {
			return nil
		}
	}
	return hold
}

// admission is the permission to send one request.
type admission struct {
	holdoff *Holdoff
	sent    time.Time
	trial   chan struct{} // nil: other requests may be sent at the same time
}

// admit waits until a request may be sent. It returns an error if requests are withheld or if ctx ends. Call finish for
// every admission.
func (h *Holdoff) admit(ctx context.Context, holdTime time.Duration) (admission, *Error) {
	if h == nil {
		return admission{}, nil
	}
	for {
		a, hold, busy := h.tryAdmit(holdTime)
		switch {
		case hold != nil:
			return admission{}, &Error{Reason: Auth, Hold: hold, what: hold.state()}
		case busy == nil:
			return a, nil
		}
		select {
		case <-busy:
		case <-ctx.Done():
			failure := transportError(ctx, ctx.Err())
			failure.what = "not sent: another request with the same credentials had no answer in time"
			return admission{}, failure
		}
	}
}

// tryAdmit admits a request, or returns the hold or the trial that prevents it.
func (h *Holdoff) tryAdmit(holdTime time.Duration) (a admission, hold *Hold, busy <-chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	a = admission{holdoff: h, sent: time.Now()}
	trusted := h.refusals == 0 && a.sent.Sub(h.accepted) < trustTime
	switch {
	case trusted, holdTime <= 0:
		return a, nil, nil
	case h.trial != nil:
		return a, nil, h.trial
	}
	if hold := h.holdLocked(holdTime); hold != nil {
		return a, hold, nil
	}
	h.trial = make(chan struct{})
	a.trial = h.trial
	return a, nil, nil
}

// finish records the outcome of a request. A failure that is not about the credentials, such as 503, changes
// nothing.
func (a admission) finish(failure *Error) {
	h := a.holdoff
	if h == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	now := time.Now()
	switch {
	case failure == nil && a.sent.Before(h.last): // sent before the password was changed
	case failure == nil:
		h.accepted, h.refusals, h.retry = now, 0, false
	case failure.refused:
		if h.refusals == 0 {
			h.since = now
		}
		h.last, h.retry = now, false
		h.refusals++
	}
	if a.trial != nil {
		close(a.trial)
		h.trial = nil
	}
}

// state describes the refusals, for the error of a withheld request.
func (h *Hold) state() string {
	return fmt.Sprintf("no request sent, because OMS refused the credentials (refusals: %d, first at %s)", h.Refusals,
		timestamp(h.Since))
}

// end describes the end of the hold.
func (h *Hold) end() string {
	const change = "after a change of the credentials or a reload (SIGHUP, POST /-/reload)"
	if h.Until.IsZero() {
		return "next request " + change
	}
	return "next request at " + timestamp(h.Until) + ", or " + change
}

func timestamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
