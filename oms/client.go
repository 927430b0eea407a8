// Package oms is a client of the OpenAPI of OceanBase Migration Service (OMS): it asks ListProjects for pages of tasks, and walks all
// pages to the whole list. It reads what a real OMS sends, which differs from the document: scalars quoted or not, keys in any case,
// members that are null or absent.
package oms

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// ActionListProjects is the one operation that this client calls. It reads; the client has no way to change anything in OMS.
const ActionListProjects = "ListProjects"

// Options of a Client. The zero value is usable.
type Options struct {
	Target string // the OMS' name in errors
	User   string // who asks, for the hint of an authentication error; credentials themselves are the http.Client's affair

	// MaxResponseSize bounds one answer, decompressed; 0 means 256 MiB.
	MaxResponseSize int64

	// Redact gives what removes secrets from texts that upstream sent, before they are kept. It is asked once for each request, as secrets
	// change. Nil: nothing is removed.
	Redact func() func(string) string

	// Holdoff counts the refusals of the credentials that the http.Client sends. After the first one requests are withheld for HoldTime,
	// after the second one until Holdoffs.AllowRetry. Nil, or a HoldTime of 0: they never are.
	Holdoff  *Holdoff
	HoldTime time.Duration

	// SkipSteps says whether the steps of a task are left out, by its status: most tasks of an old OMS are over, and steps are most of what
	// there is to read and to keep of a task. Nil: those of none are.
	SkipSteps func(status string) bool

	// OnAttempt is told of each request that came to an end by itself, from the goroutine that made it. One that was broken off because
	// another page of the same walk had failed, or because nobody waits any more, is not told, and neither is one that was withheld.
	OnAttempt func(Attempt)

	// OnDecision is told, in a line each, what the walk made of the answers.
	OnDecision func(string)
}

// Attempt is one HTTP request, told to Options.OnAttempt.
type Attempt struct {
	Action   string
	Page     int
	Number   int           // 1 for the first attempt at this page, more for retries
	Duration time.Duration // from the request's begin to the last byte of the answer
	Status   int           // HTTP status, 0 if no answer came
	Bytes    int64         // of the answer's body, decompressed
	Rows     int
	Err      *Error // nil if all went well
}

// Outcome is "ok", or the reason of the failure.
func (a Attempt) Outcome() string {
	if a.Err == nil {
		return "ok"
	}
	return string(a.Err.Reason)
}

// Client asks one OMS. It is safe for concurrent use.
type Client struct {
	url     string
	http    *http.Client
	options Options
}

const defaultMaxResponseSize = 256 << 20

// New makes a client of the OMS at baseURL (scheme, host and port, and a path prefix if OMS is behind one), over hc, which carries
// credentials, certificates and proxies. Deadlines come with each call's context. hc itself is not changed: of its redirect policy the
// client keeps what is safe, so that 301, 302 and 303, which would turn the POST into a GET, are never followed.
func New(baseURL string, hc *http.Client, options Options) (*Client, error) {
	u, err := url.Parse(baseURL)
	switch {
	case err != nil:
		return nil, errors.New("the OMS URL cannot be parsed") // the parser's own words would repeat a password in it
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("the scheme of the OMS URL is %q, not http or https", u.Scheme)
	case u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, errors.New("the OMS URL is more or less than scheme, host, port and path prefix")
	}
	if options.MaxResponseSize == 0 {
		options.MaxResponseSize = defaultMaxResponseSize
	}
	own := *hc
	own.CheckRedirect = keepPost(hc.CheckRedirect)
	return &Client{
		url:     strings.TrimRight(u.String(), "/") + "/api/v2?Action=" + ActionListProjects,
		http:    &own,
		options: options,
	}, nil
}

// With makes a client that shares the connections of c and has other options; change is given a copy of those of c.
func (c *Client) With(change func(*Options)) *Client {
	other := *c
	change(&other.options)
	return &other
}

// ListProjects asks for one page. It is tried three times at most, as long as ctx allows: on connection errors, on the statuses 429,
// 502, 503 and 504, and on an answer that ends early. The error is always an *Error, but for a request that the document forbids.
func (c *Client) ListProjects(ctx context.Context, request ListProjectsRequest) (*Page, error) {
	body, err := request.body()
	if err != nil {
		return nil, fmt.Errorf("ListProjects request: %w", err)
	}
	call := &call{Client: c, body: body, page: max(1, request.PageNumber), size: request.PageSize, progress: new(Progress)}
	return call.retry(ctx)
}

// keepPost returns a redirect policy that follows 307 and 308, maxRedirects times at most. next, which may be nil, can
// refuse more.
func keepPost(next func(*http.Request, []*http.Request) error) func(*http.Request, []*http.Request) error {
	return func(req *http.Request, via []*http.Request) error {
		if from := req.Response; from != nil {
			switch from.StatusCode {
			case http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
			default:
				return http.ErrUseLastResponse
			}
		}
		if next != nil {
			if err := next(req, via); err != nil {
				return err
			}
		}
		if len(via) >= maxRedirects {
			return errRedirects
		}
		return nil
	}
}

const maxRedirects = 10

var errRedirects = fmt.Errorf("stopped after %d redirects", maxRedirects)
