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
	if err := checkInlineSecrets(v, &t.HTTPClient); err != nil {
		return err
	}
	return checkTLSVersions(v, &t.HTTPClient)
}

// checkInlineSecrets refuses secrets that cannot be correct, as secretFile.read does for files.
func checkInlineSecrets(v value, c *promconfig.HTTPClientConfig) error {
	check := func(text string, keys ...string) error {
		if fault := secretFault(text, false); text != "" && fault != "" {
			return v.findClosest(keys...).errorf("%s", fault)
		}
		return nil
	}
	var errs []error
	if a := c.BasicAuth; a != nil {
		if a.Password == "" && a.PasswordFile == "" {
			return v.findClosest("basic_auth", "password").errorf("no password: set password or password_file")
		}
		errs = append(errs, check(a.Username, "basic_auth", "username"), check(string(a.Password), "basic_auth", "password"))
	}
	if a := c.Authorization; a != nil {
		if a.Credentials == "" && a.CredentialsFile == "" {
			return v.findClosest("authorization", "credentials").errorf("no credentials: set credentials or credentials_file")
		}
		errs = append(errs, check(string(a.Credentials), "authorization", "credentials"))
	}
	if o := c.OAuth2; o != nil {
		errs = append(
			errs,
			check(o.ClientID, "oauth2", "client_id"),
			check(string(o.ClientSecret), "oauth2", "client_secret"),
		)
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

func checkTLSVersions(v value, c *promconfig.HTTPClientConfig) error {
	check := func(t promconfig.TLSConfig, keys ...string) error {
		if t.MinVersion == 0 || t.MaxVersion == 0 || t.MinVersion <= t.MaxVersion {
			return nil
		}
		maxVersion, _ := v.find(append(keys, "max_version")...)
		return maxVersion.errorf("is below min_version: raise it, or lower min_version")
	}
	if err := check(c.TLSConfig, "tls_config"); err != nil {
		return err
	}
	if c.OAuth2 != nil {
		return check(c.OAuth2.TLSConfig, "oauth2", "tls_config")
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
