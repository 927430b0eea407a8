package page

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Limits of texts from an OMS, in characters.
const (
	nameLimit    = 160 // of names and other texts of one line
	messageLimit = 500 // of messages; package oms has the same limit
	errorLimit   = 2000
)

// Text is a text from elsewhere: limited in length, printable, and marked with its language.
type Text struct {
	Value string
	Lang  string // zh for Chinese, which fonts and screen readers need; otherwise empty
}

func nameText(s string) Text    { return newText(s, nameLimit) }
func messageText(s string) Text { return newText(s, messageLimit) }

// newText makes a Text of at most limit characters. It replaces an invisible character, such as a control character or
// one that reverses the direction of writing, by a visible one.
func newText(s string, limit int) Text {
	var b strings.Builder
	lang, n := "", 0
	for _, r := range strings.TrimSpace(s) {
		if n++; n > limit {
			b.WriteRune('…')
			break
		}
		switch {
		case unicode.IsSpace(r):
			r = ' '
		case !unicode.IsPrint(r):
			r = unicode.ReplacementChar
		case unicode.Is(unicode.Han, r):
			lang = "zh"
		}
		b.WriteRune(r)
	}
	return Text{Value: b.String(), Lang: lang}
}

// seconds returns a duration of s seconds, limited to what a duration can hold.
func seconds(s float64) time.Duration {
	const most = float64(math.MaxInt64 / int64(time.Second) / 2)
	return time.Duration(max(-most, min(s, most)) * float64(time.Second))
}

// magnitude is a unit of large quantities. It applies to values of at least from.
type magnitude struct {
	from, size float64
	name       string
}

// englishMagnitudes are the units in English, the largest first.
var englishMagnitudes = []magnitude{
	{from: 1e12, size: 1e12, name: " T"},
	{from: 1e9, size: 1e9, name: " G"},
	{from: 1e6, size: 1e6, name: " M"},
	{from: 1e4, size: 1e3, name: " k"},
}

// quantity returns a number of records or alarms, large ones with a unit.
func (l *locale) quantity(v float64) string {
	for _, m := range l.magnitudes {
		if v >= m.from {
			return strconv.FormatFloat(v/m.size, 'f', 1, 64) + m.name
		}
	}
	return strconv.FormatFloat(math.Round(v), 'f', 0, 64) + l.noMagnitude
}
