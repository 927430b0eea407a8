// Package textutil makes texts fit to be shown in one line of a log, an error or a page.
package textutil

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// OneLine returns s as one line of printable characters. Runs of spaces, line breaks and other characters that cannot
// be printed become one space, invalid UTF-8 becomes the replacement character.
func OneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, strings.ToValidUTF8(s, string(utf8.RuneError)))
	return strings.Join(strings.Fields(s), " ")
}

// Cut returns at most limit bytes of s. A text that is longer ends with an ellipsis, and no character is cut in two.
func Cut(s string, limit int) string {
	const ellipsis = "…"
	if len(s) <= limit {
		return s
	}
	end := limit - len(ellipsis)
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + ellipsis
}
