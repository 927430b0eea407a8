package web

import (
	"strings"
	"testing"
)

func TestExcerpt(t *testing.T) {
	if got := excerpt(strings.Repeat("x", maxLogParam)); len(got) != maxLogParam {
		t.Errorf("%d bytes", len(got))
	}
	if got := excerpt(strings.Repeat("界", maxLogParam)); len(got) > maxLogParam+len("…") ||
		strings.ContainsRune(got, '\uFFFD') {
		t.Errorf("%q", got)
	}
}
