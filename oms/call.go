package oms

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// A page is tried this often at most, with pauses that double and are drawn at random from around their length, so that several
// exporters do not come back to an OMS in trouble all at once. Where OMS has too much to do, the pauses are spread over the time that is left:
// a rate limit is not over within a second.
const (
	maxAttempts = 3
	firstPause  = 200 * time.Millisecond
	maxPause    = 10 * time.Second
	spread      = 8 // the first pause is this part of the time that is left
)

// call is one page being asked for, with its attempts.
type call struct {
	*Client
	body []byte
	page int
	size int // rows expected

	progress *Progress

	redact func(string) string // Options.Redact's for the attempt under way; may be nil
}

// answered is what is known of an answer from its head.
type answered struct {
	sent, received time.Time
	date           time.Time // the server's clock, zero if it does not tell
}

func (c *call) retry(ctx context.Context) (*Page, error) {
	number, tries, resent := 0, 0, false
	var last *Error
	attempt := func() (*Page, error) {
		number++
		page, err := c.attempt(ctx, number)
		if err != nil && err.stale && !resent {
			// net/http would do the same for a request that is marked as idempotent, but without a word to the hooks, and on one dead connection
			// after the other.
			resent = true
			c.http.CloseIdleConnections()
			number++
			page, err = c.attempt(ctx, number)
		}
		if err == nil {
			return page, nil
		}
		last = err
		tries++
		wait := err.retryAfter
		switch {
		case !err.retry, wait > 0 && !fits(ctx, wait):
			return nil, backoff.Permanent(err)
		case wait == 0:
			wait = c.pause(ctx, err, tries)
		}
		return nil, &backoff.RetryAfterError{Duration: wait}
	}
	page, err := backoff.Retry(ctx, attempt, backoff.WithMaxTries(maxAttempts), backoff.WithMaxElapsedTime(0))
	if err != nil {
		// Should ctx end in a pause, then what had failed before says more than that.
		return nil, last
	}
	return page, nil
}

// pause returns the length of the pause after so many tries.
func (c *call) pause(ctx context.Context, err *Error, tries int) time.Duration {
	length := firstPause
	if left, ok := c.progress.left(ctx); ok && err.busy {
		length = max(length, left/spread)
	}
	pauses := backoff.NewExponentialBackOff()
	pauses.InitialInterval = min(length<<(tries-1), maxPause)
	pauses.Reset()
	return pauses.NextBackOff()
}

// fits says whether a pause ends before the deadline of ctx.
func fits(ctx context.Context, pause time.Duration) bool {
	deadline, ok := ctx.Deadline()
	return !ok || time.Until(deadline) > pause
}

// retryAfter reads the header in both forms, seconds and a date, which is held against the server's own clock; 0 if there is none.
func retryAfter(h http.Header) time.Duration {
	value := h.Get("Retry-After")
	seconds, err := strconv.ParseUint(value, 10, 31)
	if err == nil || errors.Is(err, strconv.ErrRange) { // then it is the longest there is
		return time.Duration(seconds) * time.Second
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		now = time.Now()
	}
	return max(0, at.Sub(now))
}

// attempt makes one request. It tells Options.OnAttempt how it ended.
func (c *call) attempt(ctx context.Context, number int) (*Page, *Error) {
	a := Attempt{Action: ActionListProjects, Page: c.page, Number: number}
	if c.options.Redact != nil {
		c.redact = c.options.Redact()
	}
	admission, err := c.options.Holdoff.admit(ctx, c.options.HoldTime)
	if err != nil {
		if err.Hold != nil {
			err.hint = c.authHint(0) + ": " + err.Hold.end()
		}
		return nil, c.place(err)
	}
	begun := ctx.Err() == nil // else there is no request
	start := time.Now()
	page, err := c.send(ctx, admission, &a)
	a.Duration = time.Since(start)
	if err != nil {
		if err.Hold = c.options.Holdoff.hold(c.options.HoldTime); err.refused && err.Hold != nil {
			err.hint += ": " + err.Hold.end()
		}
		a.Err = c.place(err)
	} else {
		a.Rows = page.Rows()
	}
	endedByItself := err == nil || err.Reason != Timeout || !brokenOff(ctx)
	if c.options.OnAttempt != nil && begun && endedByItself {
		c.options.OnAttempt(a)
	}
	return page, err
}

// place completes an error by where it happened, and hides secrets in what upstream wrote.
func (c *call) place(err *Error) *Error {
	err.Target, err.Page = c.options.Target, c.page
	err.what, err.Code = tidy(c.redact, err.what), tidy(c.redact, err.Code)
	return err
}

// brokenOff says that ctx ended before its deadline: another page of the walk failed, or nobody waits any more.
func brokenOff(ctx context.Context) bool {
	cause := context.Cause(ctx)
	return cause != nil && cause != context.DeadlineExceeded //nolint:errorlint // an *Error of a timeout is another page's
}

// send makes the request that was admitted.
func (c *call) send(ctx context.Context, admission admission, a *Attempt) (page *Page, err *Error) {
	outcome := new(Error) // of a panic: the credentials are neither accepted nor refused
	defer func() { admission.settle(outcome) }()
	page, err = c.do(ctx, a)
	outcome = err
	return page, err
}

func (c *call) do(ctx context.Context, a *Attempt) (*Page, *Error) {
	var connection atomic.Pointer[httptrace.GotConnInfo]
	trace := &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) {
		connection.Store(&info)
		c.progress.connected(info.IdleTime)
	}}
	req, err := http.NewRequestWithContext(httptrace.WithClientTrace(ctx, trace), http.MethodPost, c.url, bytes.NewReader(c.body))
	if err != nil {
		return nil, transportError(ctx, err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Accept-Encoding", "gzip")

	seen := answered{sent: time.Now()}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, noAnswer(transportError(ctx, err), connection.Load())
	}
	defer func() { _ = res.Body.Close() }() // what matters of it has been read
	seen.received = time.Now()
	if date, err := http.ParseTime(res.Header.Get("Date")); err == nil {
		seen.date = date
	}
	c.progress.answered(seen)
	a.Status = res.StatusCode
	page, bytes, failure := c.readAnswer(ctx, res)
	a.Bytes = bytes
	if failure == nil {
		for _, task := range page.Tasks {
			task.Received = seen.received
		}
	}
	return page, failure
}

// noAnswer completes the error of a request to which no answer came by what is known of its connection, which is nil if there was none.
func noAnswer(failure *Error, connection *httptrace.GotConnInfo) *Error {
	switch {
	case connection == nil && failure.Reason == Timeout:
		failure.what, failure.hint = "no connection in time", "check url, and firewalls on the way"
	case connection == nil:
	case failure.Reason == Timeout && connection.IdleTime >= longIdle:
		failure.what, failure.hint = silence(connection.IdleTime), silenceHint
	default:
		failure.stale = failure.retry && connection.Reused
	}
	return failure
}

// longIdle is how long a connection is idle between two scrapes at least. Within a walk it is not.
const longIdle = 4 * time.Second

func silence(idle time.Duration) string {
	return "no answer in time on a connection that had been idle for " + idle.Round(time.Second).String()
}

const silenceHint = "if the next scrape succeeds, a firewall or proxy on the way drops idle connections silently; if not, " + timeoutHint
