package config

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	promconfig "github.com/prometheus/common/config"
)

// secretFile is a file whose content the exporter sends to OMS or to a token server.
type secretFile struct {
	keys []string // the path of keys in http_client that references the file
	path string
	pem  bool // can have several lines
}

// CheckFiles reads every file that the configuration references and builds every client. It returns the first error, an
// *Error: a secret file that cannot be read or sent, or a certificate or key that cannot be used.
func (c *Config) CheckFiles() error {
	for i := range c.Targets {
		t := &c.Targets[i]
		place := t.httpClient
		if place.key == "" { // no file describes the target
			place.key = fmt.Sprintf("targets[%d].http_client", i)
		}
		for _, f := range t.secretFiles() {
			if _, err := f.read(place); err != nil {
				return err
			}
		}
		if err := t.checkClient(place); err != nil {
			return err
		}
	}
	return nil
}

// secretFiles returns the secret files of a target, without the TLS files, which building the client reads.
func (t *Target) secretFiles() []secretFile {
	var all []secretFile
	add := func(path string, pem bool, keys ...string) {
		if path != "" {
			all = append(all, secretFile{keys: keys, path: path, pem: pem})
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

// read returns the text of the file without a byte order mark and surrounding space. httpClient is the place of
// http_client. The error names the file and the key that references it.
func (f secretFile) read(httpClient value) (string, error) {
	place := httpClient.findClosest(f.keys...)
	data, err := readFile(f.path)
	if err != nil {
		return "", place.errorf("the file %s %s", f.path, unreadable(err))
	}
	text := strings.TrimSpace(string(bytes.TrimPrefix(data, []byte("\ufeff"))))
	if fault := secretFault(text, f.pem); fault != "" {
		return "", place.errorf("the file %s %s", f.path, fault)
	}
	return text, nil
}

// secretFault returns why a secret cannot be correct, or "". Sending it would count towards the lock of the account.
func secretFault(text string, pem bool) string {
	switch {
	case text == "":
		return "is empty: write the secret into it"
	case strings.HasPrefix(text, "\xff\xfe"), strings.HasPrefix(text, "\xfe\xff"):
		return "is UTF-16 text: save it as UTF-8"
	case !utf8.ValidString(text):
		return "is not UTF-8 text: save it as UTF-8"
	case pem:
		return ""
	}
	for _, r := range text {
		switch {
		case r == '\n', r == '\r':
			return "has more than one line: use one line of printable text"
		case !unicode.IsPrint(r):
			return fmt.Sprintf("contains the invisible character %U: use one line of printable text", r)
		}
	}
	return ""
}

// checkTLSFiles refuses certificates and keys that are pipes or devices. prometheus/common opens these files at each
// request, and opening a pipe can block forever. prometheus/common reports all other errors.
func (t *Target) checkTLSFiles() error {
	check := func(c *promconfig.TLSConfig, keys ...string) error {
		for _, f := range tlsFiles(c) {
			if info, err := os.Stat(f.path); err == nil && !info.Mode().IsRegular() {
				return t.httpClient.findClosest(append(keys, f.key)...).errorf("the file %s %s", f.path, unreadable(errNotRegular))
			}
		}
		return nil
	}
	if err := check(&t.HTTPClient.TLSConfig, "tls_config"); err != nil || t.HTTPClient.OAuth2 == nil {
		return err
	}
	return check(&t.HTTPClient.OAuth2.TLSConfig, "oauth2", "tls_config")
}

// tlsFile is a file that a tls_config references, with its key.
type tlsFile struct{ key, path string }

// tlsFiles returns the files that a tls_config references.
func tlsFiles(c *promconfig.TLSConfig) []tlsFile {
	all := []tlsFile{{"ca_file", c.CAFile}, {"cert_file", c.CertFile}, {"key_file", c.KeyFile}}
	return slices.DeleteFunc(all, func(f tlsFile) bool { return f.path == "" })
}

func (t *Target) checkClient(place value) error {
	target := *t
	target.httpClient = place
	client, err := target.NewHTTPClient("")
	if err != nil {
		return err
	}
	client.CloseIdleConnections()
	return nil
}
