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

// newOAuth2 wraps the transport by OAuth2. prometheus/common asks for tokens
// without any deadline, so that a token server that hangs would hold a request
// for ever, whatever its context says. Here every connection to the token
// server ends after the target's timeout, and a request returns when its
// context ends.
func newOAuth2(t *Target, next http.RoundTripper, userAgent string) (http.RoundTripper, error) {
	// A copy with the proxy worked out now: the library does so at the first
	// requests, without a lock.
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
	transport = &settled{next: transport, credential: credential}
	if userAgent != "" {
		transport = promconfig.NewUserAgentRoundTripper(userAgent, transport)
	}
	return &prompt{next: transport, base: next, places: make(chan struct{}, max(1, t.Concurrency))}, nil
}

func oauth2Credential(c *promconfig.OAuth2) promconfig.SecretReader {
	text, file := c.ClientSecret, c.ClientSecretFile
	if c.GrantType == "urn:ietf:params:oauth:grant-type:jwt-bearer" {
		text, file = c.ClientCertificateKey, c.ClientCertificateKeyFile
	}
	return secretReader(string(text), file)
}

// settled is a transport over that of prometheus/common, which sets itself up
// at its first request, and anew at each that finds another secret, beside the
// requests under way and without a lock against them. Here such a request is
// alone.
type settled struct {
	next       http.RoundTripper
	credential promconfig.SecretReader

	mu     sync.RWMutex // held for writing where next sets itself up
	secret string       // that next is set up for
	ready  bool
}

func (s *settled) RoundTrip(request *http.Request) (*http.Response, error) {
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

// prompt is a transport that returns when the context ends, although the one
// it wraps may not. The requests that are then still under way keep their
// places, so that no more than these can ever hang.
type prompt struct {
	next   http.RoundTripper
	base   http.RoundTripper // what next sends the requests to OMS with
	places chan struct{}
}

type answer struct {
	response *http.Response
	err      error
}

func (p *prompt) RoundTrip(request *http.Request) (*http.Response, error) {
	ctx := request.Context()
	select {
	case p.places <- struct{}{}:
	case <-ctx.Done():
		if request.Body != nil {
			_ = request.Body.Close()
		}
		return nil, ctx.Err()
	}
	done := make(chan answer, 1)
	go func() {
		defer func() { <-p.places }()
		response, err := p.next.RoundTrip(request) //nolint:bodyclose // by whom the answer goes to
		done <- answer{response, err}
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

// CloseIdleConnections closes those to OMS; the ones to the token server are
// not kept. Asking prometheus/common's OAuth2 to do it would be a data race
// with a request that is under way.
func (p *prompt) CloseIdleConnections() {
	if base, ok := p.base.(interface{ CloseIdleConnections() }); ok {
		base.CloseIdleConnections()
	}
}
