package config

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// value is a node of the file with its place, for errors.
type value struct {
	node *yaml.Node
	file string
	line int    // of the key, or of the node if it has no key
	key  string // the path from the root, without secrets

	comment bool // a comment follows the key

	shownKeys map[string]string // what errors show instead of a key, for variables
}

// entry is a key of a mapping with its value.
type entry struct {
	value

	name   string
	hidden bool // errors do not show the name, as it can be a secret
}

func (v value) errorf(format string, args ...any) error {
	key := v.key
	if shown, ok := v.shownKeys[key]; ok {
		key = shown
	}
	return &Error{File: v.file, Line: v.line, Key: key, Reason: fmt.Sprintf(format, args...)}
}

func (v value) hasKind(kind yaml.Kind) bool { return v.node != nil && v.node.Kind == kind }

func (v value) isNull() bool {
	return v.hasKind(yaml.ScalarNode) && v.node.ShortTag() == "!!null"
}

// kindName returns the kind of the value for an error.
func (v value) kindName() string {
	switch {
	case v.hasKind(yaml.MappingNode):
		return "a mapping"
	case v.hasKind(yaml.SequenceNode):
		return "a list"
	case v.isNull():
		return "empty"
	}
	switch v.node.ShortTag() {
	case "!!int":
		return "a whole number"
	case "!!float":
		return "a number with a fraction"
	case "!!bool":
		return "true or false"
	}
	return "a text"
}

// entries returns the keys of a mapping in the order of the file.
func (v value) entries() ([]entry, error) {
	if !v.hasKind(yaml.MappingNode) {
		hint := `write each key as "key: value" on a line of its own`
		if v.hasKind(yaml.SequenceNode) {
			hint = `remove the "- " before the keys`
		}
		return nil, v.errorf("must be a mapping of keys to values, but is %s: %s", v.kindName(), hint)
	}
	var all []entry
	lineOf := map[string]int{}
	for i := 0; i+1 < len(v.node.Content); i += 2 {
		key, node := v.node.Content[i], v.node.Content[i+1]
		e := entry{name: key.Value, value: v}
		e.node, e.line, e.comment = node, key.Line, key.LineComment != ""
		if key.Kind != yaml.ScalarNode || key.ShortTag() == "!!null" {
			return nil, e.errorf("a key must be a text: correct or quote it")
		}
		// In {username: u, password: a,b} the "b" is a key without a value.
		e.hidden = !showable(key.Value) || v.node.Style&yaml.FlowStyle != 0 && e.isNull()
		switch {
		case e.hidden:
			e.key = fmt.Sprintf("%s[%d]", v.key, i/2)
		case v.key == "":
			e.key = e.name
		default:
			e.key = v.key + "." + e.name
		}
		if line, duplicate := lineOf[e.name]; duplicate {
			return nil, e.errorf("duplicate key: remove it here or in line %d", line)
		}
		lineOf[e.name] = key.Line
		all = append(all, e)
	}
	return all, nil
}

// unknownKey returns the error about a key that is not among the allowed ones.
func (e entry) unknownKey(allowed []string) error {
	reason := "unknown key"
	if e.hidden {
		reason += " (hidden, as it can be a secret)"
	}
	if i := slices.IndexFunc(allowed, func(key string) bool { return strings.HasPrefix(e.name, key+":") }); i >= 0 {
		reason += fmt.Sprintf(": add a space after %q", allowed[i]+":")
	}
	return e.errorf("%s; allowed: %s", reason, strings.Join(allowed, ", "))
}

// items returns the elements of a list. An empty value is an empty list.
func (v value) items() ([]value, error) {
	if v.isNull() {
		return nil, nil
	}
	if !v.hasKind(yaml.SequenceNode) {
		hint := "write it as [VALUE]"
		if v.hasKind(yaml.MappingNode) {
			hint = `write "- " before the first key of each item`
		}
		return nil, v.errorf("must be a list, but is %s: %s", v.kindName(), hint)
	}
	all := make([]value, len(v.node.Content))
	for i, node := range v.node.Content {
		all[i] = value{node: node, file: v.file, line: node.Line, key: fmt.Sprintf("%s[%d]", v.key, i)}
	}
	return all, nil
}

// find returns the value at a path of keys.
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

// findClosest returns the value at the longest beginning of a path of keys that the file has.
func (v value) findClosest(keys ...string) value {
	for n := len(keys); n > 0; n-- {
		if found, ok := v.find(keys[:n]...); ok {
			return found
		}
	}
	return v
}

// mappingAt returns the mapping at a position, or v if there is none.
func (v value) mappingAt(mark yaml.Mark) (value, bool) {
	if v.node.Line == mark.Line && v.node.Column == mark.Column {
		return v, true
	}
	entries, _ := v.entries()
	for _, e := range entries {
		if found, ok := e.mappingAt(mark); ok && found.hasKind(yaml.MappingNode) {
			return found, true
		}
	}
	return v, false
}
