package config

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	promconfig "github.com/prometheus/common/config"
)

// CheckFiles reads every file that the configuration references and builds every client. It returns the first error, an
// *Error: a secret file that cannot be read or sent, or a certificate or key that cannot be used.
func (c *Config) CheckFiles() error {
	for i := range c.Targets {
		t := c.Targets[i]
		if t.httpClient.key == "" { // no file describes the target
			t.httpClient.key = fmt.Sprintf("targets[%d].http_client", i)
		}
		if _, err := t.readCredentials(); err != nil {
			return err
		}
		client, err := t.NewHTTPClient("")
		if err != nil {
			return err
		}
		client.CloseIdleConnections()
	}
	return nil
}

// credential is a text that requests to OMS or to a token server send, in http_client or in a file.
type credential struct {
	keys []string // the path of its key in http_client
	text string
	file string // empty: text is the credential
	pem  bool   // can have several lines
}

// credentials returns the credentials in http_client, without the TLS files, which building the client reads.
func (t *Target) credentials() []credential {
	var all []credential
	// add adds the text of a key, or the file of the key with the suffix _file.
	add := func(text, file string, pem bool, keys ...string) {
		if file != "" {
			keys[len(keys)-1] += "_file"
		}
		if text != "" || file != "" {
			all = append(all, credential{keys: keys, text: text, file: file, pem: pem})
		}
	}
	c := &t.HTTPClient
	if a := c.BasicAuth; a != nil {
		add(a.Username, a.UsernameFile, false, "basic_auth", "username")
		add(string(a.Password), a.PasswordFile, false, "basic_auth", "password")
	}
	if a := c.Authorization; a != nil {
		keys := []string{"authorization", "credentials"}
		if _, found := t.httpClient.find("authorization"); !found { // the library makes one of bearer_token
			keys = []string{"bearer_token"}
		}
		add(string(a.Credentials), a.CredentialsFile, false, keys...)
	}
	if o := c.OAuth2; o != nil {
		add(o.ClientID, "", false, "oauth2", "client_id")
		add(string(o.ClientSecret), o.ClientSecretFile, false, "oauth2", "client_secret")
		add(string(o.ClientCertificateKey), o.ClientCertificateKeyFile, true, "oauth2", "client_certificate_key")
	}
	if c.HTTPHeaders == nil {
		return all
	}
	for _, name := range slices.Sorted(maps.Keys(c.HTTPHeaders.Headers)) {
		for _, secret := range c.HTTPHeaders.Headers[name].Secrets {
			all = append(all, credential{keys: []string{"http_headers", name, "secrets"}, text: string(secret)})
		}
		for _, path := range c.HTTPHeaders.Headers[name].Files {
			all = append(all, credential{keys: []string{"http_headers", name, "files"}, file: path})
		}
	}
	return all
}

// read returns the text of the file without a byte order mark and surrounding space. httpClient is the place of
// http_client. The error names the file and the key that references it.
func (c credential) read(httpClient value) (string, error) {
	place := httpClient.findClosest(c.keys...)
	data, err := readFile(c.file)
	if err != nil {
		return "", place.errorf("the file %s %s", c.file, unreadable(err))
	}
	text := strings.TrimSpace(string(bytes.TrimPrefix(data, []byte("\ufeff"))))
	if fault := secretFault(text, c.pem); fault != "" {
		return "", place.errorf("the file %s %s", c.file, fault)
	}
	return text, nil
}

// secretFault returns the reason why a secret cannot be correct, and its correction, or "". Sending such a secret would
// count towards the lock of the account.
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

// tlsConfig is a tls_config with the path of its key in http_client.
type tlsConfig struct {
	*promconfig.TLSConfig
	keys []string
}

// tlsConfigs returns the TLS settings for OMS, and those for the token server of OAuth2.
func tlsConfigs(c *promconfig.HTTPClientConfig) []tlsConfig {
	all := []tlsConfig{{TLSConfig: &c.TLSConfig, keys: []string{"tls_config"}}}
	if c.OAuth2 != nil {
		all = append(all, tlsConfig{TLSConfig: &c.OAuth2.TLSConfig, keys: []string{"oauth2", "tls_config"}})
	}
	return all
}

// tlsFile is a certificate or a key that a tls_config references.
type tlsFile struct {
	keys []string // the path of its key in http_client
	path string
}

// tlsFiles returns the files that the TLS settings reference.
func tlsFiles(c *promconfig.HTTPClientConfig) []tlsFile {
	var all []tlsFile
	for _, t := range tlsConfigs(c) {
		for _, f := range []struct{ key, path string }{
			{"ca_file", t.CAFile}, {"cert_file", t.CertFile}, {"key_file", t.KeyFile},
		} {
			if f.path != "" {
				all = append(all, tlsFile{keys: slices.Concat(t.keys, []string{f.key}), path: f.path})
			}
		}
	}
	return all
}

// checkTLSFiles refuses certificates and keys that are pipes or devices. prometheus/common opens these files at each
// request, and opening a pipe can block forever. prometheus/common reports all other errors.
func (t *Target) checkTLSFiles() error {
	for _, f := range tlsFiles(&t.HTTPClient) {
		if info, err := os.Stat(f.path); err == nil && !info.Mode().IsRegular() {
			return t.httpClient.findClosest(f.keys...).errorf("the file %s %s", f.path, unreadable(errNotRegular))
		}
	}
	return nil
}
