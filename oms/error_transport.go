package oms

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/oauth2"
)

// transportError returns the error for a request without an answer, or with a part of one.
func transportError(ctx context.Context, err error) *Error {
	e := &Error{err: err, what: errorText(err)}
	var tooLarge *tooLongError
	var file *fs.PathError
	switch {
	case ctx.Err() != nil, errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		e.Reason, e.what = Timeout, "no answer in time"
		e.hint = timeoutHint
	case errors.As(err, &tooLarge):
		e.Reason = Limit
		e.hint = "lower page_size or raise max_response_size"
	case errors.Is(err, errRedirects):
		e.Reason = HTTP
		e.hint = "check that url is the OMS: the server at this address redirects in a loop"
	case strings.Contains(err.Error(), "failed to parse Location header"):
		e.Reason = HTTP
		e.what = "redirected to an invalid URL"
		e.hint = "check that url is the OMS, and check the proxy in front of it"
	case errors.As(err, &file) && !strings.Contains(err.Error(), "CA cert"), strings.Contains(err.Error(), "oauth2:"):
		e.Reason, e.refused = Auth, refusesToken(err)
		e.hint = "check the credentials under http_client and the rights of their files"
	case isTLS(err):
		e.Reason = TLS
		e.hint = tlsHint(err)
	case isTimeout(err):
		e.Reason = Timeout
		e.hint = "check the load of the OMS, and firewalls on the way"
	default:
		e.Reason = Connect
		e.hint = connectHint(err, e.what)
		e.retry = isConnection(err)
	}
	return e
}

// refusesToken reports whether a token server refused the client's credentials, in the error codes of RFC 6749.
func refusesToken(err error) bool {
	refused, ok := errors.AsType[*oauth2.RetrieveError](err)
	return ok && (refused.Response.StatusCode == http.StatusUnauthorized ||
		slices.Contains([]string{"invalid_client", "invalid_grant", "unauthorized_client", "access_denied"},
			refused.ErrorCode))
}

// errorText returns the text of err without the method and URL, which http.Client adds, and without the local port,
// which changes with each request.
func errorText(err error) string {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	var dns *net.DNSError
	var op *net.OpError
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return "no such host: " + dns.Name
	case errors.As(err, &dns) && dns.IsTimeout:
		return "the name server did not answer for " + dns.Name
	case errors.As(err, &op) && op.Source != nil:
		remote := *op
		remote.Source = nil
		return remote.Error()
	case errors.Is(err, io.EOF):
		return "the connection was closed before an answer arrived"
	case isProxyError(err):
		return "the proxy refused the request: " + err.Error()
	}
	text := err.Error()
	for _, inner := range []string{"net/http: HTTP/1.x transport connection broken: ", "readLoopPeekFailLocked: "} {
		text = strings.TrimPrefix(text, inner)
	}
	return text
}

// isProxyError reports whether a proxy refused a TLS connection: the text of the error is that of an HTTP status.
func isProxyError(err error) bool {
	for status := http.StatusMultipleChoices; status <= http.StatusNetworkAuthenticationRequired; status++ {
		if text := http.StatusText(status); text != "" && err.Error() == text {
			return true
		}
	}
	return false
}

// isTimeout reports whether a time limit of the transport expired. The time limits of the kernel and of a name server
// do not count: the host is unreachable.
func isTimeout(err error) bool {
	var timeout net.Error
	var dns *net.DNSError
	return errors.As(err, &timeout) && timeout.Timeout() && !errors.Is(err, syscall.ETIMEDOUT) &&
		!errors.As(err, &dns) ||
		errors.Is(err, os.ErrDeadlineExceeded)
}

const httpsHint = "this port serves HTTPS: set url to https://..."

// isConnection reports whether the connection failed. Another attempt can succeed then, unlike after an error of the
// request itself.
func isConnection(err error) bool {
	var op *net.OpError
	var dns *net.DNSError
	return errors.As(err, &op) || errors.As(err, &dns) || errors.Is(err, io.EOF) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || errors.Is(err, net.ErrClosed) ||
		containsAny(err.Error(), []string{"http2: ", "stream error", "server closed idle connection",
			"transport connection broken"})
}

func connectHint(err error, what string) string {
	var dns *net.DNSError
	switch {
	case strings.Contains(what, "proxy"): // net/http reports proxyconnect
		return "check proxy_url under http_client, and its credentials"
	case errors.As(err, &dns):
		return "check the host name in url"
	case errors.Is(err, io.EOF):
		// Some TLS servers close a plain connection without an answer.
		return "set url to https://... if this port serves HTTPS; if not, look for a proxy or an OMS that closes " +
			"connections early"
	}
	return "check url, and that the OMS runs and is reachable from here"
}

func containsAny(s string, texts []string) bool {
	for _, text := range texts {
		if strings.Contains(s, text) {
			return true
		}
	}
	return false
}
