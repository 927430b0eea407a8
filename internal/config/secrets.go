package config

import (
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"

	promconfig "github.com/prometheus/common/config"
)

// Secrets returns every secret of all targets, see Target.Secrets.
func (c *Config) Secrets() []string {
	var all []string
	for i := range c.Targets {
		all = append(all, c.Targets[i].Secrets()...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Secrets returns every secret value of the target that is known now, in
// plain: passwords, tokens, keys, header secrets, the passwords of proxy URLs,
// and what the secret files hold at this moment (a file that cannot be read
// gives none). A password is there once more as "user:password", which is what
// Basic authentication encodes. A header's values, OAuth2's parameters and
// claims are secrets where their names say so (token, key, password, ...).
func (t *Target) Secrets() []string {
	return t.secrets(func(path string) string {
		text, _ := secretFile{path: path, pem: true}.read(value{})
		return text
	})
}

// secrets is Secrets with the content of secret files as content returns it.
func (t *Target) secrets(content func(path string) string) []string {
	s := secretList{content: content}
	c := &t.HTTPClient
	if a := c.BasicAuth; a != nil {
		s.pair(s.orFile(a.Username, a.UsernameFile), s.orFile(string(a.Password), a.PasswordFile))
	}
	if a := c.Authorization; a != nil {
		s.add(s.orFile(string(a.Credentials), a.CredentialsFile))
	}
	s.add(s.orFile(string(c.BearerToken), c.BearerTokenFile))
	s.oauth2(c.OAuth2)
	s.add(s.orFile(string(c.TLSConfig.Key), c.TLSConfig.KeyFile))
	s.proxy(&c.ProxyConfig)
	if c.HTTPHeaders != nil {
		for name, header := range c.HTTPHeaders.Headers {
			s.header(name, header)
		}
	}
	slices.Sort(s.found)
	return slices.Compact(s.found)
}

type secretList struct {
	content func(path string) string
	found   []string
}

func (s *secretList) add(secret string) {
	if secret != "" {
		s.found = append(s.found, secret)
	}
}

func (s *secretList) pair(user, password string) {
	if password != "" {
		s.found = append(s.found, password, user+":"+password)
	}
}

func (s *secretList) oauth2(o *promconfig.OAuth2) {
	if o == nil {
		return
	}
	secret := s.orFile(string(o.ClientSecret), o.ClientSecretFile)
	s.pair(o.ClientID, secret)
	s.pair(url.QueryEscape(o.ClientID), url.QueryEscape(secret)) // as RFC 6749 encodes them
	s.add(s.orFile(string(o.ClientCertificateKey), o.ClientCertificateKeyFile))
	s.add(s.orFile(string(o.TLSConfig.Key), o.TLSConfig.KeyFile))
	s.proxy(&o.ProxyConfig)
	s.url(o.TokenURL)
	for name, text := range o.EndpointParams {
		if secretName.MatchString(name) {
			s.add(text)
		}
	}
	for name, claim := range o.Claims {
		if text, ok := claim.(string); ok && secretName.MatchString(name) {
			s.add(text)
		}
	}
}

func (s *secretList) proxy(p *promconfig.ProxyConfig) {
	if p.ProxyURL.URL != nil {
		s.url(p.ProxyURL.String())
	}
	for _, values := range p.ProxyConnectHeader {
		for _, secret := range values {
			s.add(string(secret))
		}
	}
	if p.ProxyFromEnvironment {
		for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"} {
			s.url(os.Getenv(name))
		}
	}
}

// url adds the password of a URL, in plain and as it is written there, and the
// parameters of its query that are secrets.
func (s *secretList) url(text string) {
	u, err := url.Parse(text)
	if err != nil {
		return
	}
	if u.User != nil {
		password, _ := u.User.Password()
		s.pair(u.User.Username(), password)
		_, written, _ := strings.Cut(u.User.String(), ":")
		s.add(written)
	}
	for name, values := range u.Query() {
		for _, text := range values {
			if secretName.MatchString(name) {
				s.add(text)
			}
		}
	}
}

// secretName matches the names of headers and parameters that hold secrets.
var secretName = regexp.MustCompile(`(?i)auth|token|secret|passw|passphrase|credential|assertion|cookie|session|signature|key`)

func (s *secretList) header(name string, h promconfig.Header) {
	for _, secret := range h.Secrets {
		s.add(string(secret))
	}
	for _, file := range h.Files {
		s.add(s.orFile("", file))
	}
	for _, text := range h.Values {
		if secretName.MatchString(name) {
			s.add(text)
		}
	}
}

// orFile returns the text, or else the content of the file.
func (s *secretList) orFile(text, file string) string {
	if text != "" || file == "" {
		return text
	}
	return s.content(file)
}
