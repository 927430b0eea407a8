package page

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Bounds of texts that an OMS sent, in characters.
const (
	nameLimit    = 160 // of names and other things that stand in a line
	messageLimit = 500 // of messages: as long as package oms keeps them
	errorLimit   = 2000
)

// Text is a text that is not ours: bounded, of printable characters, and marked with its language as far as a browser
// needs it.
type Text struct {
	Value string
	Lang  string // zh for Chinese, which fonts and screen readers have to know; else empty
}

func nameText(s string) Text    { return newText(s, nameLimit) }
func messageText(s string) Text { return newText(s, messageLimit) }

// bounded makes a Text of at most limit characters. What cannot be seen, such as a control character or one that
// reverses the direction of writing, becomes a visible replacement.
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
	return Text{b.String(), lang}
}

// Moment is a time as pages show it: in UTC, and how long ago that is.
type Moment struct{ at, now time.Time }

// ISO is for the datetime attribute.
func (m Moment) ISO() string { return m.at.UTC().Format(time.RFC3339) }

// UTC is for people.
func (m Moment) UTC() string { return m.at.UTC().Format("2006-01-02 15:04:05 UTC") }

// Known says whether there is a time at all.
func (m Moment) Known() bool { return !m.at.IsZero() }

// Ago is how long ago it is. What lies in the future does so because clocks differ, and is now.
func (m Moment) Ago() string { return formatDuration(max(m.now.Sub(m.at), 0)) + " ago" }

// span writes a duration in its two largest units.
func formatDuration(d time.Duration) string {
	const day = 24 * time.Hour
	sign := ""
	if d < 0 {
		sign, d = "−", -d
	}
	switch d = d.Round(time.Second); {
	case d < time.Minute:
		return fmt.Sprintf("%s%d s", sign, d/time.Second)
	case d < time.Hour:
		return sign + units(d, time.Minute, "min", time.Second, "s")
	case d < day:
		return sign + units(d, time.Hour, "h", time.Minute, "min")
	default:
		return sign + units(d, day, "d", time.Hour, "h")
	}
}

func units(d, large time.Duration, largeName string, small time.Duration, smallName string) string {
	if rest := d % large / small; rest != 0 {
		return fmt.Sprintf("%d %s %d %s", d/large, largeName, rest, smallName)
	}
	return fmt.Sprintf("%d %s", d/large, largeName)
}

// took writes how long a walk lasted.
func formatElapsed(d time.Duration) string {
	switch {
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return formatDuration(d)
}

// seconds is a duration of that many seconds, within what a duration can hold.
func seconds(s float64) time.Duration {
	const most = float64(math.MaxInt64 / int64(time.Second) / 2)
	return time.Duration(max(-most, min(s, most)) * float64(time.Second))
}

// quantity writes a number of records in three or four digits.
func formatQuantity(v float64) string {
	for _, unit := range []struct {
		size float64
		name string
	}{{1e12, " T"}, {1e9, " G"}, {1e6, " M"}, {1e4, " k"}} {
		if v >= unit.size {
			if unit.name == " k" {
				unit.size = 1e3
			}
			return strconv.FormatFloat(v/unit.size, 'f', 1, 64) + unit.name
		}
	}
	return strconv.FormatFloat(math.Round(v), 'f', 0, 64)
}

// counted writes a number of things: "1 task", "2 tasks".
func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return strconv.Itoa(n) + " " + thing + "s"
}
