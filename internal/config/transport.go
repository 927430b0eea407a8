package config

import (
	"context"
	"crypto/tls"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"strings"
	"time"

	promconfig "github.com/prometheus/common/config"
)

// NewHTTPClient returns a client for the settings in http_client. The client sends userAgent, or Go's user agent if it
// is empty. NewHTTPClient reads the certificate files. The error is an *Error that names the file that cannot be used.
//
// The content of secret files comes from the Credentials in the context of a request. Without Credentials, each request
// reads the files.
//
// The client has no timeout: the context of a request bounds it. It keeps up to 1000 idle connections per host, and so
// at least Concurrency. It does not request or decompress gzip: oms.Client does, since it bounds the size.
//
// The client follows a redirect if follow_redirects is true, but not from https to http. With http_headers it does not
// follow a redirect to another host, to which net/http would send these headers. For a redirect that it does not
// follow, it returns the response. oms.New receives the client and adds the rules for every OMS: only 307 and 308, at
// most ten times.
//
// The caller calls CloseIdleConnections when it no longer uses the client.
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

// newTransport returns a transport without credentials. It pings HTTP/2 connections, and so closes a silent one within
// half of the target's timeout. The transport of prometheus/common keeps it for 75 s.
func (t *Target) newTransport() (http.RoundTripper, error) {
	cfg := &t.HTTPClient
	// A dial outlives the request that started it, so it needs a timeout of its own.
	dialer := &net.Dialer{Timeout: t.Timeout, KeepAlive: 30 * time.Second}
	bare := promconfig.HTTPClientConfig{ProxyConfig: cfg.ProxyConfig, EnableHTTP2: cfg.EnableHTTP2}
	withTLS := func(tlsConfig *tls.Config) (http.RoundTripper, error) {
		newTLSConfig := func(context.Context, *promconfig.TLSConfig, ...promconfig.TLSConfigOption) (*tls.Config, error) {
			return tlsConfig, nil
		}
		transport, err := promconfig.NewRoundTripperFromConfig(bare, "oms",
			promconfig.WithDialContextFunc(dialer.DialContext), promconfig.WithNewTLSConfigFunc(newTLSConfig))
		if base, ok := transport.(*http.Transport); ok && base.HTTP2 != nil {
			base.HTTP2.SendPingTimeout, base.HTTP2.PingTimeout = t.Timeout/4, t.Timeout/4
		}
		return transport, err
	}
	tlsConfig, err := promconfig.NewTLSConfig(&cfg.TLSConfig)
	if err != nil {
		return nil, err
	}
	files := promconfig.TLSRoundTripperSettings{
		CA:   certificateFile(cfg.TLSConfig.CAFile),
		Cert: certificateFile(cfg.TLSConfig.CertFile),
		Key:  certificateFile(cfg.TLSConfig.KeyFile),
	}
	if files == (promconfig.TLSRoundTripperSettings{}) {
		return withTLS(tlsConfig)
	}
	return promconfig.NewTLSRoundTripper(tlsConfig, files, withTLS) // reloads changed files
}

func certificateFile(path string) promconfig.SecretReader {
	if path == "" {
		return nil
	}
	return promconfig.NewFileSecret(path)
}

// unsent returns the result of http.RoundTripper for a request that is not sent. It closes the body.
func unsent(request *http.Request, err error) (*http.Response, error) {
	if request.Body != nil {
		_ = request.Body.Close()
	}
	return nil, err
}

// clientError adds the place in the config file to an error of prometheus/common: the file that cannot be read, or the
// tls_config at keys.
func (t *Target) clientError(err error, keys ...string) error {
	if failed, ok := errors.AsType[*fs.PathError](err); ok {
		for _, f := range tlsFiles(&t.HTTPClient) {
			if f.path == failed.Path {
				return t.httpClient.findClosest(f.keys...).errorf("the file %s %s", f.path, unreadable(err))
			}
		}
	}
	return t.httpClient.findClosest(keys...).errorf("%s", Redactor(t.Secrets)()(err.Error()))
}

// checkRedirect implements http.Client.CheckRedirect.
func (t *Target) checkRedirect(next *http.Request, via []*http.Request) error {
	first, headers := via[0].URL, t.HTTPClient.HTTPHeaders
	if !t.HTTPClient.FollowRedirects ||
		first.Scheme == "https" && next.URL.Scheme != "https" ||
		headers != nil && len(headers.Headers) > 0 && !strings.EqualFold(first.Hostname(), next.URL.Hostname()) {
		return http.ErrUseLastResponse
	}
	return nil
}
