package config

import (
	"fmt"
	"strings"

	"github.com/oms-exporter/oms_exporter/internal/textutil"
)

// maxErrorBytes bounds the text of an Error.
const maxErrorBytes = 1000

// Error is a mistake in a configuration, and its place. It never contains a secret.
type Error struct {
	// File is the path that Load received; empty for a Config that no file describes.
	File string
	// Line counts from 1; 0: unknown.
	Line int
	// Column counts characters from 1; 0: unknown. Only syntax errors have one.
	Column int
	// Key is the path of the setting, such as targets[0].page_size; it can be empty.
	Key string
	// Reason is the mistake and its correction.
	Reason string
}

// Error returns the error in one line of at most 1000 bytes, such as
// "config.yml:7: targets[0].page_size: 151 is out of range: use 1 to 150".
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(textutil.Cut(textutil.OneLine(e.File), 300))
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d", e.Line)
	}
	if e.Column > 0 {
		fmt.Fprintf(&b, ":%d", e.Column)
	}
	if b.Len() > 0 {
		b.WriteString(": ")
	}
	if e.Key != "" {
		b.WriteString(textutil.Cut(e.Key, 200) + ": ")
	}
	b.WriteString(textutil.OneLine(e.Reason))
	return textutil.Cut(b.String(), maxErrorBytes)
}

// showable reports whether an error can show a key or a value. A mistake in the YAML can turn a password into a key
// ("{password:x}"). A word with at most one digit is not a password: OMS requires two digits in a password, and tokens
// have more.
func showable(word string) bool {
	digits := 0
	for _, r := range word {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r == '_', r == '-', r == '.':
		default:
			return false
		}
	}
	return word != "" && len(word) <= 40 && digits <= 1
}

// quoted returns a text in quotes, or "this text" if it can be a secret in the wrong place.
func quoted(text string) string {
	if showable(text) {
		return `"` + text + `"`
	}
	return "this text"
}
