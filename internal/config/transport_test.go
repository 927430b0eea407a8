package config

import (
	"context"
	"crypto/tls"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

// server starts an OMS on a loopback port.
func server(t *testing.T, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return s
}

func client(t *testing.T, c *Config) *http.Client {
	t.Helper()
	made, err := c.Targets[0].NewHTTPClient("oms_exporter/1")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(made.CloseIdleConnections)
	return made
}

// post sends one request and returns status and body.
func post(ctx context.Context, c *http.Client, url string) (int, string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader("{}"))
	if err != nil {
		return 0, "", err
	}
	response, err := c.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	return response.StatusCode, string(body), err
}

func TestHTTPClientRequest(t *testing.T) {
	s := server(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.UserAgent()+"|"+r.Header.Get("Accept-Encoding"))
	})
	c := client(t, loadText(t, t.TempDir(), "enable_http2: true"))
	if _, body, err := post(t.Context(), c, s.URL); body != "oms_exporter/1|" || err != nil {
		t.Errorf("%q, error %v", body, err)
	}
	if c.Timeout != 0 {
		t.Errorf("timeout is %s", c.Timeout)
	}
}

func TestHTTPClientSecretFile(t *testing.T) {
	s := server(t, func(w http.ResponseWriter, r *http.Request) {
		_, password, _ := r.BasicAuth()
		_, _ = io.WriteString(w, password)
	})
	folder := t.TempDir()
	c := client(t, loadText(t, folder, "basic_auth: {username: u, password_file: password}"))
	for _, password := range []string{"first", "second"} {
		write(t, folder, "password", password+"\n")
		if _, body, err := post(t.Context(), c, s.URL); body != password || err != nil {
			t.Errorf("%q, error %v, want %s", body, err, password)
		}
	}
}

func TestHTTPClientIdleConnections(t *testing.T) {
	const pages = 32 // net/http alone would keep 2
	var mu sync.Mutex
	opened := 0
	inFlight := make(chan struct{}, 2*pages)
	release := make(chan struct{})
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		inFlight <- struct{}{}
		<-release
	}))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		mu.Lock()
		defer mu.Unlock()
		if state == http.StateNew {
			opened++
		}
	}
	s.Start()
	t.Cleanup(s.Close)
	c := client(t, loadText(t, t.TempDir(), "enable_http2: true"))
	for range 2 {
		var all sync.WaitGroup
		for range pages {
			all.Go(func() {
				if _, _, err := post(t.Context(), c, s.URL); err != nil {
					t.Error(err)
				}
			})
		}
		for range pages {
			<-inFlight
		}
		for range pages {
			release <- struct{}{}
		}
		all.Wait()
	}
	mu.Lock()
	defer mu.Unlock()
	if opened != pages {
		t.Errorf("%d connections for twice %d pages", opened, pages)
	}
}

func TestHTTPClientRedirects(t *testing.T) {
	const headers = "http_headers: {X-Key: {secrets: [abc]}}"
	for _, c := range []struct {
		rule   string
		client string
		status int
		to     string // {other}: another host
		want   int
	}{
		{"307 is followed", "enable_http2: true", 307, "/end", 200},
		{"308 is followed", "enable_http2: true", 308, "/end", 200},
		{"no redirect is followed if follow_redirects is false", "follow_redirects: false", 308, "/end", 308},
		{"a redirect to another host is followed", "enable_http2: true", 307, "{other}/end", 200},
		{"a redirect to another host is not followed with headers", headers, 307, "{other}/end", 307},
		{"a redirect to the same host is followed with headers", headers, 307, "/end", 200},
		{"redirects are followed by default", "basic_auth: {username: u, password: p}", 307, "/end", 200},
		{"another host does not receive the password", "basic_auth: {username: u, password: p}", 307, "{other}/auth", 401},
	} {
		t.Run(c.rule, func(t *testing.T) {
			var address string
			s := server(t, func(w http.ResponseWriter, r *http.Request) {
				switch r.URL.Path {
				case "/end":
					if r.Method != http.MethodPost {
						t.Errorf("method is %s", r.Method)
					}
				case "/auth":
					if r.Header.Get("Authorization") == "" {
						w.WriteHeader(http.StatusUnauthorized)
					}
				default:
					other := strings.Replace(address, "127.0.0.1", "localhost", 1)
					w.Header().Set("Location", strings.ReplaceAll(c.to, "{other}", other))
					w.WriteHeader(c.status)
				}
			})
			address = s.URL
			got, _, err := post(t.Context(), client(t, loadText(t, t.TempDir(), c.client)), s.URL)
			if got != c.want || err != nil {
				t.Errorf("status %d, error %v, want %d", got, err, c.want)
			}
		})
	}
}

func TestHTTPClientRedirectToHTTP(t *testing.T) {
	plain := server(t, func(http.ResponseWriter, *http.Request) {})
	s := httptest.NewTLSServer(http.RedirectHandler(plain.URL, http.StatusTemporaryRedirect))
	t.Cleanup(s.Close)
	c := client(t, loadText(t, t.TempDir(), "tls_config: {insecure_skip_verify: true}"))
	if got, _, err := post(t.Context(), c, s.URL); got != http.StatusTemporaryRedirect || err != nil {
		t.Errorf("status %d, error %v", got, err)
	}
}

func TestHTTPClientUnknownCertificate(t *testing.T) {
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	s.StartTLS()
	t.Cleanup(s.Close)
	_, _, err := post(t.Context(), client(t, loadText(t, t.TempDir(), "enable_http2: true")), s.URL)
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); !ok {
		t.Errorf("error is %v", err)
	}
}

const oauth2Client = "oauth2:\n  client_id: exporter\n  client_secret_file: secret\n  token_url: "

// TestOAuth2 changes the secret between requests that run at the same time: each request has a token for the current
// secret. The race detector checks the rest.
func TestOAuth2(t *testing.T) {
	s := server(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/token" {
			_, secret, _ := r.BasicAuth()
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"access_token":"t-`+secret+`","token_type":"Bearer","expires_in":3600}`)
			return
		}
		_, _ = io.WriteString(w, r.Header.Get("Authorization")+" "+r.UserAgent())
	})
	folder := t.TempDir()
	write(t, folder, "secret", "secret-0")
	c := client(t, loadText(t, folder, oauth2Client+s.URL+"/token"))
	for round := range 20 {
		want := fmt.Sprintf("Bearer t-secret-%d oms_exporter/1", round)
		write(t, folder, "secret.new", fmt.Sprintf("secret-%d", round))
		if err := os.Rename(filepath.Join(folder, "secret.new"), filepath.Join(folder, "secret")); err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				if _, body, err := post(t.Context(), c, s.URL); body != want || err != nil {
					t.Errorf("%q, error %v, want %q", body, err, want)
				}
			})
		}
		all.Wait()
	}
}

func TestOAuth2Context(t *testing.T) {
	released := make(chan struct{})
	s := server(t, func(http.ResponseWriter, *http.Request) { <-released })
	folder := t.TempDir()
	write(t, folder, "secret", "abc")
	config := loadText(t, folder, oauth2Client+s.URL)
	config.Targets[0].Concurrency = 1
	c := client(t, config)
	for range 3 { // the first request hangs and keeps the only slot
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		_, _, err := post(ctx, c, s.URL)
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error is %v", err)
		}
	}
	close(released)
}

func TestOAuth2Timeout(t *testing.T) {
	released := make(chan struct{})
	s := server(t, func(http.ResponseWriter, *http.Request) { <-released })
	folder := t.TempDir()
	write(t, folder, "secret", "abc")
	config := loadText(t, folder, oauth2Client+s.URL)
	config.Targets[0].Timeout = 20 * time.Millisecond
	_, _, err := post(t.Context(), client(t, config), s.URL)
	close(released)
	var timeout net.Error
	if !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("error is %v", err)
	}
}

func TestHTTPClientPings(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.Proto)
	}))
	s.EnableHTTP2 = true
	s.StartTLS()
	t.Cleanup(s.Close)
	authority := filepath.Join(t.TempDir(), "ca.pem")
	encoded := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	if err := os.WriteFile(authority, encoded, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		rule     string
		settings string
	}{
		{"without certificate files", "tls_config: {insecure_skip_verify: true}"},
		{"with a certificate file", "tls_config: {server_name: example.com, ca_file: " + authority + "}"},
	} {
		t.Run(c.rule, func(t *testing.T) {
			box := testutil.NewMiddlebox(t, s.Listener.Addr().String())
			config := loadText(t, t.TempDir(), c.settings)
			config.Targets[0].Timeout = 2 * time.Second
			c := client(t, config)
			request := func() (string, error) {
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // far longer than the pings need
				defer cancel()
				_, body, err := post(ctx, c, "https://"+box.Address())
				return body, err
			}
			if body, err := request(); body != "HTTP/2.0" || err != nil {
				t.Fatalf("%q, error %v", body, err)
			}
			box.SilenceOpen()
			if _, err := request(); err == nil || errors.Is(err, context.DeadlineExceeded) ||
				!strings.Contains(err.Error(), "connection lost") {
				t.Errorf("a silent connection ends with %v", err)
			}
			if body, err := request(); body != "HTTP/2.0" || err != nil || box.Opened() != 2 {
				t.Errorf("%q, error %v, %d connections", body, err, box.Opened())
			}
		})
	}
}
