package oms

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestSanitize(t *testing.T) {
	for _, tt := range []struct{ rule, text, want string }{
		{"it is one line", " a\r\n\tb\x00c\u2028d ", "a b c d"},
		{"secrets are removed", "user monitor, password hunter2", "user monitor, password <secret>"},
		{"just the bound stays whole", strings.Repeat("x", maxText), strings.Repeat("x", maxText)},
		{"one more is cut", strings.Repeat("x", maxText+1), strings.Repeat("x", maxText-3) + "…"},
		{"no secret is cut in two", strings.Repeat("x", maxText-6) + "hunter2", strings.Repeat("x", maxText-6) +
			"<se…"},
		{"nor where a long text ends", strings.Repeat(" ", maxSanitized-4) + "hunter2", ""},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			got := sanitize(redactPassword, tt.text)
			if got != tt.want || len(got) > maxText || !utf8.ValidString(got) {
				t.Errorf("got %q", got)
			}
		})
	}
	if got := sanitize(nil, strings.Repeat("\xff", 1<<20)); len(got) > maxText {
		t.Errorf("%d bytes of a hostile text", len(got))
	}
}
