package oms

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"unicode"

	"github.com/oms-exporter/oms_exporter/internal/textutil"
)

// readAnswer reads an answer and returns its page, or the reason why it has none. It also returns the number of bytes
// of the decompressed body.
func (c *call) readAnswer(ctx context.Context, res *http.Response) (*Page, int64, *Error) {
	plain, done, err := decompress(res)
	defer done()
	body := &boundedReader{from: plain, limit: c.options.MaxResponseSize, canceled: ctx.Err}
	switch {
	case res.StatusCode != http.StatusOK && err == nil:
		// Only the beginning of such an answer is used.
		start, _ := io.ReadAll(io.LimitReader(body, 64<<10))
		return nil, body.read, c.statusError(res, start)
	case res.StatusCode != http.StatusOK:
		return nil, 0, c.statusError(res, nil)
	case err != nil:
		body.err = err
		return nil, 0, c.decodeError(ctx, res, err, body)
	}
	page, err := decodePage(body, decodeOptions{rows: c.size, redact: c.redact, skipSteps: c.options.SkipSteps})
	switch {
	case err != nil:
		return nil, body.read, c.decodeError(ctx, res, err, body)
	case page.Success.Valid && !page.Success.Value:
		return nil, body.read, c.apiError(page.Envelope, "OMS returned an error")
	case !page.HasData:
		return nil, body.read, c.apiError(page.Envelope, noData)
	}
	return page, body.read, nil
}

// decodeError returns the error for an answer with status 200 that is no page. err is the error of the decoder, and
// body has the bytes that were read. Only the text of err is kept: the chain of a decoder's errors can be as deep as
// the brackets of the answer.
func (c *call) decodeError(ctx context.Context, res *http.Response, err error, body *boundedReader) *Error {
	ended := body.err == nil || errors.Is(body.err, io.EOF)
	if !ended {
		err = body.err // the decoder's error follows from this one
	}
	e := &Error{Reason: Decode}
	var excess *limitError
	switch {
	case errors.As(err, &excess):
		e.Reason, e.what = Limit, excess.Error()
		e.hint = "compare with the answer to the same request with curl: a proxy in front of the OMS may change it"
	case ctx.Err() == nil && errors.Is(err, io.ErrUnexpectedEOF):
		e.what = "the answer ends early"
		e.hint = "look for a proxy or an OMS that closes connections early"
		e.retry, e.err = true, io.ErrUnexpectedEOF
		if body.read == 0 {
			e.what = "the answer is empty"
		}
	case ended, isGzipError(err):
		var syntax *syntaxError
		if e.what = rootCause(err); errors.As(err, &syntax) {
			e.what = syntax.Error()
		}
		e.what = "the answer cannot be read: " + e.what
		if coding := unknownEncoding(res); coding != "" {
			e.what += fmt.Sprintf(" (Content-Encoding is %q, only gzip was requested)", coding)
		}
		e.hint = compareHint
		if looksLikeHTML(res, body.start) {
			e.what = "the answer is a web page instead of JSON"
			e.hint = "check that url is the OMS, and that no login page is in front of it"
		}
		switch {
		case syntax != nil && syntax.context != "" && !looksLikeHTML(res, body.start):
			e.Message = syntax.context
		case ended && body.read > 0:
			e.Message = c.excerpt(res, body.start, maxStart)
		}
	default:
		e = transportError(ctx, err)
		if e.Reason == Timeout {
			e.what = "the answer was not complete in time"
		}
	}
	e.Status = res.StatusCode
	return e
}

func looksLikeHTML(res *http.Response, begin []byte) bool {
	kind, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type"))
	begin = bytes.TrimSpace(begin)
	return bytes.HasPrefix(begin, []byte("<")) || kind == "text/html" && !bytes.HasPrefix(begin, []byte("{"))
}

// excerpt returns the beginning of an answer that does not come from OMS. For a web page it returns only the title. A
// start of more than longest bytes may be cut.
func (c *call) excerpt(res *http.Response, begin []byte, longest int) string {
	if bytes.ContainsFunc(begin, func(r rune) bool { return r < ' ' && !unicode.IsSpace(r) }) {
		return "(binary data)"
	}
	text := sanitizeTo(longest, c.redact, string(begin))
	if looksLikeHTML(res, begin) {
		_, title, ok := strings.Cut(text, "<title>")
		if title, _, closed := strings.Cut(title, "</title>"); ok && closed {
			return fmt.Sprintf("(a web page: %q)", strings.TrimSpace(title))
		}
		return "(a web page)"
	}
	return textutil.Cut(text, maxExcerpt)
}

// maxExcerpt is long enough to recognize the sender.
const maxExcerpt = 120
