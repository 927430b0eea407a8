package collector

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// forms are the ways in which versions of OMS send the same answer.
var forms = []struct {
	name string
	of   func(*testing.T, []byte) []byte
}{
	{
		"every scalar quoted",
		edited(func(_ []string, key string, value any) (string, any, bool) { return key, quoted(value), true }),
	},
	{
		"native",
		edited(func(_ []string, key string, value any) (string, any, bool) { return key, native(key, value), true }),
	},
	{"PascalCase envelope", edited(func(path []string, key string, value any) (string, any, bool) {
		if len(path) == 0 {
			key = pascal(key)
		}
		return key, value, true
	})},
	{"PascalCase envelope and rows", edited(func(path []string, key string, value any) (string, any, bool) {
		if !inRules(path) {
			key = pascal(key)
		}
		return key, value, true
	})},
	{
		"null members absent",
		edited(func(_ []string, key string, value any) (string, any, bool) { return key, value, value != nil }),
	},
	{"an unknown member in each object with an id", func(_ *testing.T, answer []byte) []byte {
		return bytes.ReplaceAll(answer, []byte(`"id":`), []byte(`"unknown":{"id":"x","steps":[null]},"id":`))
	}},
}

// inRules reports whether a member is an entry of a map of data: its key is the name of an alarm rule.
func inRules(path []string) bool {
	return len(path) > 0 && path[len(path)-1] == "ruleToRecentlyTriggerCount"
}

// edited returns a form that edits each member of each object. path are the keys above the member.
func edited(edit func(path []string, key string, value any) (string, any, bool)) func(*testing.T, []byte) []byte {
	var walk func(path []string, value any) any
	walk = func(path []string, value any) any {
		switch value := value.(type) {
		case []any:
			for i := range value {
				value[i] = walk(path, value[i])
			}
		case map[string]any:
			members := make(map[string]any, len(value))
			for key, member := range maps.All(value) {
				member = walk(append(slices.Clone(path), key), member)
				if key, member, keep := edit(path, key, member); keep {
					members[key] = member
				}
			}
			return members
		}
		return value
	}
	return func(t *testing.T, answer []byte) []byte {
		t.Helper()
		content, err := json.Marshal(walk(nil, parsed(t, answer)))
		if err != nil {
			t.Fatal(err)
		}
		return content
	}
}

// compact returns the answer as edited writes it without an edit.
func compact(t *testing.T, answer []byte) []byte {
	return edited(func(_ []string, key string, value any) (string, any, bool) { return key, value, true })(t, answer)
}

func parsed(t *testing.T, answer []byte) any {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(answer))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		t.Fatal(err)
	}
	return value
}

func quoted(value any) any {
	switch value := value.(type) {
	case json.Number:
		return value.String()
	case bool:
		return strconv.FormatBool(value)
	}
	return value
}

// native removes the quotes of members that are integers or booleans in the document.
func native(key string, value any) any {
	text, ok := value.(string)
	if !ok || !slices.Contains([]string{"success", "pageNumber", "pageSize", "totalCount", "order", "port"}, key) {
		return value
	}
	if text == "true" {
		return true
	}
	return json.Number(text)
}

func pascal(key string) string { return strings.ToUpper(key[:1]) + key[1:] }
