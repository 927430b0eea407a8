package config

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// variablePrefix is the prefix of the environment variables that describe a target without a config file.
const variablePrefix = "OMS_EXPORTER_TARGET_"

const (
	variableURL          = variablePrefix + "URL"
	variableName         = variablePrefix + "NAME"
	variableUsername     = variablePrefix + "USERNAME"
	variablePassword     = variablePrefix + "PASSWORD"
	variablePasswordFile = variablePrefix + "PASSWORD_FILE"
	variableCAFile       = variablePrefix + "CA_FILE"
)

// defaultTargetName is the name of the target if variableName is not set.
const defaultTargetName = "oms"

// variableKeys returns the variables by the keys that they set. An error about the key names the variable instead.
func variableKeys() map[string]string {
	return map[string]string{
		"name":                                 variableName,
		"url":                                  variableURL,
		"http_client":                          variablePrefix + "*",
		"http_client.basic_auth.username":      variableUsername,
		"http_client.basic_auth.password":      variablePassword,
		"http_client.basic_auth.password_file": variablePasswordFile,
		"http_client.tls_config":               variableCAFile,
		"http_client.tls_config.ca_file":       variableCAFile,
	}
}

// Variables are the environment variables OMS_EXPORTER_TARGET_* that are not empty, by name. They describe one target
// instead of a config file.
type Variables map[string]string

// VariablesOf returns the Variables of an environment in the form of os.Environ.
func VariablesOf(environ []string) Variables {
	found := Variables{}
	for _, variable := range environ {
		if name, text, _ := strings.Cut(variable, "="); text != "" && strings.HasPrefix(name, variablePrefix) {
			found[name] = text
		}
	}
	return found
}

// Names returns the names of the variables in one line.
func (v Variables) Names() string { return strings.Join(slices.Sorted(maps.Keys(v)), ", ") }

// Config returns a config with the target that the variables describe. File names are relative to the working
// directory. The error is an *Error that names the variable.
func (v Variables) Config() (*Config, error) {
	if err := v.check(); err != nil {
		return nil, err
	}
	valueOf := func(key string, v any) value { return value{key: key, node: encode(v), shownKeys: variableKeys()} }
	t := DefaultTarget()
	if err := readName(&t, valueOf("name", cmp.Or(v[variableName], defaultTargetName))); err != nil {
		return nil, err
	}
	if err := readURL(&t, valueOf("url", v[variableURL])); err != nil {
		return nil, err
	}
	if err := readHTTPClient(&t, valueOf("http_client", v.httpClient())); err != nil {
		return nil, err
	}
	return &Config{Targets: []Target{t}}, nil
}

// check returns an error for variables that are unknown, missing or exclude each other.
func (v Variables) check() error {
	known := []string{variableURL, variableName, variableUsername, variablePassword, variablePasswordFile, variableCAFile}
	for _, name := range slices.Sorted(maps.Keys(v)) {
		if !slices.Contains(known, name) {
			return &Error{Key: name, Reason: "unknown variable; allowed: " + strings.Join(known, ", ")}
		}
		if !utf8.ValidString(v[name]) {
			return &Error{Key: name, Reason: "is not UTF-8 text: use UTF-8"}
		}
	}
	has := func(name string) bool { return v[name] != "" }
	switch {
	case !has(variableURL):
		return &Error{Key: variableURL, Reason: "is not set: set it, or unset " + v.Names()}
	case has(variablePassword) && has(variablePasswordFile):
		return &Error{
			Key:    variablePasswordFile,
			Reason: "is set together with " + variablePassword + ": set only one of them",
		}
	case has(variableUsername) && !has(variablePassword) && !has(variablePasswordFile):
		return &Error{
			Key:    variableUsername,
			Reason: "is set without a password: set " + variablePassword + " or " + variablePasswordFile,
		}
	case !has(variableUsername) && (has(variablePassword) || has(variablePasswordFile)):
		return &Error{Key: variableUsername, Reason: "is not set: set it, or unset the password variable"}
	}
	return nil
}

// httpClient returns the content of http_client in a config file with the same settings.
func (v Variables) httpClient() map[string]map[string]string {
	client := map[string]map[string]string{}
	for _, setting := range []struct{ block, key, variable string }{
		{"basic_auth", "username", variableUsername},
		{"basic_auth", "password", variablePassword},
		{"basic_auth", "password_file", variablePasswordFile},
		{"tls_config", "ca_file", variableCAFile},
	} {
		text := v[setting.variable]
		if text == "" {
			continue
		}
		if client[setting.block] == nil {
			client[setting.block] = map[string]string{}
		}
		client[setting.block][setting.key] = text
	}
	return client
}
