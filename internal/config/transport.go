package config

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"strings"
	"time"

	promconfig "github.com/prometheus/common/config"
)

// NewHTTPClient returns a client that reaches OMS as http_client says and sends
// the user agent (empty: Go's own). Certificate files are read now and an
// *Error names the one that cannot be used. The content of secret files comes from
// the Credentials in a request's context; without Credentials each request reads
// its files.
//
// The client has no timeout: the context of a request has the walk's. It keeps
// up to 1000 connections per host alive, and so at least Concurrency. It
// neither asks for gzip nor decompresses: the caller sets Accept-Encoding and
// decompresses itself, so it can bound the size.
//
// The client follows a redirect if follow_redirects is true, but not from https to
// http, and with http_headers not to another host: net/http would send these
// headers there. It returns the response of a redirect that it does not follow.
// oms.New, which receives the client, adds the rules that hold for every OMS: it
// follows 307 and 308 only, ten times at most.
//
// The caller closes the connections of a client that is no longer used with
// CloseIdleConnections.
func (t *Target) NewHTTPClient(userAgent string) (*http.Client, error) {
	if err := t.checkTLSFiles(); err != nil {
		return nil, err
	}
	transport, err := t.newTransport()
	if err != nil {
		return nil, t.clientError(err, "tls_config")
	}
	transport = t.withCredentials(transport)
	if userAgent != "" {
		transport = promconfig.NewUserAgentRoundTripper(userAgent, transport)
	}
	if t.HTTPClient.OAuth2 != nil {
		if transport, err = newOAuth2(t, transport, userAgent); err != nil {
			return nil, t.clientError(err, "oauth2", "tls_config")
		}
	}
	return &http.Client{Transport: transport, CheckRedirect: t.checkRedirect}, nil
}

// newTransport returns a transport without credentials. The transport of prometheus/common keeps a silent HTTP/2 connection for 75 s. Here pings
// find a silent connection within half of the target's timeout.
func (t *Target) newTransport() (http.RoundTripper, error) {
	cfg := &t.HTTPClient
	// A dial outlives the request that started it, so it needs a timeout of its own.
	dialer := &net.Dialer{Timeout: t.Timeout, KeepAlive: 30 * time.Second}
	bare := promconfig.HTTPClientConfig{ProxyConfig: cfg.ProxyConfig, EnableHTTP2: cfg.EnableHTTP2}
	withTLS := func(settings *tls.Config) (http.RoundTripper, error) {
		given := func(context.Context, *promconfig.TLSConfig, ...promconfig.TLSConfigOption) (*tls.Config, error) {
			return settings, nil
		}
		transport, err := promconfig.NewRoundTripperFromConfig(bare, "oms", promconfig.WithDialContextFunc(dialer.DialContext), promconfig.WithNewTLSConfigFunc(given))
		if base, ok := transport.(*http.Transport); ok && base.HTTP2 != nil {
			base.HTTP2.SendPingTimeout, base.HTTP2.PingTimeout = t.Timeout/4, t.Timeout/4
		}
		return transport, err
	}
	settings, err := promconfig.NewTLSConfig(&cfg.TLSConfig)
	if err != nil {
		return nil, err
	}
	files := promconfig.TLSRoundTripperSettings{
		CA:   certificateFile(cfg.TLSConfig.CAFile),
		Cert: certificateFile(cfg.TLSConfig.CertFile),
		Key:  certificateFile(cfg.TLSConfig.KeyFile),
	}
	if files == (promconfig.TLSRoundTripperSettings{}) {
		return withTLS(settings)
	}
	return promconfig.NewTLSRoundTripper(settings, files, withTLS) // reloads a changed file
}

func certificateFile(path string) promconfig.SecretReader {
	if path == "" {
		return nil
	}
	return promconfig.NewFileSecret(path)
}

// clientError adds the place in the config file to an error of the library.
func (t *Target) clientError(err error, keys ...string) error {
	return t.httpClient.closest(keys).errorf("%s", Redactor(t.Secrets)()(err.Error()))
}

// checkRedirect implements http.Client.CheckRedirect.
func (t *Target) checkRedirect(next *http.Request, made []*http.Request) error {
	first := made[0].URL
	if !t.HTTPClient.FollowRedirects ||
		first.Scheme == "https" && next.URL.Scheme != "https" ||
		t.hasHeaders() && !strings.EqualFold(first.Hostname(), next.URL.Hostname()) {
		return http.ErrUseLastResponse
	}
	return nil
}

func (t *Target) hasHeaders() bool {
	return t.HTTPClient.HTTPHeaders != nil && len(t.HTTPClient.HTTPHeaders.Headers) > 0
}
