package oms

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// A page has at most maxAttempts attempts. The pauses double, and each is multiplied by a random factor of 0.5 to 1.5,
// so several exporters do not retry at the same time. maxPause is before that factor. If OMS is overloaded, the pauses
// depend on the remaining time: a rate limit lasts longer than a second.
const (
	maxAttempts = 3
	firstPause  = 200 * time.Millisecond
	maxPause    = 10 * time.Second
	spread      = 8 // the first pause is the remaining time divided by spread
)

// retry requests the page up to maxAttempts times and returns the last error. Another attempt follows only an error
// with retry set. The code that makes the error sets it: statusError (error_answer.go) by HTTP status, transportError
// (error_transport.go) after a failed connection, decodeError (call_answer.go) after an answer that ends early. A
// request on a reused connection that broke (stale, set by describeConnection in call.go) is sent once more, which does
// not count towards maxAttempts.
func (c *call) retry(ctx context.Context) (*Page, error) {
	number, tries, resent := 0, 0, false
	var last *Error
	attempt := func() (*Page, error) {
		number++
		page, err := c.attempt(ctx, number)
		if err != nil && err.stale && !resent {
			// net/http would retry an idempotent request itself. But it does not call OnAttempt, and it can take one
			// dead connection after the other.
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
		case !err.retry, wait > 0 && c.endsBefore(ctx, wait):
			return nil, backoff.Permanent(err)
		case wait == 0:
			wait = c.pause(ctx, err, tries)
		}
		return nil, &backoff.RetryAfterError{Duration: wait}
	}
	page, err := backoff.Retry(ctx, attempt, backoff.WithMaxTries(maxAttempts), backoff.WithMaxElapsedTime(0))
	if err != nil {
		// If ctx ended in a pause, the error before the pause is more specific than the end of ctx.
		return nil, last
	}
	return page, nil
}

// pause returns the length of the pause after an attempt. tries is the number of attempts so far.
func (c *call) pause(ctx context.Context, err *Error, tries int) time.Duration {
	length := firstPause
	if left, ok := c.progress.timeLeft(ctx); ok && err.busy {
		length = max(length, left/spread)
	}
	pauses := backoff.NewExponentialBackOff()
	pauses.InitialInterval = min(length<<(tries-1), maxPause)
	pauses.Reset()
	return pauses.NextBackOff()
}

// endsBefore reports whether ctx or the first waiter ends before a pause does.
func (c *call) endsBefore(ctx context.Context, pause time.Duration) bool {
	left, ok := c.progress.timeLeft(ctx)
	return ok && left <= pause
}

// retryAfter reads the Retry-After header, which has seconds or a date. A date counts from the server's own clock. It
// returns 0 if there is no header.
func retryAfter(h http.Header) time.Duration {
	value := h.Get("Retry-After")
	seconds, err := strconv.ParseUint(value, 10, 31)
	if err == nil || errors.Is(err, strconv.ErrRange) { // out of range: seconds is the maximum
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
