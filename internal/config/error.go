package config

import (
	"fmt"
	"strings"

	"github.com/oms-exporter/oms_exporter/internal/textutil"
)

// maxErrorBytes bounds the text of an Error.
const maxErrorBytes = 1000

// Error says what is wrong with a configuration, and where. It never holds a
// secret.
type Error struct {
	// File is the name that Load was given; empty for a Config that was not
	// loaded.
	File string
	// Line counts from 1; 0: the error belongs to no line.
	Line int
	// Column counts from 1; only syntax errors have one.
	Column int
	// Key is the path of the setting, like targets[0].page_size; it may be
	// empty.
	Key string
	// Reason says what is wrong and what is allowed.
	Reason string
}

// Error returns the whole error in one line of at most 1000 bytes:
// "config.yml:7: targets[0].page_size: 151 is out of range: allowed is 1 to
// 150".
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

// nameable reports whether a key may stand in an error. A slip in the YAML can
// turn a password into a key ("{password:x}"), so only what looks like a word
// is shown: OMS asks for two digits in every password, and tokens have more.
func nameable(word string) bool {
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

// quoted returns the word in quotes, or else what kind of thing it is, where
// it might be a secret at the wrong place.
func quoted(word, kind string) string {
	if nameable(word) {
		return `"` + word + `"`
	}
	return "this " + kind
}
