package oms

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxText bounds every text of upstream that is kept, logged or shown: messages, advice, excerpts, a decoder's errors.
const maxText = 500

// cutText shortens s to maxText bytes at most, at the border of a character.
func cutText(s string) string { return cutAt(s, maxText) }

func cutAt(s string, longest int) string {
	const more = "…"
	if len(s) <= longest {
		return s
	}
	end := longest - len(more)
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + more
}

// oneLine makes s a single line of printable characters: one error is one line of a log.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return strings.Join(strings.Fields(s), " ")
}

// tidy makes a text of upstream fit to be kept: secrets are redacted first, so that no cut leaves half of one.
func tidy(redact func(string) string, s string) string { return tidyTo(maxTidied, redact, s) }

// maxTidied bounds the work on a hostile text.
const maxTidied = 128 * maxText

// tidyTo is tidy that looks at the beginning of a text that is longer than longest.
func tidyTo(longest int, redact func(string) string, s string) string {
	long := len(s) > longest
	if long {
		s = s[:longest]
	}
	if redact != nil {
		s = redact(s)
	}
	if long { // half a secret may stand at its end
		s = s[:max(0, len(s)-longest/2)]
	}
	kept := cutText(oneLine(s))
	if len(kept) < len(s) { // it may lie within a text that is much longer
		kept = strings.Clone(kept)
	}
	return kept
}
