package config

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"

	promconfig "github.com/prometheus/common/config"
	"golang.org/x/sync/singleflight"
)

// Credentials are the user names and secrets with which all requests of a walk authenticate. They come from the config
// and from the content of the secret files when the walk began.
type Credentials struct {
	identity string
	secrets  []string
	files    map[string]string // content by path
}

// Identity returns a hash of the URL and the credentials. Targets with the same URL and credentials have the same
// identity.
func (c *Credentials) Identity() string { return c.identity }

// Secrets returns the secrets among the credentials, as Target.Secrets does, without reading a file.
func (c *Credentials) Secrets() []string { return c.secrets }

// NewContext returns a context for requests that a client of Target.NewHTTPClient sends with these credentials.
func (c *Credentials) NewContext(ctx context.Context) context.Context {
	return context.WithValue(ctx, credentialsKey{}, c)
}

type credentialsKey struct{}

// CredentialsReader reads the credentials of one target. It is safe for concurrent use.
type CredentialsReader struct {
	target *Target
	reads  singleflight.Group
}

// NewCredentialsReader returns a reader for a target. The target must not be changed afterwards.
func NewCredentialsReader(t *Target) *CredentialsReader { return &CredentialsReader{target: t} }

// Read reads each secret file of the target once. The error is an *Error that names the file that cannot be read, or
// has a content that cannot be correct and must not be sent. Read returns when ctx ends.
func (r *CredentialsReader) Read(ctx context.Context) (*Credentials, error) {
	late := r.target.httpClient.errorf("the secret files could not be read in time: check the file system")
	return readShared(ctx, &r.reads, "", late, r.target.readCredentials)
}

func (t *Target) readCredentials() (*Credentials, error) {
	if err := t.checkTLSFiles(); err != nil {
		return nil, err
	}
	c := &Credentials{files: make(map[string]string)}
	for _, secret := range t.credentials() {
		if secret.file == "" {
			continue
		}
		text, err := secret.read(t.httpClient)
		if err != nil {
			return nil, err
		}
		c.files[secret.file] = text
	}
	c.secrets = t.secrets(func(path string) string { return c.files[path] })
	c.identity = t.identity(c)
	return c, nil
}

// identity returns a hash of the URL and the credentials that requests to it send.
func (t *Target) identity(c *Credentials) string {
	hash := sha256.New()
	_, _ = fmt.Fprintf(hash, "%q %q", t.URL, c.secrets) // a hash never fails
	if a := t.HTTPClient.BasicAuth; a != nil {
		_, _ = fmt.Fprintf(hash, " basic %q", a.Username+c.files[a.UsernameFile])
	}
	if a := t.HTTPClient.Authorization; a != nil {
		_, _ = fmt.Fprintf(hash, " authorization %q", a.Type)
	}
	if o := t.HTTPClient.OAuth2; o != nil {
		_, _ = fmt.Fprintf(hash, " oauth2 %q %q %q %q %q %v",
			o.ClientID, o.TokenURL, o.GrantType, o.Scopes, o.EndpointParams, o.Claims)
	}
	if h := t.HTTPClient.HTTPHeaders; h != nil {
		headers := maps.Clone(h.Headers)
		for name, header := range headers {
			header.Files = slices.Clone(header.Files)
			for i, path := range header.Files {
				header.Files[i] = c.files[path]
			}
			headers[name] = header
		}
		_, _ = fmt.Fprintf(hash, " headers %q", headers)
	}
	return string(hash.Sum(nil))
}

// contextSecret is the path of a secret file. Its content comes from the Credentials in the context of a request, or
// from the file if the context has none.
type contextSecret string

// Fetch implements promconfig.SecretReader.
func (s contextSecret) Fetch(ctx context.Context) (string, error) {
	path := string(s)
	if c, ok := ctx.Value(credentialsKey{}).(*Credentials); ok {
		text, ok := c.files[path]
		if !ok {
			return "", errors.New("the file " + path + " belongs to another target")
		}
		return text, nil
	}
	return credential{file: path, pem: true}.read(value{})
}

// Description implements promconfig.SecretReader.
func (s contextSecret) Description() string { return "file " + string(s) }

// Immutable implements promconfig.SecretReader.
func (s contextSecret) Immutable() bool { return false }

// withCredentials wraps a transport with transports that send all credentials but those of OAuth2.
func (t *Target) withCredentials(next http.RoundTripper) http.RoundTripper {
	c := &t.HTTPClient
	if a := c.Authorization; a != nil {
		next = promconfig.NewAuthorizationCredentialsRoundTripper(
			a.Type, secretReader(string(a.Credentials), a.CredentialsFile), next)
	}
	if a := c.BasicAuth; a != nil {
		next = promconfig.NewBasicAuthRoundTripper(
			secretReader(a.Username, a.UsernameFile), secretReader(string(a.Password), a.PasswordFile), next)
	}
	if c.HTTPHeaders == nil {
		return next
	}
	inline, files := make(map[string]promconfig.Header), make(map[string][]string)
	for name, header := range c.HTTPHeaders.Headers {
		if len(header.Files) > 0 {
			files[name] = header.Files
		}
		header.Files = nil
		inline[name] = header
	}
	next = promconfig.NewHeadersRoundTripper(&promconfig.Headers{Headers: inline}, next)
	if len(files) > 0 {
		next = &fileHeaders{next: next, files: files}
	}
	return next
}

// secretReader returns a reader of a secret in the config or in a file.
func secretReader(text, file string) promconfig.SecretReader {
	if file != "" {
		return contextSecret(file)
	}
	return promconfig.NewInlineSecret(text)
}

// fileHeaders is a transport that sets the headers with values from secret files.
type fileHeaders struct {
	next  http.RoundTripper
	files map[string][]string // paths by header
}

// RoundTrip implements http.RoundTripper.
func (f *fileHeaders) RoundTrip(request *http.Request) (*http.Response, error) {
	request = request.Clone(request.Context())
	for name, paths := range f.files {
		for _, path := range paths {
			text, err := contextSecret(path).Fetch(request.Context())
			if err != nil {
				return unsent(request, err)
			}
			request.Header.Add(name, text)
		}
	}
	return f.next.RoundTrip(request)
}

// CloseIdleConnections closes the idle connections of the wrapped transport.
func (f *fileHeaders) CloseIdleConnections() {
	(&http.Client{Transport: f.next}).CloseIdleConnections()
}
