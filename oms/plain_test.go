package oms

import (
	"strconv"
	"testing"
	"time"
)

// The short cut is one only if it changes nothing.
func TestAPlainDateIsReadAsTimeParseReadsIt(t *testing.T) {
	for _, text := range []string{
		"2025-06-01T08:00:07", "2024-02-29T00:00:00", "2023-02-29T00:00:00", "2025-02-30T00:00:00", "2025-13-01T00:00:00", "2025-00-10T00:00:00",
		"2025-01-00T00:00:00", "2025-04-31T00:00:00", "2025-12-31T23:59:59", "2025-12-31T24:00:00", "2025-12-31T23:60:00", "2025-12-31T23:59:60",
		"0000-01-01T00:00:00", "9999-12-31T23:59:59", "1970-01-01T00:00:00", "2025-6-001T08:00:07", "2025-06-01 08:00:07", "2025/06/01T08:00:07",
		"2025-06-01T08:00:0x", "+025-06-01T08:00:07", "2025-06-01T-8:00:07",
	} {
		want, err := time.Parse(time.RFC3339, text+"Z")
		got, ok := plainDate([]byte(text))
		if ok != (err == nil) || ok && got != want.UTC() { //nolint:revive // the location is to be the same, too
			t.Errorf("%s: %v %t, want %v %v", text, got, ok, want, err)
		}
	}
}

func TestDigitsAreReadAsStrconvReadsThem(t *testing.T) {
	for _, text := range []string{"0", "7", "007", "151", "1748764796", "999999999999999", "1000000000000000", "", "-1", "+1", "1.5", "1e3", " 1", "１"} {
		want, err := strconv.ParseUint(text, 10, 63)
		got, ok := digits([]byte(text))
		if len(text) > 15 {
			err = strconv.ErrRange
		}
		if ok != (err == nil) || ok && uint64(got) != want { //nolint:gosec // it is no less than 0
			t.Errorf("%q: %d %t, want %d %v", text, got, ok, want, err)
		}
	}
}
