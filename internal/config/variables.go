package config

import (
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

// variableKeys has the variables with the keys that they set. An error about a key names the variable instead.
var variableKeys = []struct{ variable, key string }{
	{variableURL, "url"},
	{variableName, "name"},
	{variableUsername, "http_client.basic_auth.username"},
	{variablePassword, "http_client.basic_auth.password"},
	{variablePasswordFile, "http_client.basic_auth.password_file"},
	{variableCAFile, "http_client.tls_config.ca_file"},
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
	settings := map[string]any{"name": defaultTargetName}
	shown := map[string]string{"http_client": variablePrefix + "*", "http_client.tls_config": variableCAFile}
	for _, k := range variableKeys {
		shown[k.key] = k.variable
		if text := v[k.variable]; text != "" {
			setText(settings, strings.Split(k.key, "."), text)
		}
	}
	t, err := readTarget(value{node: encode(settings), shownKeys: shown})
	if err != nil {
		return nil, err
	}
	return &Config{Targets: []Target{t}}, nil
}

// setText sets a text at a path of keys, and creates the mappings around it.
func setText(mapping map[string]any, path []string, text string) {
	last := len(path) - 1
	for _, key := range path[:last] {
		if mapping[key] == nil {
			mapping[key] = map[string]any{}
		}
		mapping = mapping[key].(map[string]any)
	}
	mapping[path[last]] = text
}

// check returns an error for variables that are unknown, missing or exclude each other.
func (v Variables) check() error {
	var allowed []string
	for _, k := range variableKeys {
		allowed = append(allowed, k.variable)
	}
	for _, name := range slices.Sorted(maps.Keys(v)) {
		if !slices.Contains(allowed, name) {
			return &Error{Key: name, Reason: "unknown variable; allowed: " + strings.Join(allowed, ", ")}
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
