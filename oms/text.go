package oms

import (
	"strings"

	"github.com/oms-exporter/oms_exporter/internal/textutil"
)

// maxText bounds every text of upstream that is kept, logged or shown: messages, advice, excerpts, a decoder's errors.
const maxText = 500

// sanitize redacts and cuts a text from upstream. It redacts first: a cut must not leave half of a secret.
func sanitize(redact func(string) string, s string) string {
	return sanitizeTo(maxSanitized, redact, s)
}

// maxSanitized bounds the work on a hostile text.
const maxSanitized = 128 * maxText

// sanitizeTo is sanitize with another limit: it only uses the beginning of a text that is longer than longest.
func sanitizeTo(longest int, redact func(string) string, s string) string {
	long := len(s) > longest
	if long {
		s = s[:longest]
	}
	if redact != nil {
		s = redact(s)
	}
	if long { // its end may be a part of a secret
		s = s[:max(0, len(s)-longest/2)]
	}
	kept := textutil.Cut(textutil.OneLine(s), maxText)
	if len(kept) < len(s) { // a part of s would keep all of it in memory
		kept = strings.Clone(kept)
	}
	return kept
}
