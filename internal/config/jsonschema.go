package config

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	promconfig "github.com/prometheus/common/config"
)

// schema is a JSON schema. It accepts every file that Load accepts. It refuses mistakes that an editor can mark:
// unknown keys, wrong types, texts of the wrong form.
type schema map[string]any

// scalars are the types of a text: Load reads a number or a boolean as it is written.
var scalars = []string{"string", "number", "boolean"}

// schema returns the schema of a mapping with these settings.
func (all settings[T]) schema(required ...string) schema {
	properties := schema{}
	for _, s := range all {
		properties[s.key] = s.schema()
	}
	return objectSchema(properties, required...)
}

func objectSchema(properties schema, required ...string) schema {
	s := schema{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		s["required"] = required
	}
	return s
}

// orNull returns a schema that also accepts an empty value: all lines below the key can be comments.
func orNull(s schema) schema {
	s = maps.Clone(s)
	s["type"] = []any{s["type"], "null"}
	return s
}

// textSchema accepts scalars. The pattern applies to texts; "" is none.
func textSchema(pattern string) schema {
	s := schema{"type": scalars}
	if pattern != "" {
		s["pattern"] = pattern
	}
	return s
}

func enumSchema(allowed []string) schema { return schema{"enum": allowed} }

// listSchema accepts a list or an empty value. maxItems 0 allows any number.
func listSchema(items schema, maxItems int) schema {
	s := schema{"type": []string{"array", "null"}, "items": items}
	if maxItems > 0 {
		s["maxItems"] = maxItems
	}
	return s
}

// durationSchema accepts the form of durations. Of the bounds, it holds only whether 0 is allowed.
func durationSchema(lowest time.Duration) schema {
	form := `([0-9]+y)?([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?`
	if lowest > 0 {
		return schema{
			"type":      "string",
			"minLength": 1,
			"pattern":   "^" + form + "$",
			"not":       schema{"pattern": "^(0+[a-z]+)*$"},
		}
	}
	return schema{"anyOf": []schema{{"type": "string", "minLength": 1, "pattern": "^(0|" + form + ")$"}, {"const": 0}}}
}

func sizeSchema(highest int64) schema {
	var units []string
	for _, unit := range sizeUnits {
		units = append(units, unit.name)
	}
	return schema{"anyOf": []schema{
		{"type": "integer", "minimum": 1, "maximum": highest},
		{"type": "string", "pattern": "^[0-9]+ *(" + strings.Join(units, "|") + ")$"},
	}}
}

// targetURLSchema accepts the URLs that readURL accepts.
func targetURLSchema() schema {
	return schema{
		"type": "string", "pattern": "^" + anyCase("https?") + `://[^\s/?#@]+(/[^\s?#]*)?$`,
		"not": schema{"pattern": "/" + anyCase("api(/v2)?") + "/*$"},
	}
}

// anyCase returns a pattern that ignores case. The regular expressions of JSON schemas have no flag for it.
func anyCase(pattern string) string {
	var b strings.Builder
	for _, r := range pattern {
		if r >= 'a' && r <= 'z' {
			b.WriteString("[" + string(r-'a'+'A') + string(r) + "]")
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// typeSchema returns the schema of a type of prometheus/common with the rules of checkType. name is the key of the
// value.
func typeSchema(name string, t reflect.Type) schema {
	switch t {
	case urlType:
		return schema{"type": "string", "pattern": "^" + anyCase("(https?|socks5h?)") + "://[^/]"}
	case versionType:
		return enumSchema(slices.Sorted(maps.Keys(promconfig.TLSVersions)))
	case headersType:
		return headersSchema(typeSchema("", reflect.TypeFor[promconfig.Header]()))
	case proxyHeaderType:
		return headersSchema(typeSchema("", t.Elem()))
	}
	switch t.Kind() {
	case reflect.Pointer:
		return typeSchema(name, t.Elem())
	case reflect.Struct:
		properties := schema{}
		for _, f := range libraryFields(t) {
			properties[f.key] = typeSchema(f.key, f.typ)
		}
		s := objectSchema(properties)
		secrets := map[reflect.Type]string{
			reflect.TypeFor[promconfig.BasicAuth]():     "password",
			reflect.TypeFor[promconfig.Authorization](): "credentials",
		}
		if secret, required := secrets[t]; required {
			s["anyOf"] = []schema{{"required": []string{secret}}, {"required": []string{secret + "_file"}}}
		}
		return s
	case reflect.Map:
		return schema{"type": "object", "additionalProperties": typeSchema(name, t.Elem())}
	case reflect.Interface:
		return schema{}
	case reflect.Slice:
		return listSchema(typeSchema(name, t.Elem()), 0)
	case reflect.Bool:
		return schema{"type": "boolean"}
	}
	switch {
	case slices.Contains(pemKeys, name):
		return textSchema("")
	case name == "username":
		return textSchema(`^[^:\x00-\x1f\x7f-\x9f]*$`)
	case name == "token_url":
		return schema{"type": "string", "pattern": "^" + anyCase("https?") + "://[^/]"}
	}
	return textSchema(`^[^\x00-\x1f\x7f-\x9f]*$`)
}

func headersSchema(header schema) schema {
	return schema{
		"type":                 "object",
		"additionalProperties": false,
		"patternProperties":    schema{"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$": header},
	}
}
