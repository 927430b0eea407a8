package config

import (
	"errors"
	"slices"
	"strings"
	"unicode"

	promconfig "github.com/prometheus/common/config"
	"go.yaml.in/yaml/v4"
)

// readHTTPClient reads http_client into the type of prometheus/common. Decoding that type accepts unknown keys and
// repeats values in its errors, so checkStruct checks the nodes before.
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
	if err := t.checkCredentials(); err != nil {
		return err
	}
	return t.checkTLSVersions()
}

// checkCredentials refuses credentials that are missing or cannot be correct.
func (t *Target) checkCredentials() error {
	if a := t.HTTPClient.BasicAuth; a != nil && a.Password == "" && a.PasswordFile == "" {
		return t.httpClient.findClosest("basic_auth", "password").errorf("no password: set password or password_file")
	}
	if a := t.HTTPClient.Authorization; a != nil && a.Credentials == "" && a.CredentialsFile == "" {
		return t.httpClient.findClosest("authorization", "credentials").
			errorf("no credentials: set credentials or credentials_file")
	}
	for _, c := range t.credentials() {
		if fault := secretFault(c.text, c.pem); c.text != "" && fault != "" {
			return t.httpClient.findClosest(c.keys...).errorf("%s", fault)
		}
	}
	return nil
}

// libraryError returns an *Error for an error of prometheus/common. Its place is the last key in the file that the text
// names: the second one of two keys that exclude each other. It looks for the keys in the mapping that failed.
func libraryError(v value, err error) error {
	failed, ok := errors.AsType[*yaml.LoadError](err)
	if !ok || strings.HasPrefix(failed.Message, "cannot ") { // the YAML loader repeats the value
		return v.errorf("has a value of the wrong type")
	}
	words := strings.FieldsFunc(failed.Message, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' && r != '-'
	})
	named, _ := v.mappingAt(failed.Mark)
	var search func(value)
	search = func(in value) {
		entries, err := in.entries()
		if err != nil {
			return // not a mapping
		}
		for _, e := range entries {
			if slices.ContainsFunc(words, func(word string) bool { return strings.EqualFold(word, e.name) }) &&
				e.line >= named.line {
				named = e.value
			}
			search(e.value)
		}
	}
	search(named)
	return named.errorf("%s", failed.Message)
}

func (t *Target) checkTLSVersions() error {
	for _, c := range tlsConfigs(&t.HTTPClient) {
		if c.MinVersion != 0 && c.MaxVersion != 0 && c.MinVersion > c.MaxVersion {
			maxVersion, _ := t.httpClient.find(append(c.keys, "max_version")...)
			return maxVersion.errorf("is below min_version: raise it, or lower min_version")
		}
	}
	return nil
}

// setDirectory joins relative file names with the folder. HTTPClientConfig.SetDirectory omits a file of OAuth2.
func setDirectory(c *promconfig.HTTPClientConfig, folder string) {
	c.SetDirectory(folder)
	if c.OAuth2 != nil {
		c.OAuth2.ClientCertificateKeyFile = promconfig.JoinDir(folder, c.OAuth2.ClientCertificateKeyFile)
	}
}
