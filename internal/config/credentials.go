package config

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"slices"

	promconfig "github.com/prometheus/common/config"
	"golang.org/x/sync/singleflight"
)

// Credentials are what one walk sends to an OMS to get in, as the config and its secret files held them when the walk began. All requests of
// the walk send the same ones.
type Credentials struct {
	identity string
	secrets  []string
	files    map[string]string // content by path
}

// Identity is the same for the same URL and credentials, of whatever target, and discloses neither.
func (c *Credentials) Identity() string { return c.identity }

// Secrets returns the secrets among the credentials, as Target.Secrets does, without reading a file.
func (c *Credentials) Secrets() []string { return c.secrets }

// NewContext returns a context whose requests, by a client of Target.NewHTTPClient, send these credentials.
func (c *Credentials) NewContext(ctx context.Context) context.Context {
	return context.WithValue(ctx, credentialsKey{}, c)
}

type credentialsKey struct{}

// CredentialsReader reads the credentials of one target. It is safe for concurrent use.
type CredentialsReader struct {
	target *Target
	reads  singleflight.Group
}

// NewCredentialsReader makes a reader for a target, which is not to be changed any more.
func NewCredentialsReader(t *Target) *CredentialsReader { return &CredentialsReader{target: t} }

// Read reads each secret file of the target once. The error, an *Error unless ctx ended, names the file that cannot be read, or that holds
// what no OMS would accept: nothing that is surely wrong is ever sent. A file system that hangs holds one goroutine, however often Read
// is called.
func (r *CredentialsReader) Read(ctx context.Context) (*Credentials, error) {
	result := r.reads.DoChan("", func() (any, error) { return r.target.readCredentials() })
	select {
	case read := <-result:
		credentials, _ := read.Val.(*Credentials) // nil beside an error
		return credentials, read.Err
	case <-ctx.Done():
		return nil, r.target.httpClient.errorf("the secret files could not be read in time: check the file system that they are on")
	}
}

func (t *Target) readCredentials() (*Credentials, error) {
	if err := t.checkTLSFiles(); err != nil {
		return nil, err
	}
	c := &Credentials{files: make(map[string]string)}
	for _, f := range t.secretFiles() {
		text, err := f.read(t.httpClient)
		if err != nil {
			return nil, err
		}
		c.files[f.path] = text
	}
	c.secrets = t.secrets(func(path string) string { return c.files[path] })
	c.identity = t.identity(c.secrets)
	return c, nil
}

// identity hashes the URL and all that is sent there to get in.
func (t *Target) identity(secrets []string) string {
	hash := sha256.New()
	_, _ = fmt.Fprintf(hash, "%q %q", t.URL, secrets) // a hash never fails
	if a := t.HTTPClient.BasicAuth; a != nil {
		_, _ = fmt.Fprintf(hash, " basic %q %q", a.Username, a.UsernameFile)
	}
	if a := t.HTTPClient.Authorization; a != nil {
		_, _ = fmt.Fprintf(hash, " authorization %q", a.Type)
	}
	if o := t.HTTPClient.OAuth2; o != nil {
		_, _ = fmt.Fprintf(hash, " oauth2 %q %q %q %q %q %v", o.ClientID, o.TokenURL, o.GrantType, o.Scopes, o.EndpointParams, o.Claims)
	}
	if h := t.HTTPClient.HTTPHeaders; h != nil {
		_, _ = fmt.Fprintf(hash, " headers %q", h.Headers)
	}
	return string(hash.Sum(nil))
}

// contextSecrets is the secret manager of prometheus/common's client: it takes the content of a secret file, named by its path, from the
// Credentials of the request's context. A request without Credentials has the file read.
type contextSecrets struct{}

func (contextSecrets) Fetch(ctx context.Context, path string) (string, error) {
	if c, ok := ctx.Value(credentialsKey{}).(*Credentials); ok {
		text, ok := c.files[path]
		if !ok {
			return "", errors.New("the file " + path + " belongs to another target")
		}
		return text, nil
	}
	return secretFile{path: path, pem: true}.read(value{})
}

// byReference returns a config that names the same secret files by reference, for contextSecrets. Headers have no references: see fileHeaders.
func byReference(c promconfig.HTTPClientConfig) promconfig.HTTPClientConfig {
	if c.BasicAuth != nil {
		a := *c.BasicAuth
		a.UsernameRef, a.UsernameFile = a.UsernameFile, ""
		a.PasswordRef, a.PasswordFile = a.PasswordFile, ""
		c.BasicAuth = &a
	}
	if c.Authorization != nil {
		a := *c.Authorization
		a.CredentialsRef, a.CredentialsFile = a.CredentialsFile, ""
		c.Authorization = &a
	}
	if c.HTTPHeaders != nil {
		headers := make(map[string]promconfig.Header, len(c.HTTPHeaders.Headers))
		for name, header := range c.HTTPHeaders.Headers {
			header.Files = nil
			headers[name] = header
		}
		c.HTTPHeaders = &promconfig.Headers{Headers: headers}
	}
	return c
}

// fileHeaders is a transport that sets the headers whose values stand in secret files.
type fileHeaders struct {
	next  http.RoundTripper
	files map[string][]string // paths by header
}

// newFileHeaders wraps next, unless there are no such headers.
func newFileHeaders(c *promconfig.HTTPClientConfig, next http.RoundTripper) http.RoundTripper {
	f := &fileHeaders{next: next, files: make(map[string][]string)}
	if c.HTTPHeaders != nil {
		for name, header := range c.HTTPHeaders.Headers {
			if len(header.Files) > 0 {
				f.files[name] = slices.Clone(header.Files)
			}
		}
	}
	if len(f.files) == 0 {
		return next
	}
	return f
}

func (f *fileHeaders) RoundTrip(request *http.Request) (*http.Response, error) {
	request = request.Clone(request.Context())
	for name, paths := range f.files {
		for _, path := range paths {
			text, err := contextSecrets{}.Fetch(request.Context(), path)
			if err != nil {
				if request.Body != nil {
					_ = request.Body.Close()
				}
				return nil, err
			}
			request.Header.Add(name, text)
		}
	}
	return f.next.RoundTrip(request)
}

// CloseIdleConnections closes those of the transport that is wrapped.
func (f *fileHeaders) CloseIdleConnections() {
	if next, ok := f.next.(interface{ CloseIdleConnections() }); ok {
		next.CloseIdleConnections()
	}
}
