package config

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v4"
)

// value is a node of the file with what an error about it needs.
type value struct {
	node *yaml.Node
	file string
	line int    // of the key that it belongs to, if it has one
	key  string // its path from the root, fit to be shown

	comment bool // a comment stands behind the key

	keys map[string]string // what errors show in place of some keys; nil: no key
}

// entry is one key of a mapping with its value.
type entry struct {
	name string
	value
	// hidden says that the key cannot be shown, as it might be a secret.
	hidden bool
}

func (v value) errorf(format string, args ...any) error {
	key := v.key
	if shown, ok := v.keys[key]; ok {
		key = shown
	}
	return &Error{File: v.file, Line: v.line, Key: key, Reason: fmt.Sprintf(format, args...)}
}

func (v value) is(kind yaml.Kind) bool { return v.node != nil && v.node.Kind == kind }

func (v value) isNull() bool {
	return v.is(yaml.ScalarNode) && v.node.ShortTag() == "!!null"
}

// what names the kind of the value for an error.
func (v value) what() string {
	switch {
	case v.is(yaml.MappingNode):
		return "a mapping"
	case v.is(yaml.SequenceNode):
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
	if !v.is(yaml.MappingNode) {
		return nil, v.errorf("must be a mapping of keys to values, is %s", v.what())
	}
	var all []entry
	first := map[string]int{}
	for i := 0; i+1 < len(v.node.Content); i += 2 {
		key, node := v.node.Content[i], v.node.Content[i+1]
		e := entry{name: key.Value, value: value{node: node, file: v.file, line: key.Line, key: v.key, comment: key.LineComment != "", keys: v.keys}}
		if key.Kind != yaml.ScalarNode || key.ShortTag() == "!!null" {
			return nil, e.errorf("a key must be a word")
		}
		// In {username: u, password: a,b} the "b" is a key without a value.
		e.hidden = !nameable(key.Value) || v.node.Style&yaml.FlowStyle != 0 && e.isNull()
		e.key = join(v.key, e.name)
		if e.hidden {
			e.key = fmt.Sprintf("%s[%d]", v.key, i/2)
		}
		if line, twice := first[e.name]; twice {
			return nil, e.errorf("is given twice, first in line %d", line)
		}
		first[e.name] = key.Line
		all = append(all, e)
	}
	return all, nil
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// unknown is the error about a key that is not one of those allowed.
func (e entry) unknown(allowed []string) error {
	reason := "unknown key"
	if e.hidden {
		reason += " (not shown: it might be a secret)"
	}
	if i := slices.IndexFunc(allowed, func(key string) bool { return strings.HasPrefix(e.name, key+":") }); i >= 0 {
		reason += fmt.Sprintf("; is a space missing after %q?", allowed[i]+":")
	}
	return e.errorf("%s; allowed: %s", reason, strings.Join(allowed, ", "))
}

// items returns the elements of a list; an empty value is an empty list.
func (v value) items() ([]value, error) {
	if v.isNull() {
		return nil, nil
	}
	if !v.is(yaml.SequenceNode) {
		return nil, v.errorf("must be a list, is %s", v.what())
	}
	all := make([]value, len(v.node.Content))
	for i, node := range v.node.Content {
		all[i] = value{node: node, file: v.file, line: node.Line, key: fmt.Sprintf("%s[%d]", v.key, i)}
	}
	return all, nil
}

var plainTags = []string{"!!str", "!!int", "!!float", "!!bool", "!!timestamp"}

// text accepts any scalar as it is written: a password may well be 12345678.
func (v value) text() (string, error) {
	if !v.is(yaml.ScalarNode) {
		return "", v.errorf("must be a text, is %s", v.what())
	}
	if v.isNull() {
		return "", v.errorf("has no value: %s", v.cureOfNull())
	}
	if !slices.Contains(plainTags, v.node.ShortTag()) {
		return "", v.errorf("has a tag: a text that begins with ! needs quotes")
	}
	return v.node.Value, nil
}

// cureOfNull names what stands in place of a text, as a rule a character that YAML gives a meaning.
func (v value) cureOfNull() string {
	switch {
	case v.node.Anchor != "":
		return "a text that begins with & needs quotes"
	case v.node.Value != "": // null in any case, or ~
		return "a text that is ~ or null needs quotes"
	case v.comment:
		return "a text that begins with # needs quotes"
	}
	return `an empty text is ""`
}

func (v value) texts() ([]string, error) {
	items, err := v.items()
	if err != nil {
		return nil, err
	}
	var all []string
	for _, item := range items {
		text, err := item.text()
		if err != nil {
			return nil, err
		}
		all = append(all, text)
	}
	return all, nil
}

func (v value) boolean() (bool, error) {
	if !v.is(yaml.ScalarNode) || v.node.ShortTag() != "!!bool" {
		return false, v.errorf("must be true or false, is %s", v.what())
	}
	return strings.EqualFold(v.node.Value, "true"), nil
}

func (v value) number(lowest, highest int) (int, error) {
	if !v.is(yaml.ScalarNode) || v.node.ShortTag() != "!!int" {
		return 0, v.errorf("must be a whole number from %d to %d, is %s", lowest, highest, v.what())
	}
	n, err := strconv.Atoi(v.node.Value)
	if err != nil {
		return 0, v.errorf("must be a whole number in digits: allowed is %d to %d", lowest, highest)
	}
	if n < lowest || n > highest {
		return 0, v.errorf("%d is out of range: allowed is %d to %d", n, lowest, highest)
	}
	return n, nil
}

func (v value) duration(lowest, highest time.Duration) (time.Duration, error) {
	allowed := fmt.Sprintf("allowed is %s to %s", formatDuration(lowest), formatDuration(highest))
	text, err := v.text()
	if err != nil {
		return 0, v.errorf("must be a duration like 30s, 5m or 7d, is %s: %s", v.what(), allowed)
	}
	parsed, err := model.ParseDuration(text)
	if err != nil {
		return 0, v.errorf("must be a duration with its unit, like 30s, 5m or 7d: %s", allowed)
	}
	d := time.Duration(parsed)
	if d < lowest || d > highest {
		return 0, v.errorf("%s is out of range: %s", formatDuration(d), allowed)
	}
	return d, nil
}

func (v value) size(lowest, highest int64) (int64, error) {
	allowed := fmt.Sprintf("allowed is %s to %s", formatSize(lowest), formatSize(highest))
	text, err := v.text()
	if err != nil {
		return 0, v.errorf("must be a size like 256MiB, is %s: %s", v.what(), allowed)
	}
	n, ok := parseSize(text)
	if !ok {
		return 0, v.errorf("must be a size like 256MiB, 1GB or 1000000: %s", allowed)
	}
	if n == math.MaxInt64 {
		return 0, v.errorf("is out of range: %s", allowed)
	}
	if n < lowest || n > highest {
		return 0, v.errorf("%s is out of range: %s", formatSize(n), allowed)
	}
	return n, nil
}
