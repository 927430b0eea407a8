package oms

import (
	"fmt"
	"strings"
	"testing"
)

// wrongIn returns a page of so many rows, with another progress in one of them.
func wrongIn(rows, wrong int, progress string) string {
	var b strings.Builder
	b.WriteString(`{"data":[`)
	for i := range rows {
		value := "100"
		if i+1 == wrong {
			value = progress
		}
		_, _ = fmt.Fprintf(&b,
			`{"id":"np_%d","transferMapping":"%s","steps":[{"name":"FULL_TRANSFER","progress":%s,"status":"RUNNING"}]},`,
			i+1, strings.Repeat("m", 8000), value)
	}
	return b.String() + `null]}`
}

func TestSyntaxError(t *testing.T) {
	for _, tt := range []struct {
		rule, answer string
		text         []string
		hides        string
	}{
		{"in an answer that is buffered", wrongIn(100, 60, "10x0"),
			[]string{"unexpected byte 120 'x' in row 60 (id np_60): ", `"progress":10x0,"status":"RUNNING"`}, ""},
		{"in a longer answer", wrongIn(500, 430, "10x0"),
			[]string{"unexpected byte 120 'x' in row 430 (id np_430): ", `"progress":10x0,"status":"RUNNING"`}, ""},
		{"a text that does not end", wrongIn(100, 60, `"a`+"\n"+`b"`),
			[]string{"in row 60 (id np_60): ", `"progress":"a b","status":"RUNNING"`}, ""},
		{"in a row whose id comes later", `{"data":[{"id":"np_1"},{"name":10x0,"id":"np_2"}]}`,
			[]string{"in row 2: ", `{"id":"np_1"},{"name":10x0`}, ""},
		{"after the rows", `{"data":[{"id":"np_1"}],"message":"` + strings.Repeat("m", 1000) + `","advice":nil}`,
			[]string{`unexpected byte 105 'i': …mmm`, `","advice":nil}`}, "row"},
		{"in an object that ends early", `{"data":[{"id":"np_1","name":"` + strings.Repeat("m", 1000) +
			`"],"totalCount":1}`, []string{"in row 1 (id np_1): …mmm", `"],"totalCount":1}`}, ""},
		{"after the answer", `{"data":[{"id":"np_1","name":"` + strings.Repeat("m", 1000) +
			`"}]}<!-- served by cache -->`,
			[]string{"unexpected data after the JSON object: …mmm", `"}]}<!-- served by cache -->`}, "row"},
		{"beside a secret", wrongIn(100, 60, `10x0,"note":"hunter2"`),
			[]string{`"progress":10x0,"note":"<secret>","status"`}, "hunter2"},
		{"within a secret", wrongIn(100, 60, `1"hunter2"`), []string{`"progress":1"`}, "hunter"},
		{"after a long secret", wrongIn(100, 60, `"`+strings.Repeat("hunter2", 1000)+`",x`),
			[]string{"in row 60 (id np_60)"}, "hunter"},
		{"a web page in the middle", wrongIn(100, 60, "<html><title>504 Gateway Time-out</title></html>"),
			[]string{"in row 60 (id np_60): ", "504 Gateway Time-out"}, ""},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			url, hc := respondWith(200, tt.answer)(t)
			_, err := newClient(t, url, hc, new(recorder).options()).ListProjects(t.Context(),
				ListProjectsRequest{PageSize: 150})
			if err == nil {
				t.Fatal("it is read")
			}
			for _, part := range tt.text {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%v\nlacks %s", err, part)
				}
			}
			if tt.hides != "" && strings.Contains(strings.TrimPrefix(err.Error(), "OMS prod: page 1: "), tt.hides) {
				t.Errorf("%v\nhas %s", err, tt.hides)
			}
			if len(err.Error()) > maxText {
				t.Errorf("%d bytes", len(err.Error()))
			}
		})
	}
}
