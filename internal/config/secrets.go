package config

import (
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"

	promconfig "github.com/prometheus/common/config"
)

// Secrets returns the secrets of all targets, as Target.Secrets does.
func (c *Config) Secrets() []string {
	var all []string
	for i := range c.Targets {
		all = append(all, c.Targets[i].Secrets()...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Secrets returns the secrets of the target in plain text: passwords, tokens, keys, header secrets, the passwords of
// proxy URLs, and the current content of the secret files. A file that cannot be read adds no secret. Each password is
// listed a second time as "user:password", which Basic authentication encodes. Header values, and parameters and claims
// of OAuth2, are secrets if their name is one of a secret, such as token, key or password.
func (t *Target) Secrets() []string {
	return t.secrets(func(path string) string {
		text, _ := credential{file: path, pem: true}.read(value{})
		return text
	})
}

// secrets returns the secrets of the target. content returns the content of a secret file.
func (t *Target) secrets(content func(path string) string) []string {
	s := secretList{content: content}
	c := &t.HTTPClient
	if a := c.BasicAuth; a != nil {
		s.pair(s.orFile(a.Username, a.UsernameFile), s.orFile(string(a.Password), a.PasswordFile))
	}
	if a := c.Authorization; a != nil {
		s.add(s.orFile(string(a.Credentials), a.CredentialsFile))
	}
	s.oauth2(c.OAuth2)
	s.add(s.orFile(string(c.TLSConfig.Key), c.TLSConfig.KeyFile))
	s.proxy(&c.ProxyConfig)
	if c.HTTPHeaders != nil {
		for name, header := range c.HTTPHeaders.Headers {
			s.header(name, header)
		}
	}
	slices.Sort(s.secrets)
	return slices.Compact(s.secrets)
}

type secretList struct {
	content func(path string) string
	secrets []string
}

func (s *secretList) add(secret string) {
	if secret != "" {
		s.secrets = append(s.secrets, secret)
	}
}

func (s *secretList) pair(user, password string) {
	if password != "" {
		s.secrets = append(s.secrets, password, user+":"+password)
	}
}

func (s *secretList) oauth2(o *promconfig.OAuth2) {
	if o == nil {
		return
	}
	secret := s.orFile(string(o.ClientSecret), o.ClientSecretFile)
	s.pair(o.ClientID, secret)
	s.pair(url.QueryEscape(o.ClientID), url.QueryEscape(secret)) // RFC 6749 encodes them
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

// url adds the password of a URL, decoded and as written, and the secret parameters of its query.
func (s *secretList) url(text string) {
	u, err := url.Parse(text)
	if err != nil {
		return
	}
	if u.User != nil {
		password, _ := u.User.Password()
		s.pair(u.User.Username(), password)
		_, encoded, _ := strings.Cut(u.User.String(), ":")
		s.add(encoded)
	}
	for name, values := range u.Query() {
		for _, text := range values {
			if secretName.MatchString(name) {
				s.add(text)
			}
		}
	}
}

// secretName matches the names of headers and parameters whose values are secrets.
var secretName = regexp.MustCompile(
	`(?i)auth|token|secret|passw|passphrase|credential|assertion|cookie|session|signature|key`,
)

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

// orFile returns the text, or the content of the file if the text is empty.
func (s *secretList) orFile(text, file string) string {
	if text != "" || file == "" {
		return text
	}
	return s.content(file)
}
