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

var plainTags = []string{"!!str", "!!int", "!!float", "!!bool", "!!timestamp"}

// text accepts every scalar as it is written: a password can be 12345678.
func (v value) text() (string, error) {
	if !v.hasKind(yaml.ScalarNode) {
		return "", v.errorf("must be a text, but is %s: write one value, and quote a text that begins with [ or {", v.kindName())
	}
	if v.isNull() {
		return "", v.errorf("has no value: %s", v.nullHint())
	}
	if !slices.Contains(plainTags, v.node.ShortTag()) {
		return "", v.errorf("has a tag: quote a text that begins with !")
	}
	return v.node.Value, nil
}

// nullHint returns the hint for an empty value. The user probably meant a text that YAML reads as empty, such as one
// that begins with # or &.
func (v value) nullHint() string {
	switch {
	case v.node.Anchor != "":
		return "quote a text that begins with &"
	case v.node.Value != "": // null in any case, or ~
		return "quote a text that is ~ or null"
	case v.comment:
		return "quote a text that begins with #"
	}
	return `write an empty text as ""`
}

func (v value) boolean() (bool, error) {
	if !v.hasKind(yaml.ScalarNode) || v.node.ShortTag() != "!!bool" {
		return false, v.errorf("must be true or false, but is %s: write it without quotes", v.kindName())
	}
	return strings.EqualFold(v.node.Value, "true"), nil
}

func (v value) number(lowest, highest int) (int, error) {
	if !v.hasKind(yaml.ScalarNode) || v.node.ShortTag() != "!!int" {
		return 0, v.errorf("must be a whole number from %d to %d, but is %s: write digits without quotes", lowest, highest,
			v.kindName())
	}
	n, err := strconv.Atoi(v.node.Value)
	if err != nil {
		return 0, v.errorf("must be a whole number in decimal digits: use %d to %d", lowest, highest)
	}
	if n < lowest || n > highest {
		return 0, v.errorf("%d is out of range: use %d to %d", n, lowest, highest)
	}
	return n, nil
}

func (v value) duration(lowest, highest time.Duration) (time.Duration, error) {
	allowed := fmt.Sprintf("use %s to %s", formatDuration(lowest), formatDuration(highest))
	text, err := v.text()
	if err != nil {
		return 0, v.errorf("must be a duration such as 30s, 5m or 7d, but is %s: %s", v.kindName(), allowed)
	}
	parsed, err := model.ParseDuration(text)
	if err != nil {
		return 0, v.errorf("must be a duration with a unit, such as 30s, 5m or 7d: %s", allowed)
	}
	d := time.Duration(parsed)
	if d < lowest || d > highest {
		return 0, v.errorf("%s is out of range: %s", formatDuration(d), allowed)
	}
	return d, nil
}

func (v value) size(lowest, highest int64) (int64, error) {
	allowed := fmt.Sprintf("use %s to %s", formatSize(lowest), formatSize(highest))
	text, err := v.text()
	if err != nil {
		return 0, v.errorf("must be a size such as 256MiB, but is %s: %s", v.kindName(), allowed)
	}
	n, ok := parseSize(text)
	if !ok {
		return 0, v.errorf("must be a size such as 256MiB, 1GB or 1000000: %s", allowed)
	}
	if n == math.MaxInt64 {
		return 0, v.errorf("is out of range: %s", allowed)
	}
	if n < lowest || n > highest {
		return 0, v.errorf("%s is out of range: %s", formatSize(n), allowed)
	}
	return n, nil
}
