package oms

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-faster/jx"
)

// read reads one JSON value with reader.
func read[T any](t *testing.T, value string, reader func(*jx.Decoder, *T) error) T {
	t.Helper()
	var got T
	d := jx.DecodeStr(value)
	if err := reader(d, &got); err != nil {
		t.Fatalf("%s: %v", value, err)
	}
	return got
}

// checkRead reads each value with reader, and values that no scalar can be read from.
func checkRead[T comparable](t *testing.T, reader func(*jx.Decoder, *T) error, cases map[string]T) {
	t.Helper()
	var missing T
	for _, value := range []string{`null`, `""`, `" "`, `{}`, `{"a":1}`, `[]`, `[1]`, `"null"`} {
		cases[value] = missing
	}
	for value, want := range cases {
		if got := read(t, value, reader); got != want {
			t.Errorf("%s is %v, want %v", value, got, want)
		}
	}
}

func TestReadInt(t *testing.T) {
	missing := Opt[int64]{}
	cases := map[string]Opt[int64]{
		`151`: Some[int64](151), `"151"`: Some[int64](151), `" 151 "`: Some[int64](151), `-8`: Some[int64](-8),
		`"-8"`: Some[int64](-8),
		`0`:    Some[int64](0), `"0"`: Some[int64](0), `-0`: Some[int64](0), `1e3`: Some[int64](1000),
		`"1E3"`: Some[int64](1000), `7.0`: Some[int64](7),
		`9223372036854775807`: Some[int64](1<<63 - 1), `-9223372036854775808`: Some[int64](-1 << 63),
		`"9007199254740993"`:  Some[int64](1<<53 + 1),
		`9223372036854775808`: missing, `1e19`: missing, `-1e19`: missing, `1e999`: missing, `7.5`: missing,
		`"100,30"`: missing, `"12a"`: missing, `"0x10"`: missing, `"1_000"`: missing, `"NaN"`: missing,
		`"Inf"`: missing, `true`: missing, `"-"`: missing,
	}
	checkRead(t, readInt, cases)
}

func TestReadFloat(t *testing.T) {
	missing := Opt[float64]{}
	cases := map[string]Opt[float64]{
		`62`: Some(62.0), `"62"`: Some(62.0), `62.5`: Some(62.5), `"62.5"`: Some(62.5), `-0.5`: Some(-0.5),
		`1e3`: Some(1000.0), `"1e-3"`: Some(0.001),
		`"+5"`: Some(5.0), `1.7976931348623157e308`: Some(1.7976931348623157e308), `1e-400`: Some(0.0),
		`1e309`: missing, `"-1e309"`: missing, `"100,30"`: missing, `"NaN"`: missing, `"nan"`: missing,
		`"Infinity"`: missing, `"-Inf"`: missing,
		`"0x1p4"`: missing, `"1_0"`: missing, `"62%"`: missing, `"e"`: missing, `"."`: missing, `true`: missing,
		`"１２"`: missing,
	}
	checkRead(t, readFloat, cases)
}

func TestReadBool(t *testing.T) {
	missing := Opt[bool]{}
	cases := map[string]Opt[bool]{
		`true`: Some(true), `"true"`: Some(true), `"True"`: Some(true), `"TRUE"`: Some(true), `" true "`: Some(true),
		`1`: Some(true), `"1"`: Some(true),
		`false`: Some(false), `"false"`: Some(false), `"FALSE"`: Some(false), `0`: Some(false), `"0"`: Some(false),
		`2`: missing, `-1`: missing, `"yes"`: missing, `"t"`: missing, `"truetrue"`: missing,
	}
	checkRead(t, readBool, cases)
}

func TestReadTime(t *testing.T) {
	at := time.Date(2024, 9, 13, 9, 8, 34, 0, time.UTC)
	missing := time.Time{}
	cases := map[string]time.Time{
		// Without a zone: UTC.
		`"2024-09-13T09:08:34"`: at, `"2024-09-13 09:08:34"`: at, `"2024-09-13t09:08:34"`: at,
		`" 2024-09-13T09:08:34 "`: at,
		// A zone is honored.
		`"2024-09-13T09:08:34Z"`: at, `"2024-09-13T09:08:34z"`: at, `"2024-09-13T17:08:34+08:00"`: at,
		`"2024-09-13T17:08:34+0800"`: at,
		`"2024-09-13T17:08:34+08"`:   at, `"2024-09-13T05:38:34-03:30"`: at, `"2024-09-13 17:08:34+08:00"`: at,
		// A fraction is honored.
		`"2024-09-13T09:08:34.5"`:            at.Add(500 * time.Millisecond),
		`"2024-09-13T17:08:34.123456+08:00"`: at.Add(123456 * time.Microsecond),
		`"2024-09-13T09:08:34.000Z"`:         at, `"2024-09-13T09:08:34,25"`: at.Add(250 * time.Millisecond),
		// Unix seconds and milliseconds.
		`1726218514`: at, `"1726218514"`: at, `1726218514.5`: at.Add(500 * time.Millisecond), `1.726218514e9`: at,
		`1726218514000`: at, `"1726218514000"`: at, `1726218514123`: at.Add(123 * time.Millisecond),
		`100000000000`: time.Unix(1e11, 0).UTC(), `100000000001`: time.UnixMilli(1e11 + 1).UTC(),
		`1`: time.Unix(1, 0).UTC(),
		// Not set.
		`0`: missing, `"0"`: missing, `-1`: missing, `-1726218514`: missing, `"1970-01-01T00:00:00"`: missing,
		`"1970-01-01T08:00:00+08:00"`: missing,
		`"1969-12-31T23:59:59"`:       missing, `"0001-01-01T00:00:00"`: missing, `"0000-00-00T00:00:00"`: missing,
		// No times.
		`"100,30"`: missing, `"2024-09-13"`: missing, `"2024-13-01T00:00:00"`: missing,
		`"2024-02-30T00:00:00"`: missing, `"yesterday at five o'clock"`: missing,
		`1e17`: missing, `1e300`: missing, `true`: missing, `"2024-09-13T09:08:34+99:99:99:99:99:99:99:99:99"`: missing,
		`"2024-09-13T09:08:34 UTC"`:                             missing,
		`"2024-09-13T09:08:34` + strings.Repeat("0", 100) + `"`: missing,
	}
	checkRead(t, readTime, cases)
}

func TestOptOr(t *testing.T) {
	missing, one, two := Opt[int]{}, Some(1), Some(2)
	if one.Or(two) != one || missing.Or(two) != two || missing.Or(missing).Valid {
		t.Error("Or does not return the first valid value")
	}
}

// The short cut has to return the same as time.Parse.
func TestParsePlainDate(t *testing.T) {
	for _, text := range []string{
		"2025-06-01T08:00:07", "2024-02-29T00:00:00", "2023-02-29T00:00:00", "2025-02-30T00:00:00",
		"2025-13-01T00:00:00", "2025-00-10T00:00:00", "2025-01-00T00:00:00", "2025-04-31T00:00:00",
		"2025-12-31T23:59:59", "2025-12-31T24:00:00", "2025-12-31T23:60:00", "2025-12-31T23:59:60",
		"0000-01-01T00:00:00", "9999-12-31T23:59:59", "1970-01-01T00:00:00", "2025-6-001T08:00:07",
		"2025-06-01 08:00:07", "2025/06/01T08:00:07", "2025-06-01T08:00:0x", "+025-06-01T08:00:07",
		"2025-06-01T-8:00:07",
	} {
		want, err := time.Parse(time.RFC3339, text+"Z")
		got, ok := parsePlainDate([]byte(text))
		if ok != (err == nil) || ok && got != want.UTC() { //nolint:revive // the location is to be the same, too
			t.Errorf("%s: %v %t, want %v %v", text, got, ok, want, err)
		}
	}
}

func TestParseDigits(t *testing.T) {
	for _, text := range []string{"0", "7", "007", "151", "1748764796", "999999999999999", "1000000000000000", "", "-1",
		"+1", "1.5", "1e3", " 1", "１"} {
		want, err := strconv.ParseUint(text, 10, 63)
		got, ok := parseDigits([]byte(text))
		if len(text) > 15 {
			err = strconv.ErrRange
		}
		if ok != (err == nil) || ok && uint64(got) != want { //nolint:gosec // it is no less than 0
			t.Errorf("%q: %d %t, want %d %v", text, got, ok, want, err)
		}
	}
}
