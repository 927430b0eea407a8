package config

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
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
	b.WriteString(cut(oneLine(e.File), 300))
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d", e.Line)
	}
	if b.Len() > 0 {
		b.WriteString(": ")
	}
	if e.Key != "" {
		b.WriteString(cut(e.Key, 200) + ": ")
	}
	b.WriteString(oneLine(e.Reason))
	return cut(b.String(), maxErrorBytes)
}

// oneLine replaces line breaks, other control characters and broken UTF-8 by
// spaces, and runs of spaces by one.
func oneLine(text string) string {
	printable := strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text)
	return strings.Join(strings.Fields(printable), " ")
}

// cut shortens a text to at most limit bytes without breaking a character.
func cut(text string, limit int) string {
	const mark = "..."
	if len(text) <= limit {
		return text
	}
	end := limit - len(mark)
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + mark
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
