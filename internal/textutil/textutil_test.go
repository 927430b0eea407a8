package textutil

import (
	"strings"
	"testing"
)

func TestOneLine(t *testing.T) {
	for _, c := range []struct{ rule, text, want string }{
		{"printable text stays", "源端数据库 is down", "源端数据库 is down"},
		{"line breaks and runs of spaces become one space", " a\r\n\tb  c\u2028d ", "a b c d"},
		{"escape sequences and control characters become spaces", "a\x1b[31mb\x00c", "a [31mb c"},
		{"marks that turn the direction of a text become spaces", "a\u202eb", "a b"},
		{"invalid UTF-8 is replaced", "a\xff\xfeb", "a\uFFFDb"},
	} {
		t.Run(c.rule, func(t *testing.T) {
			if got := OneLine(c.text); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestCut(t *testing.T) {
	for _, c := range []struct{ rule, text, want string }{
		{"a text of the limit stays", strings.Repeat("x", 10), strings.Repeat("x", 10)},
		{"a longer text ends with an ellipsis", strings.Repeat("x", 11), strings.Repeat("x", 7) + "…"},
		{"no character is cut in two", strings.Repeat("延", 4), "延延…"},
	} {
		t.Run(c.rule, func(t *testing.T) {
			if got := Cut(c.text, 10); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
