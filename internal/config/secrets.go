package config

import (
	"errors"
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
	var s secretList
	c := &t.HTTPClient
	if a := c.BasicAuth; a != nil {
		s.pair(either(a.Username, a.UsernameFile), either(string(a.Password), a.PasswordFile))
	}
	if a := c.Authorization; a != nil {
		s.add(either(string(a.Credentials), a.CredentialsFile))
	}
	s.add(either(string(c.BearerToken), c.BearerTokenFile))
	s.oauth2(c.OAuth2)
	s.add(either(string(c.TLSConfig.Key), c.TLSConfig.KeyFile))
	s.proxy(&c.ProxyConfig)
	if c.HTTPHeaders != nil {
		for name, header := range c.HTTPHeaders.Headers {
			s.header(name, header)
		}
	}
	slices.Sort(s)
	return slices.Compact(s)
}

type secretList []string

func (s *secretList) add(secret string) {
	if secret != "" {
		*s = append(*s, secret)
	}
}

func (s *secretList) pair(user, password string) {
	if password != "" {
		*s = append(*s, password, user+":"+password)
	}
}

func (s *secretList) oauth2(o *promconfig.OAuth2) {
	if o == nil {
		return
	}
	secret := either(string(o.ClientSecret), o.ClientSecretFile)
	s.pair(o.ClientID, secret)
	s.pair(url.QueryEscape(o.ClientID), url.QueryEscape(secret)) // as RFC 6749 encodes them
	s.add(either(string(o.ClientCertificateKey), o.ClientCertificateKeyFile))
	s.add(either(string(o.TLSConfig.Key), o.TLSConfig.KeyFile))
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
		s.add(either("", file))
	}
	for _, text := range h.Values {
		if secretName.MatchString(name) {
			s.add(text)
		}
	}
}

// either returns the text, or else what the file holds, if it can be read.
func either(text, file string) string {
	if text != "" || file == "" {
		return text
	}
	text, _ = readSecret(file)
	return text
}

// readSecret reads a secret file as prometheus/common does, without the space
// around it. Other than there, a file that could block or never end is an
// error.
func readSecret(file string) (string, error) {
	info, err := os.Stat(file)
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", errors.New("is no regular file")
	}
	data, err := readFile(file)
	return strings.TrimSpace(string(data)), err
}
