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

// newOAuth2 wraps a transport with OAuth2. prometheus/common requests tokens without a deadline: a token server that hangs would hold a request
// forever, whatever its context. Here every connection to the token server ends after the target's timeout, and a request returns when its
// context ends.
func newOAuth2(t *Target, next http.RoundTripper, userAgent string) (http.RoundTripper, error) {
	// The copy has its proxy resolved: the library resolves it at the first requests, without a lock.
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
	return &contextTransport{next: transport, base: next, places: make(chan struct{}, max(1, t.Concurrency))}, nil
}

func oauth2Credential(c *promconfig.OAuth2) promconfig.SecretReader {
	text, file := c.ClientSecret, c.ClientSecretFile
	if c.GrantType == "urn:ietf:params:oauth:grant-type:jwt-bearer" {
		text, file = c.ClientCertificateKey, c.ClientCertificateKeyFile
	}
	return secretReader(string(text), file)
}

// serializedSetup is a transport over the one of prometheus/common, which sets itself up at its first request and again at each request with
// another secret, without a lock against the requests under way. Here no other request is under way during a setup.
type serializedSetup struct {
	next       http.RoundTripper
	credential promconfig.SecretReader

	mu     sync.RWMutex // held for writing during a setup
	secret string       // of the last setup
	ready  bool
}

func (s *serializedSetup) RoundTrip(request *http.Request) (*http.Response, error) {
	secret, err := s.credential.Fetch(request.Context())
	if err != nil {
		if request.Body != nil {
			_ = request.Body.Close()
		}
		return nil, fmt.Errorf("unable to read oauth2 client secret: %w", err)
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

// contextTransport is a transport that returns when the context ends, although the transport it wraps may not. A request that is still under
// way then keeps its place, so that the number of requests that hang is bounded.
type contextTransport struct {
	next   http.RoundTripper
	base   http.RoundTripper // sends the requests to OMS for next
	places chan struct{}
}

type roundTrip struct {
	response *http.Response
	err      error
}

func (t *contextTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	ctx := request.Context()
	select {
	case t.places <- struct{}{}:
	case <-ctx.Done():
		if request.Body != nil {
			_ = request.Body.Close()
		}
		return nil, ctx.Err()
	}
	done := make(chan roundTrip, 1)
	go func() {
		defer func() { <-t.places }()
		response, err := t.next.RoundTrip(request) //nolint:bodyclose // the receiver closes it
		done <- roundTrip{response, err}
	}()
	select {
	case a := <-done:
		return a.response, a.err
	case <-ctx.Done():
		go func() {
			if a := <-done; a.err == nil {
				_ = a.response.Body.Close()
			}
		}()
		return nil, ctx.Err()
	}
}

// CloseIdleConnections closes the idle connections to OMS; connections to the token server are not kept. To close them through
// prometheus/common's OAuth2 transport would be a data race with a request that is under way.
func (t *contextTransport) CloseIdleConnections() {
	if base, ok := t.base.(interface{ CloseIdleConnections() }); ok {
		base.CloseIdleConnections()
	}
}
