package page

import (
	"strings"
	"testing"
	"time"
)

func TestNewText(t *testing.T) {
	for _, c := range []struct{ rule, in, want, lang string }{
		{"plain", "orders", "orders", ""},
		{"Chinese is marked", "订单 orders", "订单 orders", "zh"},
		{"line breaks and tabs are spaces", " a\nb\tc ", "a b c", ""},
		{"a character that reverses the direction of writing becomes visible", "a\u202egpj.exe", "a\ufffdgpj.exe", ""},
		{"control characters become visible", "a\x00\x1b[31m", "a\ufffd\ufffd[31m", ""},
		{"invalid UTF-8 is replaced", "a\xff", "a\ufffd", ""},
		{"a long text is cut between characters", strings.Repeat("订", 500), strings.Repeat("订", nameLimit) + "…", "zh"},
		{"a text of the limit is not cut", strings.Repeat("a", nameLimit), strings.Repeat("a", nameLimit), ""},
	} {
		if got := nameText(c.in); got != (Text{c.want, c.lang}) {
			t.Errorf("%s: %+q, want %+q in %q", c.rule, got, c.want, c.lang)
		}
	}
}

func TestDuration(t *testing.T) {
	for _, c := range []struct {
		d    time.Duration
		want string
	}{
		{0, "0 s"}, {499 * time.Millisecond, "0 s"}, {59*time.Second + 400*time.Millisecond, "59 s"},
		{59*time.Second + 600*time.Millisecond, "1 min"},
		{61 * time.Second, "1 min 1 s"}, {time.Hour, "1 h"},
		{4*time.Hour + 41*time.Minute + 59*time.Second, "4 h 41 min"},
		{24 * time.Hour, "1 d"}, {50 * time.Hour, "2 d 2 h"}, {-90 * time.Second, "−1 min 30 s"},
	} {
		if got := english.duration(c.d); got != c.want {
			t.Errorf("%s is %q, want %q", c.d, got, c.want)
		}
	}
}

func TestMoment(t *testing.T) {
	m := printer{locale: english, now: clock.Add(3 * time.Hour)}.moment(clock.In(time.FixedZone("CST", 8*3600)))
	if m.ISO() != "2025-06-01T08:00:00Z" || m.UTC() != "2025-06-01 08:00:00 UTC" || m.Ago() != "3 h ago" {
		t.Errorf("got %s, %s, %s", m.ISO(), m.UTC(), m.Ago())
	}
	ahead := printer{locale: english, now: clock}.moment(clock.Add(time.Minute)).Ago()
	if ahead != "0 s ago" {
		t.Errorf("a time ahead of the clock is %q, want 0 s ago", ahead)
	}
}

func TestQuantity(t *testing.T) {
	for _, c := range []struct {
		v           float64
		en, chinese string
	}{
		{0, "0", "0 "}, {9999, "9999", "9999 "}, {10_000, "10.0 k", "1.0 万"}, {999_949, "999.9 k", "100.0 万"},
		{1.5e6, "1.5 M", "150.0 万"}, {2e9, "2.0 G", "20.0 亿"}, {3.25e12, "3.2 T", "3.2 万亿"},
	} {
		if got := english.quantity(c.v); got != c.en {
			t.Errorf("%v is %q, want %q", c.v, got, c.en)
		}
		if got := chinese.quantity(c.v); got != c.chinese {
			t.Errorf("%v is %q in Chinese, want %q", c.v, got, c.chinese)
		}
	}
}
