package config

import (
	"reflect"
	"slices"
	"strings"
	"unicode"

	promconfig "github.com/prometheus/common/config"
	"go.yaml.in/yaml/v4"
)

var (
	httpClientType = reflect.TypeFor[promconfig.HTTPClientConfig]()
	urlType        = reflect.TypeFor[promconfig.URL]()
	versionType    = reflect.TypeFor[promconfig.TLSVersion]()
	proxyHeadType  = reflect.TypeFor[promconfig.ProxyHeader]()
	headersType    = reflect.TypeFor[promconfig.Headers]()
)

// pemKeys are texts of several lines.
var pemKeys = []string{"ca", "cert", "key", "client_certificate_key"}

// field is one key of a library type.
type field struct {
	key string
	of  reflect.Type
}

// fieldsOf lists the keys of a struct by its yaml tags, inline ones included.
func fieldsOf(t reflect.Type) []field {
	var all []field
	for f := range t.Fields() {
		key, options, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		switch {
		case !f.IsExported():
		case options == "inline":
			all = append(all, fieldsOf(f.Type)...)
		default:
			all = append(all, field{key, f.Type})
		}
	}
	return all
}

// checkStruct checks the keys of a mapping, and the type of their values,
// against a struct of prometheus/common.
func checkStruct(v value, t reflect.Type) error {
	entries, err := v.entries()
	if err != nil {
		return err
	}
	fields := fieldsOf(t)
	for _, e := range entries {
		i := slices.IndexFunc(fields, func(f field) bool { return f.key == e.name })
		if i < 0 {
			return e.unknown(allowedKeys(fields))
		}
		if secret, isRef := strings.CutSuffix(e.name, "_ref"); isRef {
			return e.errorf("not supported, as there is no secret manager here: allowed is %s_file", secret)
		}
		if err := checkType(e.value, e.name, fields[i].of); err != nil {
			return err
		}
	}
	return nil
}

func allowedKeys(fields []field) []string {
	var keys []string
	for _, f := range fields {
		if !strings.HasSuffix(f.key, "_ref") {
			keys = append(keys, f.key)
		}
	}
	return keys
}

// checkType checks one value; name is the key that it, or the list that it is
// in, belongs to.
func checkType(v value, name string, t reflect.Type) error {
	switch t {
	case urlType:
		return checkProxyURL(v)
	case versionType:
		return checkTLSVersion(v)
	case headersType:
		return checkHeaders(v, reflect.TypeFor[promconfig.Header]())
	case proxyHeadType:
		return checkHeaders(v, t.Elem())
	}
	switch t.Kind() {
	case reflect.Pointer:
		return checkType(v, name, t.Elem())
	case reflect.Struct:
		return checkStruct(v, t)
	case reflect.Map, reflect.Interface:
		return checkFree(v, name, t)
	case reflect.Slice:
		return checkList(v, name, t.Elem())
	case reflect.Bool:
		_, err := v.boolean()
		return err
	}
	return checkText(v, name)
}

func checkList(v value, name string, t reflect.Type) error {
	items, err := v.items()
	for i := 0; err == nil && i < len(items); i++ {
		err = checkType(items[i], name, t)
	}
	return err
}

// checkFree checks values whose keys the user chooses: parameters and claims
// of OAuth2. Every key has to be a text, as it ends up in JSON or a form.
func checkFree(v value, name string, t reflect.Type) error {
	switch {
	case t.Kind() == reflect.Map || v.is(yaml.MappingNode):
		entries, err := v.entries()
		for i := 0; err == nil && i < len(entries); i++ {
			of := t
			if t.Kind() == reflect.Map {
				of = t.Elem()
			}
			err = checkType(entries[i].value, name, of)
		}
		return err
	case v.is(yaml.SequenceNode):
		return checkList(v, name, t)
	case v.isNull():
		return nil
	}
	_, err := v.text()
	return err
}

// checkText checks what would make every request fail, or be another than the
// one that was meant.
func checkText(v value, name string) error {
	text, err := v.text()
	switch {
	case err != nil:
		return err
	case slices.Contains(pemKeys, name):
		return nil
	case strings.ContainsFunc(text, unicode.IsControl):
		return v.errorf("has a line break or another control character: a text in a block is written with |- and in one line")
	case name == "username" && strings.Contains(text, ":"):
		return v.errorf("has a colon: Basic authentication allows none in a user name")
	case name == "token_url":
		_, err = checkURL(v, text, "http", "https")
	}
	return err
}

func checkProxyURL(v value) error {
	text, err := v.text()
	if err != nil {
		return err
	}
	_, err = checkURL(v, text, "http", "https", "socks5", "socks5h")
	return err
}

func checkTLSVersion(v value) error {
	const allowed = "allowed is one of TLS10, TLS11, TLS12, TLS13"
	text, err := v.text()
	if err != nil {
		return v.errorf("no TLS version: %s", allowed)
	}
	if _, known := promconfig.TLSVersions[text]; !known {
		return v.errorf("no TLS version: %s", allowed)
	}
	return nil
}

// checkHeaders checks a mapping of header names; each has a value of type t.
func checkHeaders(v value, t reflect.Type) error {
	entries, err := v.entries()
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.name == "" || strings.ContainsFunc(e.name, notInToken) {
			return e.errorf("no valid header name: allowed are letters, digits and !#$%%&'*+-.^_`|~")
		}
		if err := checkType(e.value, "", t); err != nil {
			return err
		}
	}
	return nil
}

func notInToken(r rune) bool {
	letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	return !letter && (r < '0' || r > '9') && !strings.ContainsRune("!#$%&'*+-.^_`|~", r)
}
