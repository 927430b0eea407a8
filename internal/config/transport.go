package config

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	promconfig "github.com/prometheus/common/config"
)

const maxRedirects = 10

// NewHTTPClient returns a client that reaches OMS as http_client says and sends
// the user agent (empty: Go's own). Certificate files are read now and an
// error, an *Error, says which cannot be used. Secrets of files come from the Credentials
// in a request's context; without Credentials each request reads its files.
//
// The client has no timeout: the context of a request has the walk's. It keeps
// up to 1000 connections per host alive, and so at least Concurrency. It
// neither asks for gzip nor decompresses: the caller sets Accept-Encoding and
// decompresses itself, and thus bounds what comes out.
//
// 301, 302 and 303 are not followed, as they would make a GET of the POST. 307
// and 308 are followed if follow_redirects says so, ten times at most (more are an error), but
// neither from https to http, nor, where http_headers are set, to another
// host: net/http would send these headers there. What is not followed is
// returned as an answer with its 3xx status, not as an error.
//
// The caller ends the connections of a client no longer used by
// CloseIdleConnections.
func (t *Target) NewHTTPClient(userAgent string) (*http.Client, error) {
	if err := t.checkTLSFiles(); err != nil {
		return nil, err
	}
	cfg := byReference(t.HTTPClient)
	cfg.OAuth2 = nil // newOAuth2 says why
	// A dial goes on when the request that asked for it has ended: without a bound of its own for as long as the kernel likes.
	dialer := &net.Dialer{Timeout: t.Timeout, KeepAlive: 30 * time.Second}
	options := []promconfig.HTTPClientOption{promconfig.WithDialContextFunc(dialer.DialContext), promconfig.WithSecretManager(contextSecrets{})}
	if userAgent != "" {
		options = append(options, promconfig.WithUserAgent(userAgent))
	}
	transport, err := promconfig.NewRoundTripperFromConfig(cfg, "oms", options...)
	if err != nil {
		return nil, t.clientError(err, "tls_config")
	}
	transport = newFileHeaders(&t.HTTPClient, transport)
	if t.HTTPClient.OAuth2 != nil {
		if transport, err = newOAuth2(t, transport, userAgent); err != nil {
			return nil, t.clientError(err, "oauth2", "tls_config")
		}
	}
	return &http.Client{Transport: transport, CheckRedirect: t.checkRedirect}, nil
}

// clientError says where in the file it stands what a client cannot be made of.
func (t *Target) clientError(err error, keys ...string) error {
	return t.httpClient.closest(keys).errorf("%s", Redactor(t.Secrets)()(err.Error()))
}

// checkRedirect is called with the request that a redirect asks for, and those
// made so far.
func (t *Target) checkRedirect(next *http.Request, made []*http.Request) error {
	status := 0
	if next.Response != nil {
		status = next.Response.StatusCode
	}
	first := made[0].URL
	switch {
	case !t.HTTPClient.FollowRedirects,
		status != http.StatusTemporaryRedirect && status != http.StatusPermanentRedirect,
		first.Scheme == "https" && next.URL.Scheme != "https",
		t.hasHeaders() && !strings.EqualFold(first.Hostname(), next.URL.Hostname()):
		return http.ErrUseLastResponse
	case len(made) >= maxRedirects:
		return fmt.Errorf("stopped after %d redirects", maxRedirects)
	}
	return nil
}

func (t *Target) hasHeaders() bool {
	return t.HTTPClient.HTTPHeaders != nil && len(t.HTTPClient.HTTPHeaders.Headers) > 0
}
