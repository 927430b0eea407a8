package oms

import (
	"bytes"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-faster/jx"
)

// scalar reads one value and returns the text of it, the same for 151 and "151", true and "true". It is nil for null, for an empty
// string, and for an object or array, which no scalar can be read from. The text lives until the decoder is used again.
func readScalar(d *jx.Decoder) ([]byte, error) {
	switch d.Next() {
	case jx.String:
		return d.StrBytes()
	case jx.Number, jx.Bool:
		return d.Raw()
	default:
		return nil, d.Skip()
	}
}

// validString copies b, with whatever is not UTF-8 replaced: one bad label value would fail a whole scrape.
func validString(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	return strings.ToValidUTF8(string(b), "\uFFFD")
}

// parseBool accepts true and false in any case, 1 and 0.
func parseBool(b []byte) Opt[bool] {
	switch b = bytes.TrimSpace(b); {
	case bytes.EqualFold(b, []byte("true")), string(b) == "1":
		return Some(true)
	case bytes.EqualFold(b, []byte("false")), string(b) == "0":
		return Some(false)
	}
	return Opt[bool]{}
}

// parseFloat accepts decimal numbers as JSON writes them; a text like "100,30", and a number that no float holds, is missing.
func parseFloat(b []byte) Opt[float64] {
	b = bytes.TrimSpace(b)
	if len(b) == 0 {
		return Opt[float64]{}
	}
	if v, ok := parseDigits(b); ok { // as most are
		return Some(float64(v))
	}
	for _, c := range b {
		// strconv would accept more: Inf, NaN, hexadecimal, underscores.
		if (c < '0' || c > '9') && c != '-' && c != '+' && c != '.' && c != 'e' && c != 'E' {
			return Opt[float64]{}
		}
	}
	v, err := strconv.ParseFloat(string(b), 64)
	if err != nil {
		return Opt[float64]{}
	}
	return Some(v)
}

// digits reads a whole number of so few digits that a float holds it exactly.
func parseDigits(b []byte) (v int64, ok bool) {
	const most = 15
	if len(b) == 0 || len(b) > most {
		return 0, false
	}
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		v = 10*v + int64(c-'0')
	}
	return v, true
}

// parseInt accepts what parseFloat does, as long as it is whole.
func parseInt(b []byte) Opt[int64] {
	if v, ok := parseDigits(b); ok {
		return Some(v)
	}
	if v, err := strconv.ParseInt(string(bytes.TrimSpace(b)), 10, 64); err == nil {
		return Some(v)
	}
	v := parseFloat(b)
	if !v.Valid || v.Value != math.Trunc(v.Value) || math.Abs(v.Value) >= 1<<63 {
		return Opt[int64]{}
	}
	return Some(int64(v.Value))
}

// Unix numbers above this are milliseconds: as seconds they would lie 3,000 years ahead.
const maxUnixSeconds = 1e11

// timeLayouts are tried in this order; time.Parse accepts a fraction behind the seconds of each.
var timeLayouts = []string{time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05Z07"}

// parseTime accepts a date and time, UTC where it names no zone, and Unix seconds or milliseconds. 1970-01-01T00:00:00 and
// whatever lies before it is missing: it stands for a time that nobody set.
func parseTime(b []byte) time.Time {
	b = bytes.TrimSpace(b)
	var t time.Time
	if v, ok := parseFloat(b).Get(); ok {
		t = unixTime(v)
	} else {
		t = parseDate(b)
	}
	if t.Unix() <= 0 {
		return time.Time{}
	}
	return t
}

func unixTime(v float64) time.Time {
	switch {
	case v <= 0, v > 1000*maxUnixSeconds:
		return time.Time{}
	case v > maxUnixSeconds:
		return time.UnixMilli(int64(v)).UTC()
	}
	seconds, fraction := math.Modf(v)
	return time.Unix(int64(seconds), int64(fraction*1e9)).UTC()
}

func parseDate(b []byte) time.Time {
	const date, second = len("2006-01-02"), len("2006-01-02T15:04:05")
	if t, ok := parsePlainDate(b); ok {
		return t
	}
	if len(b) < second || len(b) > 2*second {
		return time.Time{}
	}
	var buf [2*second + 1]byte
	text := append(buf[:0], b...)
	if text[date] == ' ' || text[date] == 't' {
		text[date] = 'T'
	}
	switch last := len(text) - 1; {
	case text[last] == 'z':
		text[last] = 'Z'
	case !bytes.ContainsAny(text[second:], "Z+-"):
		text = append(text, 'Z')
	}
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, string(text)); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}

// plainDate reads 2006-01-02T15:04:05, which is how OMS writes nearly all of its times; parseDate reads the same, more slowly.
func parsePlainDate(b []byte) (t time.Time, ok bool) {
	const pattern = "2006-01-02T15:04:05"
	if len(b) != len(pattern) || b[4] != '-' || b[7] != '-' || b[10] != 'T' || b[13] != ':' || b[16] != ':' {
		return time.Time{}, false
	}
	var fields [6]int
	for i, at := range [...]struct{ begin, end int }{{0, 4}, {5, 7}, {8, 10}, {11, 13}, {14, 16}, {17, 19}} {
		v, ok := parseDigits(b[at.begin:at.end])
		if !ok {
			return time.Time{}, false
		}
		fields[i] = int(v)
	}
	t = time.Date(fields[0], time.Month(fields[1]), fields[2], fields[3], fields[4], fields[5], 0, time.UTC)
	// What is out of its range has been carried over into the next field.
	valid := int(t.Month()) == fields[1] && t.Day() == fields[2] && t.Hour() == fields[3] && t.Minute() == fields[4] && t.Second() == fields[5]
	return t, valid
}
