package config

import (
	"fmt"
	"strings"
	"unicode"
)

// secretFile is a file that each request reads.
type secretFile struct {
	keys []string // where http_client names it
	path string
	pem  bool // may have several lines
}

// CheckFiles reads every file that the configuration names and builds every
// client. It returns the first error, an *Error: a secret file that cannot be
// read, is empty or could not be sent, a certificate or key that cannot be
// used.
func (c *Config) CheckFiles() error {
	for i := range c.Targets {
		t := &c.Targets[i]
		at := t.httpClient
		if at.key == "" { // a target that no file describes
			at.key = fmt.Sprintf("targets[%d].http_client", i)
		}
		for _, f := range t.secretFiles() {
			if err := f.check(at); err != nil {
				return err
			}
		}
		if err := t.checkClient(at); err != nil {
			return err
		}
	}
	return nil
}

// secretFiles lists the files of a target, but for the certificates: building
// the client reads these.
func (t *Target) secretFiles() []secretFile {
	var all []secretFile
	add := func(path string, pem bool, keys ...string) {
		if path != "" {
			all = append(all, secretFile{keys, path, pem})
		}
	}
	c := &t.HTTPClient
	if a := c.BasicAuth; a != nil {
		add(a.UsernameFile, false, "basic_auth", "username_file")
		add(a.PasswordFile, false, "basic_auth", "password_file")
	}
	if a := c.Authorization; a != nil {
		key := []string{"authorization", "credentials_file"}
		if _, found := t.httpClient.find("bearer_token_file"); found { // the library turns it into an authorization
			key = []string{"bearer_token_file"}
		}
		add(a.CredentialsFile, false, key...)
	}
	add(c.BearerTokenFile, false, "bearer_token_file")
	if o := c.OAuth2; o != nil {
		add(o.ClientSecretFile, false, "oauth2", "client_secret_file")
		add(o.ClientCertificateKeyFile, true, "oauth2", "client_certificate_key_file")
	}
	if c.HTTPHeaders != nil {
		for name, header := range c.HTTPHeaders.Headers {
			for _, path := range header.Files {
				add(path, false, "http_headers", name, "files")
			}
		}
	}
	return all
}

func (f secretFile) check(at value) error {
	at = at.closest(f.keys)
	text, err := readSecret(f.path)
	switch {
	case err != nil:
		return at.errorf("the file %s cannot be read: %s", f.path, cause(err))
	case text == "":
		return at.errorf("the file %s is empty", f.path)
	case !f.pem && strings.ContainsFunc(text, unicode.IsControl):
		return at.errorf("the file %s has more than one line, or a control character: allowed is one line of text", f.path)
	}
	return nil
}

// closest goes down the keys as far as the file has them.
func (v value) closest(keys []string) value {
	for n := len(keys); n > 0; n-- {
		if found, ok := v.find(keys[:n]...); ok {
			return found
		}
	}
	return v
}

func (t *Target) checkClient(at value) error {
	placed := *t
	placed.httpClient = at
	client, err := placed.NewHTTPClient("")
	if err != nil {
		return err
	}
	client.CloseIdleConnections()
	return nil
}
