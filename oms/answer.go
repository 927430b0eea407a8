package oms

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/klauspost/compress/gzip"
)

// readAnswer reads the whole answer to a request: a page, or why it is none. The bytes of the body, decompressed, are counted.
func (c *call) readAnswer(ctx context.Context, res *http.Response) (*Page, int64, *Error) {
	plain, err := decompressed(res)
	body := &boundedReader{from: plain, limit: c.options.MaxResponseSize}
	switch {
	case res.StatusCode != http.StatusOK && err == nil:
		// What such an answer says beyond its beginning is of no use.
		start, _ := io.ReadAll(io.LimitReader(body, 64<<10))
		return nil, body.read, c.statusError(res, start)
	case res.StatusCode != http.StatusOK:
		return nil, 0, c.statusError(res, nil)
	case err != nil:
		body.err = err
		return nil, 0, c.decodeError(ctx, res, err, body)
	}
	page, err := decodePage(body, c.options.Redact, c.size)
	switch {
	case err != nil:
		return nil, body.read, c.decodeError(ctx, res, err, body)
	case page.Success.Valid && !page.Success.Value:
		return nil, body.read, apiError(page.Envelope, "OMS says no")
	case !page.HasData:
		return nil, body.read, apiError(page.Envelope, "the answer has no data")
	}
	return page, body.read, nil
}

// decompressed is the body of res as it was before the server compressed it. Only gzip was asked for.
func decompressed(res *http.Response) (io.Reader, error) {
	switch encoding := strings.ToLower(res.Header.Get("Content-Encoding")); encoding {
	case "", "identity":
		return res.Body, nil
	case "gzip", "x-gzip":
		r, err := gzip.NewReader(res.Body)
		return r, endsEarly(err)
	default:
		return nil, fmt.Errorf("%w %q: only gzip was asked for", errEncoding, encoding)
	}
}

// tooLargeError is the answer that is longer than allowed.
type tooLargeError struct{ limit int64 }

func (e *tooLargeError) Error() string {
	return fmt.Sprintf("the answer is longer than %d bytes", e.limit)
}

// boundedReader reads up to limit bytes and keeps how it ended and how the answer began.
type boundedReader struct {
	from  io.Reader
	limit int64
	read  int64
	err   error
	begin []byte
}

func (r *boundedReader) Read(p []byte) (int, error) {
	if r.err != nil {
		return 0, r.err
	}
	// One byte more than allowed is asked for: an answer of just the limit is fine.
	if room := r.limit - r.read + 1; int64(len(p)) > room {
		p = p[:room]
	}
	n, err := r.from.Read(p)
	if missing := maxText - len(r.begin); missing > 0 {
		r.begin = append(r.begin, p[:min(n, missing)]...)
	}
	r.read += int64(n)
	if r.read > r.limit {
		err = &tooLargeError{r.limit}
	}
	r.err = err
	return n, err
}

// decodeError is for an answer with status 200 that could not be read as a page: err is what the decoder makes of it, body how far the
// reading came.
func (c *call) decodeError(ctx context.Context, res *http.Response, err error, body *boundedReader) *Error {
	if body.err != nil && !errors.Is(body.err, io.EOF) {
		err = body.err // the cause of whatever the decoder says
	}
	e := &Error{Reason: Decode, err: err}
	switch {
	case ctx.Err() == nil && errors.Is(err, io.ErrUnexpectedEOF):
		e.what = "the answer ends early"
		e.hint = "look for a proxy or an OMS that breaks connections off"
		e.retry = true
	case body.err == nil || errors.Is(body.err, io.EOF) || isDamaged(body.err):
		e.what = "the answer cannot be read: " + err.Error()
		e.hint = "is url the OMS? Compare with the answer to the same request by curl"
		if looksLikeHTML(res, body.begin) {
			e.what = "a web page came where JSON was expected"
			e.hint = "is url the OMS, is a login page in between?"
		}
		e.Message = c.excerpt(res, body.begin)
	default:
		e = transportError(ctx, err)
	}
	e.Status = res.StatusCode
	return e
}

// errEncoding is an answer compressed in a way that was not asked for.
var errEncoding = errors.New("unknown Content-Encoding")

// isDamaged says that the compressed form of an answer cannot be read.
func isDamaged(err error) bool {
	return errors.Is(err, errEncoding) || errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) || strings.HasPrefix(err.Error(), "flate: ")
}

func looksLikeHTML(res *http.Response, begin []byte) bool {
	kind, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type"))
	begin = bytes.TrimSpace(begin)
	return bytes.HasPrefix(begin, []byte("<")) || kind == "text/html" && !bytes.HasPrefix(begin, []byte("{"))
}

// excerpt is how an answer that is none of OMS' begins, for people. Of a web page only the title is of use.
func (c *call) excerpt(res *http.Response, begin []byte) string {
	text := tidy(c.options.Redact, string(begin))
	if text == "" {
		return "(the body is empty)"
	}
	if looksLikeHTML(res, begin) {
		_, title, ok := strings.Cut(text, "<title>")
		if title, _, closed := strings.Cut(title, "</title>"); ok && closed {
			return fmt.Sprintf("(a web page: %q)", strings.TrimSpace(title))
		}
		return "(a web page)"
	}
	return text
}

// apiError is for an answer in which OMS itself says that something is wrong.
func apiError(envelope Envelope, what string) *Error {
	e := &Error{Reason: API, Status: http.StatusOK, what: what}
	e.fill(envelope)
	e.hint = apiHints[e.Code]
	if e.hint == "" {
		e.hint = "look for the requestId or the message in the log of the OMS"
	}
	return e
}

// apiHints say what to do about the codes that are known.
var apiHints = map[string]string{
	"PARAM_ERROR":         "check filter and page_size; community OMS may refuse filter.statuses",
	"GHANA-OPERAT000001":  "the CM service of the OMS may be down: look at the OMS host",
	"GHANA-OPERIE000000":  "an internal error of the OMS: look at its log",
	"INNER_ERROR":         "an internal error of the OMS: look at its log",
	"CM-RESOAT1111":       "an internal error of the OMS: look at its log",
	"TIMEOUT_EXCEPTION":   "the OMS took too long by its own measure: look at its load",
	"GHANA-PROJECT000001": "a task vanished while OMS was listing it: the next scrape should do",
}

// fill takes over what the envelope says of an error, in either generation of members.
func (e *Error) fill(envelope Envelope) {
	e.Code, e.Message, e.Advice, e.RequestID = envelope.Code, envelope.Message, envelope.Advice, envelope.RequestID
	if detail := envelope.ErrorDetail; detail != nil {
		if e.Code == "" {
			e.Code = detail.Code
		}
		if e.Message == "" {
			e.Message = detail.Message
		}
		if e.Advice == "" {
			e.Advice = detail.Proposal
		}
	}
	e.Code = cutText(oneLine(e.Code))
}

// statusError is for an answer of another status than 200. start is the beginning of its body.
func (c *call) statusError(res *http.Response, start []byte) *Error {
	e := &Error{Reason: HTTP, Status: res.StatusCode}
	if page, err := decodePage(bytes.NewReader(start), c.options.Redact, 0); err == nil {
		e.fill(page.Envelope)
	}
	if e.Code == "" && e.Message == "" && len(bytes.TrimSpace(start)) > 0 {
		e.Message = c.excerpt(res, start)
	}
	switch status := res.StatusCode; {
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		e.Reason = Auth
		e.hint = c.authHint(status)
	case status == http.StatusProxyAuthRequired:
		e.Reason = Connect
		e.hint = "check proxy_url under http_client, and its credentials"
	case status >= 300 && status < 400:
		c.explainRedirect(e, res)
	case status == http.StatusBadRequest && bytes.Contains(start, []byte("HTTPS")):
		e.Reason = TLS
		e.hint = httpsHint
	case status == http.StatusNotFound:
		e.hint = "is url the OMS console (port 8089), with the path prefix it may have?"
	case status == http.StatusTooManyRequests:
		e.hint = "scrape less often, or lower concurrency"
		e.retry, e.retryAfter = true, retryAfter(res.Header)
	case status == http.StatusBadGateway, status == http.StatusServiceUnavailable, status == http.StatusGatewayTimeout:
		e.hint = "the OMS, or a proxy before it, is in trouble: look whether its console works"
		e.retry, e.retryAfter = true, retryAfter(res.Header)
	case status >= 500:
		e.hint = "look at the log of the OMS"
	default:
		e.hint = "is url the OMS console (port 8089)?"
	}
	return e
}

func (c *call) authHint(status int) string {
	hint := "check basic_auth in the config"
	if status == http.StatusForbidden {
		hint = "give the user a role that may list tasks (ROOT-VIEWER), or check basic_auth in the config"
	}
	if c.options.User != "" {
		hint += fmt.Sprintf(" (user %q)", c.options.User)
	}
	return hint
}

// explainRedirect tells the login page, which has another path, from the OMS that moved.
func (c *call) explainRedirect(e *Error, res *http.Response) {
	e.Message = "" // what stands on such a page is of no use
	to, err := res.Location()
	if err != nil {
		e.hint = "it redirects, and does not say where to: is url the OMS?"
		return
	}
	asked, err := url.Parse(c.url)
	if err == nil && path.Clean(to.Path) != path.Clean(asked.Path) {
		e.Reason = Auth
		e.what = "redirected to " + tidy(c.options.Redact, to.Redacted())
		e.hint = "is that a login page? " + c.authHint(res.StatusCode)
		return
	}
	to.RawQuery, to.Fragment, to.User = "", "", nil
	to.Path = strings.TrimSuffix(path.Clean(to.Path), "/api/v2")
	e.hint = fmt.Sprintf("set url to %s", tidy(c.options.Redact, to.String()))
}
