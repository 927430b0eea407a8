package oms

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// manyOf returns an answer of about 4 MiB that repeats text.
func manyOf(before, text, after string) string {
	return before + strings.TrimSuffix(strings.Repeat(text, 4<<20/len(text)), ",") + after
}

func TestDecodeLimits(t *testing.T) {
	const row = `{"data":[{"id":"np_1",`
	const curl = ": compare with the answer to the same request with curl: a proxy in front of the OMS may change it"
	const rows = "the page has more than 600 rows, although 150 were requested" + curl
	const elements = "row 1 (id np_1) has more than 500 tags, error details and rules" + curl
	for _, tt := range []struct {
		rule, answer, text string // empty: no error
	}{
		{"rows", manyOf(`{"data":[`, `{"id":1},`, `]}`), rows},
		{"rows that are null", manyOf(`{"data":[`, `null,`, `]}`), rows},
		{"rows that are no objects", manyOf(`{"data":[`, `0,`, `]}`), rows},
		{"rows, a few at a time", manyOf(`{`, `"data":[{"id":1}],`, `}`), rows},
		{"steps", manyOf(row+`"steps":[`, `{},`, `]}]}`), "row 1 (id np_1) has more than 100 steps" + curl},
		{"tags", manyOf(row+`"labels":[`, `{"id":1},`, `]}]}`), elements},
		{"tags that are empty", manyOf(row+`"labels":[`, `{},`, `]}]}`), elements},
		{"rules", manyOf(row+`"alarmStats":{"ruleToRecentlyTriggerCount":{`, `"r":1,`, `}}}]}`), elements},
		{"error details", manyOf(row+`"extraInfo":{"errorDetails":[`, `"x",`, `]}}]}`), elements},
		{"error details of a step", manyOf(row+`"steps":[{"extraInfo":{"errorDetails":[`, `{"code":1},`, `]}}]}]}`),
			elements},
		{"error details of many steps", row + `"steps":[` +
			strings.Repeat(`{"extraInfo":{"errorDetails":["a","b","c","d","e","f"]}},`, 90) + `{}]}]}`, elements},
		{"steps of a row without id", manyOf(`{"data":[{"id":1},{"steps":[`, `{},`, `]}]}`),
			"row 2 has more than 100 steps" + curl},

		{"unknown members", manyOf(row, `"x":[{}],`, `}]}`), ""},
		{"a repeated member", manyOf(row, `"status":"x",`, `}]}`), ""},
		{"repeated alarms", manyOf(row, `"alarmStats":{},`, `}]}`), ""},
		{"texts that all differ", func() string {
			var b strings.Builder
			b.WriteString(row)
			for i := range 200_000 {
				_, _ = fmt.Fprintf(&b, `"owner":"o%d",`, i)
			}
			return b.String() + `"x":0}]}`
		}(), ""},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			url, hc := respondWith(200, zipped(tt.answer), "Content-Encoding: gzip")(t)
			c := newClient(t, url, hc, new(recorder).options())
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := c.ListProjects(t.Context(), ListProjectsRequest{PageNumber: 1, PageSize: 150})
			runtime.ReadMemStats(&after)
			switch failure, ok := errors.AsType[*Error](err); {
			case tt.text == "" && err != nil, tt.text != "" && err == nil:
				t.Errorf("error %v, want %q", err, tt.text)
			case ok && (failure.Reason != Limit || failure.Error() != "OMS prod: page 1: "+tt.text):
				t.Errorf("reason %s: %v\nwant %s", failure.Reason, err, tt.text)
			}
			if made := after.TotalAlloc - before.TotalAlloc; made > 32<<20 {
				t.Errorf("%d MiB made for an answer of 4 MiB", made>>20)
			}
		})
	}
}

// Compressed data can arrive long before all of it is decompressed.
func TestBoundedReaderCanceled(t *testing.T) {
	late, reads := errors.New("late"), 0
	stopped := func() error {
		if reads++; reads > 3 {
			return late
		}
		return nil
	}
	endless := strings.NewReader(`{"x":"` + strings.Repeat("x", 64<<20) + `"}`)
	body := &boundedReader{from: endless, limit: 1 << 40, canceled: stopped}
	if page, err := decodePage(body, decodeOptions{rows: 1}); page != nil || err == nil || !errors.Is(body.err, late) ||
		body.read > 4<<20 {
		t.Errorf("%v after %d bytes", err, body.read)
	}
}
