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

// readScalar returns the text of the next value, the same for 151 and "151", true and "true". It returns nil for null,
// an empty string, an object and an array. The text is valid until the next use of the decoder.
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

// validString copies b and replaces invalid UTF-8: one bad label value would fail the whole scrape.
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

// parseFloat accepts decimal numbers in the form of JSON. A text like "100,30" and a number that overflows are missing.
func parseFloat(b []byte) Opt[float64] {
	b = bytes.TrimSpace(b)
	if len(b) == 0 {
		return Opt[float64]{}
	}
	if v, ok := parseDigits(b); ok { // the usual form
		return Some(float64(v))
	}
	for _, c := range b {
		// strconv accepts more: Inf, NaN, hexadecimal numbers, underscores.
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

// parseDigits reads a whole number with at most 15 digits, which a float represents exactly.
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

// parseInt accepts the whole numbers that parseFloat accepts.
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

// Unix numbers above this are milliseconds: as seconds they are 3,000 years ahead.
const maxUnixSeconds = 1e11

// timeLayouts are tried in this order. time.Parse accepts a fraction after the seconds of each.
var timeLayouts = []string{time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05Z07"}

// parseTime accepts a date with a time, in UTC if it has no zone, and Unix seconds or milliseconds. 1970-01-01T00:00:00
// and earlier times are missing: OMS sends them for a time that is not set.
func parseTime(b []byte) time.Time {
	b = bytes.TrimSpace(b)
	var t time.Time
	if number := parseFloat(b); number.Valid {
		t = unixTime(number.Value)
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

// parsePlainDate reads 2006-01-02T15:04:05, the usual form of OMS. parseDate accepts the same form but is slower.
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
	// time.Date carries a field that is out of range over to the next field.
	valid := int(t.Month()) == fields[1] && t.Day() == fields[2] && t.Hour() == fields[3] && t.Minute() == fields[4] &&
		t.Second() == fields[5]
	return t, valid
}
