package config

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	promconfig "github.com/prometheus/common/config"
)

// newOAuth2 wraps a transport with OAuth2. prometheus/common requests tokens without a deadline and ignores the
// context, so a token server that hangs would block a request forever. Here, each connection to the token server ends
// after the target's timeout, and a request returns when its context ends.
func newOAuth2(t *Target, next http.RoundTripper, userAgent string) (http.RoundTripper, error) {
	// The library resolves the proxy at the first requests, without a lock. Resolve it here, in a copy.
	cfg := *t.HTTPClient.OAuth2
	cfg.Proxy()
	if _, err := promconfig.NewTLSConfig(&cfg.TLSConfig); err != nil {
		return nil, err
	}
	dialer := &net.Dialer{Timeout: t.Timeout}
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dialer.DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return conn, conn.SetDeadline(time.Now().Add(t.Timeout))
	}
	credential := oauth2Credential(&cfg)
	transport := promconfig.NewOAuth2RoundTripper(credential, &cfg, next,
		promconfig.WithDialContextFunc(dial), promconfig.WithKeepAlivesDisabled())
	transport = &serializedSetup{next: transport, credential: credential}
	if userAgent != "" {
		transport = promconfig.NewUserAgentRoundTripper(userAgent, transport)
	}
	return &contextTransport{next: transport, base: next, slots: make(chan struct{}, max(1, t.Concurrency))}, nil
}

func oauth2Credential(c *promconfig.OAuth2) promconfig.SecretReader {
	text, file := c.ClientSecret, c.ClientSecretFile
	if c.GrantType == "urn:ietf:params:oauth:grant-type:jwt-bearer" {
		text, file = c.ClientCertificateKey, c.ClientCertificateKeyFile
	}
	return secretReader(string(text), file)
}

// serializedSetup is a transport that wraps the OAuth2 transport of prometheus/common. That transport sets itself up at
// the first request and whenever the secret changes, without a lock. serializedSetup lets no other request run during a
// setup.
type serializedSetup struct {
	next       http.RoundTripper
	credential promconfig.SecretReader

	mu     sync.RWMutex // held for writing during a setup
	secret string       // of the last setup
	ready  bool
}

// RoundTrip implements http.RoundTripper.
func (s *serializedSetup) RoundTrip(request *http.Request) (*http.Response, error) {
	secret, err := s.credential.Fetch(request.Context())
	if err != nil {
		return unsent(request, fmt.Errorf("unable to read oauth2 client secret: %w", err))
	}
	s.mu.RLock()
	if s.ready && s.secret == secret {
		defer s.mu.RUnlock()
		return s.next.RoundTrip(request)
	}
	s.mu.RUnlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	response, err := s.next.RoundTrip(request)
	s.secret, s.ready = secret, err == nil
	return response, err
}

// contextTransport is a transport that returns when the context ends, even if the transport that it wraps does not. The
// wrapped request then keeps its slot, which bounds the number of requests that hang.
type contextTransport struct {
	next  http.RoundTripper
	base  http.RoundTripper // sends the requests to OMS for next
	slots chan struct{}
}

// roundTrip is the result of RoundTrip.
type roundTrip struct {
	response *http.Response
	err      error
}

// RoundTrip implements http.RoundTripper.
func (t *contextTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	ctx := request.Context()
	select {
	case t.slots <- struct{}{}:
	case <-ctx.Done():
		return unsent(request, ctx.Err())
	}
	done := make(chan roundTrip, 1)
	go func() {
		defer func() { <-t.slots }()
		response, err := t.next.RoundTrip(request) //nolint:bodyclose // the receiver closes it
		done <- roundTrip{response: response, err: err}
	}()
	select {
	case result := <-done:
		return result.response, result.err
	case <-ctx.Done():
		go func() {
			if result := <-done; result.err == nil {
				_ = result.response.Body.Close()
			}
		}()
		return nil, ctx.Err()
	}
}

// CloseIdleConnections closes the idle connections to OMS. Connections to the token server are never idle. Closing
// through the OAuth2 transport of prometheus/common would be a data race with a concurrent request.
func (t *contextTransport) CloseIdleConnections() {
	(&http.Client{Transport: t.base}).CloseIdleConnections()
}
