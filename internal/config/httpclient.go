package config

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"strings"
	"unicode"

	promconfig "github.com/prometheus/common/config"
	"go.yaml.in/yaml/v4"
)

// readHTTPClient reads http_client. The types are prometheus/common's, which
// decode without knowing lines, accept unknown keys when decoded from a node,
// and quote what they cannot decode. So the nodes are checked first.
func readHTTPClient(t *Target, v value) error {
	if v.isNull() {
		return nil
	}
	if err := checkStruct(v, httpClientType); err != nil {
		return err
	}
	if err := v.node.Decode(&t.HTTPClient); err != nil {
		return libraryError(v, err)
	}
	t.httpClient = v
	if err := checkInlineSecrets(v, &t.HTTPClient); err != nil {
		return err
	}
	return checkTLSVersions(v, &t.HTTPClient)
}

// checkInlineSecrets refuses what is surely wrong, as secretFile.read does for files.
func checkInlineSecrets(v value, c *promconfig.HTTPClientConfig) error {
	check := func(text string, keys ...string) error {
		if fault := secretFault(text, false); text != "" && fault != "" {
			return v.closest(keys).errorf("%s", fault)
		}
		return nil
	}
	var errs []error
	if a := c.BasicAuth; a != nil {
		if a.Password == "" && a.PasswordFile == "" {
			return v.closest([]string{"basic_auth", "password"}).errorf("no password: password or password_file is required")
		}
		errs = append(errs, check(a.Username, "basic_auth", "username"), check(string(a.Password), "basic_auth", "password"))
	}
	if a := c.Authorization; a != nil {
		if a.Credentials == "" && a.CredentialsFile == "" {
			return v.closest([]string{"authorization", "credentials"}).errorf("no credentials: credentials or credentials_file is required")
		}
		errs = append(errs, check(string(a.Credentials), "authorization", "credentials"))
	}
	if o := c.OAuth2; o != nil {
		errs = append(errs, check(o.ClientID, "oauth2", "client_id"), check(string(o.ClientSecret), "oauth2", "client_secret"))
	}
	if c.HTTPHeaders != nil {
		for _, name := range slices.Sorted(maps.Keys(c.HTTPHeaders.Headers)) {
			for _, secret := range c.HTTPHeaders.Headers[name].Secrets {
				errs = append(errs, check(string(secret), "http_headers", name, "secrets"))
			}
		}
	}
	return cmp.Or(errs...)
}

// find goes down the keys of mappings.
func (v value) find(keys ...string) (value, bool) {
	for _, key := range keys {
		if v.node == nil {
			return v, false
		}
		entries, err := v.entries()
		if err != nil {
			return v, false
		}
		i := slices.IndexFunc(entries, func(e entry) bool { return e.name == key })
		if i < 0 {
			return v, false
		}
		v = entries[i].value
	}
	return v, true
}

// libraryError attaches an error of prometheus/common to the last key in the
// file that its text names: of two that exclude each other, the second. It looks
// for the keys in the mapping that the error is about.
func libraryError(v value, err error) error {
	failed, ok := errors.AsType[*yaml.LoadError](err)
	if !ok || strings.HasPrefix(failed.Message, "cannot ") { // the YAML loader's own errors quote the value
		return v.errorf("has a value of a type that cannot be used")
	}
	words := strings.FieldsFunc(failed.Message, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' && r != '-'
	})
	named, _ := v.mappingAt(failed.Mark)
	var search func(value)
	search = func(in value) {
		entries, err := in.entries()
		if err != nil {
			return // no mapping: nothing to search
		}
		for _, e := range entries {
			if slices.ContainsFunc(words, func(word string) bool { return strings.EqualFold(word, e.name) }) && e.line >= named.line {
				named = e.value
			}
			search(e.value)
		}
	}
	search(named)
	return named.errorf("%s", failed.Message)
}

// mappingAt finds the mapping at a position, v included. If there is none, it
// returns v.
func (v value) mappingAt(mark yaml.Mark) (value, bool) {
	if v.node.Line == mark.Line && v.node.Column == mark.Column {
		return v, true
	}
	entries, _ := v.entries()
	for _, e := range entries {
		if found, ok := e.mappingAt(mark); ok && found.is(yaml.MappingNode) {
			return found, true
		}
	}
	return v, false
}

func checkTLSVersions(v value, c *promconfig.HTTPClientConfig) error {
	check := func(t promconfig.TLSConfig, keys ...string) error {
		if t.MinVersion == 0 || t.MaxVersion == 0 || t.MinVersion <= t.MaxVersion {
			return nil
		}
		at, _ := v.find(append(keys, "max_version")...)
		return at.errorf("is below min_version")
	}
	if err := check(c.TLSConfig, "tls_config"); err != nil {
		return err
	}
	if c.OAuth2 != nil {
		return check(c.OAuth2.TLSConfig, "oauth2", "tls_config")
	}
	return nil
}

// setDirectory joins relative file names with the folder, those included that
// HTTPClientConfig.SetDirectory leaves out.
func setDirectory(c *promconfig.HTTPClientConfig, folder string) {
	c.SetDirectory(folder)
	if c.OAuth2 != nil {
		c.OAuth2.ClientCertificateKeyFile = promconfig.JoinDir(folder, c.OAuth2.ClientCertificateKeyFile)
	}
}
