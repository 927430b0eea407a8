package oms

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
	"time"
)

// call reads one page, with all attempts.
type call struct {
	*Client
	body []byte
	page int
	size int // rows expected

	progress *Progress

	redact func(string) string // from Options.Redact, for the current attempt; may be nil
}

// answerTimes holds the times of an answer and its Date header.
type answerTimes struct {
	sent, received time.Time
	date           time.Time // from the Date header; zero if there is none
}

// attempt makes one request and reports it to Options.OnAttempt.
func (c *call) attempt(ctx context.Context, number int) (*Page, *Error) {
	a := Attempt{Action: ActionListProjects, Page: c.page, Number: number}
	if c.options.Redact != nil {
		c.redact = c.options.Redact()
	}
	admission, err := c.options.Holdoff.admit(ctx, c.options.HoldTime)
	if err != nil {
		if err.Hold != nil {
			err.hint = c.authHint() + "; " + err.Hold.end()
		}
		return nil, c.addLocation(err)
	}
	begun := ctx.Err() == nil // otherwise no request is made
	start := time.Now()
	page, err := c.send(ctx, admission, &a)
	a.Duration = time.Since(start)
	if err != nil {
		if err.Hold = c.options.Holdoff.hold(c.options.HoldTime); err.refused && err.Hold != nil {
			err.hint += "; " + err.Hold.end()
		}
		a.Err = c.addLocation(err)
	} else {
		a.Rows = page.Rows()
	}
	finished := err == nil || err.Reason != Timeout || !canceled(ctx)
	if c.options.OnAttempt != nil && begun && finished {
		c.options.OnAttempt(a)
	}
	return page, err
}

// addLocation adds the target and the page to an error, and redacts the parts of it that upstream sent.
func (c *call) addLocation(err *Error) *Error {
	err.Target, err.Page = c.options.Target, c.page
	err.what, err.Code = sanitize(c.redact, err.what), sanitize(c.redact, err.Code)
	return err
}

// canceled reports whether ctx ended before its deadline: another page of the walk failed, or no scrape waits for the
// walk any more.
func canceled(ctx context.Context) bool {
	cause := context.Cause(ctx)
	//nolint:errorlint // an *Error of a timeout belongs to another page
	return cause != nil && cause != context.DeadlineExceeded
}

// send makes an admitted request.
func (c *call) send(ctx context.Context, admission admission, a *Attempt) (page *Page, err *Error) {
	outcome := new(Error) // after a panic the credentials count as neither accepted nor refused
	defer func() { admission.finish(outcome) }()
	page, err = c.do(ctx, a)
	outcome = err
	return page, err
}

func (c *call) do(ctx context.Context, a *Attempt) (*Page, *Error) {
	var connection atomic.Pointer[httptrace.GotConnInfo]
	trace := &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) {
		connection.Store(&info)
		c.progress.addConnection(info.IdleTime)
	}}
	req, err := http.NewRequestWithContext(httptrace.WithClientTrace(ctx, trace), http.MethodPost, c.url,
		bytes.NewReader(c.body))
	if err != nil {
		return nil, transportError(ctx, err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Accept-Encoding", "gzip")

	times := answerTimes{sent: time.Now()}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, describeConnection(transportError(ctx, err), connection.Load())
	}
	defer func() { _ = res.Body.Close() }() // the body has been read
	c.redact = redactAuthorization(c.redact, res.Request)
	times.received = time.Now()
	if date, err := http.ParseTime(res.Header.Get("Date")); err == nil {
		times.date = date
	}
	c.progress.addAnswer(times)
	a.Status = res.StatusCode
	page, bytes, failure := c.readAnswer(ctx, res)
	a.Bytes = bytes
	if failure == nil {
		for _, task := range page.Tasks {
			task.Received = times.received
		}
	}
	return page, failure
}

// redactAuthorization extends redact to the Authorization header of the request that was answered. If it has a token of
// OAuth2, no list of secrets has it. redact may be nil.
func redactAuthorization(redact func(string) string, sent *http.Request) func(string) string {
	if sent == nil {
		return redact
	}
	_, token, _ := strings.Cut(sent.Header.Get("Authorization"), " ")
	if token == "" {
		return redact
	}
	return func(text string) string {
		text = strings.ReplaceAll(text, token, "<secret>")
		if redact != nil {
			text = redact(text)
		}
		return text
	}
}

// describeConnection adds the state of the connection to the error of a request without an answer. connection is nil if
// there was none.
func describeConnection(failure *Error, connection *httptrace.GotConnInfo) *Error {
	switch {
	case connection == nil && failure.Reason == Timeout:
		failure.what, failure.hint = "no connection in time", "check url (or token_url of oauth2), and firewalls on the way"
	case connection == nil:
	case failure.Reason == Timeout && connection.IdleTime >= longIdle:
		failure.what, failure.hint = idleText(connection.IdleTime), idleHint
	default:
		failure.stale = failure.retry && connection.Reused
	}
	return failure
}

// longIdle is shorter than the pause between two scrapes, and longer than any pause within a walk.
const longIdle = 4 * time.Second

func idleText(idle time.Duration) string {
	return "no answer on a connection that was idle for " + idle.Round(time.Second).String()
}

const idleHint = "a firewall or proxy may drop idle connections; if the next scrape fails too, raise timeout and the " +
	"scrape_timeout of Prometheus"
