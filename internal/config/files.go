package config

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"

	promconfig "github.com/prometheus/common/config"
)

// secretFile is a file whose content is sent to OMS, or to a token server.
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
			if _, err := f.read(at); err != nil {
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

// read returns the text of the file, without a byte order mark and the space around it. The error names the file and where it is configured.
func (f secretFile) read(at value) (string, error) {
	at = at.closest(f.keys)
	data, err := readFile(f.path)
	if err != nil {
		return "", at.errorf("the file %s cannot be read: %s", f.path, cause(err))
	}
	text := strings.TrimSpace(string(bytes.TrimPrefix(data, []byte("\ufeff"))))
	if fault := secretFault(text, f.pem); fault != "" {
		return "", at.errorf("the file %s %s", f.path, fault)
	}
	return text, nil
}

// secretFault says why a secret cannot be what OMS expects, or "". Sent all the same, it would count towards the lock of the account.
func secretFault(text string, lines bool) string {
	switch {
	case text == "":
		return "is empty"
	case strings.HasPrefix(text, "\xff\xfe"), strings.HasPrefix(text, "\xfe\xff"):
		return "is UTF-16 text: save it as UTF-8"
	case !utf8.ValidString(text):
		return "is not UTF-8 text: save it as UTF-8"
	case lines:
		return ""
	}
	for _, r := range text {
		switch {
		case r == '\n', r == '\r':
			return "has more than one line: allowed is one line of printable text"
		case !unicode.IsPrint(r):
			return fmt.Sprintf("holds the invisible character %U: allowed is one line of printable text", r)
		}
	}
	return ""
}

// checkTLSFiles refuses certificates and keys that are pipes or devices: prometheus/common reads these files for each request, and to open a
// pipe waits without end. What else can be wrong with them it reports itself.
func (t *Target) checkTLSFiles() error {
	check := func(c *promconfig.TLSConfig, keys ...string) error {
		for _, f := range []struct{ key, path string }{{"ca_file", c.CAFile}, {"cert_file", c.CertFile}, {"key_file", c.KeyFile}} {
			if info, err := os.Stat(f.path); err == nil && !info.Mode().IsRegular() {
				return t.httpClient.closest(append(keys, f.key)).errorf("the file %s cannot be read: %s", f.path, noRegularFile)
			}
		}
		return nil
	}
	if err := check(&t.HTTPClient.TLSConfig, "tls_config"); err != nil || t.HTTPClient.OAuth2 == nil {
		return err
	}
	return check(&t.HTTPClient.OAuth2.TLSConfig, "oauth2", "tls_config")
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
