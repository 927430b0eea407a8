package oms

import (
	"context"
	"errors"
	"net/http"
	"strconv"
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
		case !err.retry, wait > 0 && !beforeDeadline(ctx, wait):
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
	if left, ok := c.progress.timeLeft(ctx); ok && err.busy {
		length = max(length, left/spread)
	}
	pauses := backoff.NewExponentialBackOff()
	pauses.InitialInterval = min(length<<(tries-1), maxPause)
	pauses.Reset()
	return pauses.NextBackOff()
}

// fits says whether a pause ends before the deadline of ctx.
func beforeDeadline(ctx context.Context, pause time.Duration) bool {
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
