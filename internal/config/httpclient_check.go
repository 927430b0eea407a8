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
	httpClientType  = reflect.TypeFor[promconfig.HTTPClientConfig]()
	urlType         = reflect.TypeFor[promconfig.URL]()
	versionType     = reflect.TypeFor[promconfig.TLSVersion]()
	proxyHeaderType = reflect.TypeFor[promconfig.ProxyHeader]()
	headersType     = reflect.TypeFor[promconfig.Headers]()
)

// pemKeys are the keys of texts with several lines.
var pemKeys = []string{"ca", "cert", "key", "client_certificate_key"}

// libraryField is a key of a type of prometheus/common.
type libraryField struct {
	key string
	typ reflect.Type
}

// libraryFields returns the keys of a struct by its yaml tags, with the keys of inline structs. It omits keys with the
// suffix _ref, which need a secret manager.
func libraryFields(t reflect.Type) []libraryField {
	var all []libraryField
	for f := range t.Fields() {
		key, options, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		switch {
		case !f.IsExported(), strings.HasSuffix(key, "_ref"):
		case options == "inline":
			all = append(all, libraryFields(f.Type)...)
		default:
			all = append(all, libraryField{key: key, typ: f.Type})
		}
	}
	return all
}

// checkStruct checks the keys of a mapping and the types of their values against a struct of prometheus/common.
func checkStruct(v value, t reflect.Type) error {
	entries, err := v.entries()
	if err != nil {
		return err
	}
	fields := libraryFields(t)
	var keys []string
	for _, f := range fields {
		keys = append(keys, f.key)
	}
	for _, e := range entries {
		i := slices.Index(keys, e.name)
		secret, isRef := strings.CutSuffix(e.name, "_ref")
		switch {
		case i >= 0:
			err = checkType(e.value, e.name, fields[i].typ)
		case isRef && slices.Contains(keys, secret+"_file"):
			err = e.errorf("is not supported, as there is no secret manager: use %s_file", secret)
		default:
			err = e.unknownKey(keys)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// checkType checks a value. name is the key of the value or of its list.
func checkType(v value, name string, t reflect.Type) error {
	switch t {
	case urlType:
		_, err := v.url("http", "https", "socks5", "socks5h")
		return err
	case versionType:
		return checkTLSVersion(v)
	case headersType:
		return checkHeaders(v, reflect.TypeFor[promconfig.Header]())
	case proxyHeaderType:
		return checkHeaders(v, t.Elem())
	}
	switch t.Kind() {
	case reflect.Pointer:
		return checkType(v, name, t.Elem())
	case reflect.Struct:
		return checkStruct(v, t)
	case reflect.Map, reflect.Interface:
		return checkFreeForm(v, name, t)
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

// checkFreeForm checks values whose keys the user chooses: parameters and claims of OAuth2. Each key must be a text,
// since it becomes a key of JSON or of a form.
func checkFreeForm(v value, name string, t reflect.Type) error {
	switch {
	case t.Kind() == reflect.Map || v.hasKind(yaml.MappingNode):
		entries, err := v.entries()
		for i := 0; err == nil && i < len(entries); i++ {
			elem := t
			if t.Kind() == reflect.Map {
				elem = t.Elem()
			}
			err = checkType(entries[i].value, name, elem)
		}
		return err
	case v.hasKind(yaml.SequenceNode):
		return checkList(v, name, t)
	case v.isNull():
		return nil
	}
	_, err := v.text()
	return err
}

// checkText refuses a text that would make every request fail or change its meaning.
func checkText(v value, name string) error {
	text, err := v.text()
	switch {
	case err != nil:
		return err
	case slices.Contains(pemKeys, name):
		return nil
	case strings.ContainsFunc(text, unicode.IsControl):
		return v.errorf("contains a line break or another control character: write one line, in a block with |-")
	case name == "username" && strings.Contains(text, ":"):
		return v.errorf("contains a colon, which Basic authentication does not allow in a user name: remove it")
	case name == "token_url":
		_, err = v.url("http", "https")
	}
	return err
}

func checkTLSVersion(v value) error {
	text, err := v.text()
	if _, known := promconfig.TLSVersions[text]; err != nil || !known {
		return v.errorf("invalid TLS version: use TLS10, TLS11, TLS12 or TLS13")
	}
	return nil
}

// checkHeaders checks a mapping of header names to values of type t.
func checkHeaders(v value, t reflect.Type) error {
	entries, err := v.entries()
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.name == "" || strings.ContainsFunc(e.name, notInToken) {
			return e.errorf("invalid header name: use letters, digits and !#$%%&'*+-.^_`|~")
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
