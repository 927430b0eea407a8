// Package oms is a client of the OpenAPI of OceanBase Migration Service (OMS). Client requests single pages of tasks
// from ListProjects, and Walker reads all pages. The package accepts the answers of a real OMS, which differ from its
// documentation: scalars with or without quotes, keys in any case, members that are null or absent.
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

// ActionListProjects is the only operation that the client calls. It reads; the client cannot change anything in OMS.
const ActionListProjects = "ListProjects"

// Options configure a Client. The zero value is valid.
type Options struct {
	Target string // name of the OMS in errors
	User   string // user name in the hint of an authentication error; the http.Client sends the credentials

	// MaxResponseSize limits the decompressed body of an answer, in bytes; 0 means 256 MiB.
	MaxResponseSize int64

	// Redact returns a function that removes secrets from texts of upstream before they are kept. It is called for each
	// request, because secrets change. Nil removes nothing.
	Redact func() func(string) string

	// Holdoff counts refusals of the credentials of the http.Client. After the first refusal the client sends no
	// request for HoldTime, and after the second one none until Holdoffs.AllowRetry. With nil or a HoldTime of 0 it
	// always sends requests.
	Holdoff  *Holdoff
	HoldTime time.Duration

	// SkipSteps reports by the status of a task whether to leave out its steps. In an old OMS most tasks have ended,
	// and steps are the largest part of a row. Nil leaves out none.
	SkipSteps func(status string) bool

	// OnAttempt receives each finished request, in the goroutine that made it. It does not receive a request that was
	// canceled because another page failed or because no caller waits any more, nor a request that was withheld.
	OnAttempt func(Attempt)

	// OnDecision receives one line for each decision of a walk.
	OnDecision func(string)
}

// Attempt is one HTTP request, as Options.OnAttempt receives it.
type Attempt struct {
	Action   string
	Page     int
	Number   int           // 1 for the first attempt at this page, 2 and more for retries
	Duration time.Duration // from the start of the request until its answer is read and decoded
	Status   int           // HTTP status, 0 if no answer came
	Bytes    int64         // of the decompressed body
	Rows     int
	Err      *Error // nil after success
}

// Outcome returns "ok" or the reason of the failure.
func (a Attempt) Outcome() string {
	if a.Err == nil {
		return "ok"
	}
	return string(a.Err.Reason)
}

// Client requests pages from one OMS. It is safe for concurrent use.
type Client struct {
	url     string
	http    *http.Client
	options Options
}

const defaultMaxResponseSize = 256 << 20

// New returns a client of the OMS at baseURL: scheme, host and port, and a path prefix if OMS is behind one. hc sends
// the requests with its credentials, certificates and proxies. The context of each call sets the deadline. New does not
// change hc. The client never follows 301, 302 and 303, which turn a POST into a GET; for other redirects the policy of
// hc applies.
func New(baseURL string, hc *http.Client, options Options) (*Client, error) {
	u, err := url.Parse(baseURL)
	switch {
	case err != nil:
		// The error of the parser would repeat a password in the URL.
		return nil, errors.New("the OMS URL cannot be parsed")
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("the scheme of the OMS URL is %q, not http or https", u.Scheme)
	case u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, errors.New("the OMS URL is more or less than scheme, host, port and path prefix")
	case options.MaxResponseSize < 0:
		return nil, errors.New("the maximum size of a response is negative")
	}
	if options.MaxResponseSize == 0 {
		options.MaxResponseSize = defaultMaxResponseSize
	}
	own := *hc
	own.CheckRedirect = redirectPolicy(hc.CheckRedirect)
	return &Client{
		url:     strings.TrimRight(u.String(), "/") + "/api/v2?Action=" + ActionListProjects,
		http:    &own,
		options: options,
	}, nil
}

// With returns a client with other options that shares the connections of c. change receives a copy of the options of
// c.
func (c *Client) With(change func(*Options)) *Client {
	other := *c
	change(&other.options)
	return &other
}

// ListProjects requests one page. It makes at most three attempts while ctx allows: after connection errors, the
// statuses 429, 502, 503 and 504, and an answer that ends early. The error is an *Error, except for a request that is
// invalid by the documentation of OMS.
func (c *Client) ListProjects(ctx context.Context, request ListProjectsRequest) (*Page, error) {
	body, err := request.body()
	if err != nil {
		return nil, fmt.Errorf("ListProjects request: %w", err)
	}
	call := &call{Client: c, body: body, page: max(1, request.PageNumber), size: request.PageSize,
		progress: new(Progress)}
	return call.retry(ctx)
}

// redirectPolicy returns a policy that follows 307 and 308, maxRedirects times at most. next, which may be nil, can
// refuse more.
func redirectPolicy(next func(*http.Request, []*http.Request) error) func(*http.Request, []*http.Request) error {
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
