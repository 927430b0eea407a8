package oms

import (
	"bytes"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// decode decodes an answer at once and byte by byte, and compares the results.
func decode(t *testing.T, answer string) (*Page, error) {
	t.Helper()
	page, err := decodePage(strings.NewReader(answer), decodeOptions{rows: 2})
	slow, slowErr := decodePage(iotest.OneByteReader(strings.NewReader(answer)), decodeOptions{rows: 2})
	if diff := cmp.Diff(page, slow, cmpopts.IgnoreUnexported(Envelope{})); diff != "" ||
		(err == nil) != (slowErr == nil) {
		t.Fatalf("read byte by byte it is another page: %v, %v\n%s", err, slowErr, diff)
	}
	return page, err
}

func ids(tasks []*Task) []string {
	list := make([]string, len(tasks))
	for i, t := range tasks {
		list[i] = t.ID
	}
	return list
}

func TestDecodePage(t *testing.T) {
	for _, tt := range []struct {
		rule, answer string
		ids          string
		invalid      int
		hasData      bool
	}{
		{"data without rows is an empty page", `{"data":[]}`, "", 0, true},
		{"data that is null is an empty page", `{"success":true,"data":null}`, "", 0, true},
		{"no data is reported", `{"success":true}`, "", 0, false},
		{"an empty object is an answer", `{}`, "", 0, false},
		{"keys match in any case", `{"DATA":[{"ID":"a"},{"Id":"b"},{"iD":"c"}]}`, "a b c", 0, true},
		{"members it does not know are passed over",
			`{"x":{"y":[1,{"z":null}]},"data":[{"x":[[]],"id":"a","y":{"id":"b"}}],"z":0.5e-7}`, "a", 0, true},
		{"a key of any length is skipped", `{"` + strings.Repeat("data", 1<<16) + `":1,"data":[{"id":"a"}]}`, "a",
			0, true},
		{"of a key given twice the last counts", `{"data":[{"id":"a"}],"Data":[{"id":"b","ID":"c"}]}`, "c", 0, true},
		{"an id may be a number", `{"data":[{"id":17}]}`, "17", 0, true},
		{"a row that is null is left out", `{"data":[{"id":"a"},null,{"id":"b"}]}`, "a b", 1, true},
		{"a single row that is null is no error", `{"data":[null]}`, "", 1, true},
		{"a row without id is left out", `{"data":[{"name":"x"},{"id":null},{"id":""},{"id":{}},{},{"id":"a"}]}`, "a",
			5, true},
		{"a row that is no object is left out among others", `{"data":["x",{"id":"a"},1,true,[{"id":"b"}]]}`, "a", 4,
			true},
		{"more rows than were requested are all read",
			`{"data":[{"id":"1"},{"id":"2"},{"id":"3"},{"id":"4"},{"id":"5"}]}`, "1 2 3 4 5", 0, true},
		{"space is allowed wherever JSON allows it", " {\n\"data\" :\t[ { \"id\" : \"a\" } , null ] }\r\n ", "a", 1,
			true},
		{"success false takes precedence over data that are no list", `{"data":{"x":[]},"success":"false"}`, "", 0, true},
		{"success false takes precedence over rows that are no objects", `{"success":false,"data":["x"]}`, "", 1, true},
		{"of data given twice the first may be anything", `{"data":7,"data":[{"id":"a"}]}`, "a", 0, true},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			page, err := decode(t, tt.answer)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(ids(page.Tasks), " "); got != tt.ids || page.Invalid != tt.invalid ||
				page.HasData != tt.hasData {
				t.Errorf("tasks %q, %d invalid, data: %v", got, page.Invalid, page.HasData)
			}
			if page.Rows() != len(page.Tasks)+page.Invalid {
				t.Errorf("%d rows", page.Rows())
			}
		})
	}
}

func TestDecodePageErrors(t *testing.T) {
	for _, tt := range []struct {
		rule, answer string
		err          error // nil: an error of the decoder
	}{
		{"a list", `[{"id":"a"}]`, errNoObject},
		{"a text", `"hello"`, errNoObject},
		{"null", `null`, errNoObject},
		{"a web page", `<html></html>`, nil},
		{"data that are an object", `{"data":{"id":"a"}}`, errData},
		{"data that are a text", `{"data":"[]"}`, errData},
		{"data that are false", `{"data":false,"success":true}`, errData},
		{"rows that are texts", `{"data":["a","b"]}`, errRows},
		{"rows that are null and numbers", `{"data":[null,1]}`, errRows},
		{"a second object after the first", `{"data":[]}{"data":[]}`, errTrailing},
		{"garbage after the object", `{"data":[]} x`, errTrailing},
		{"an incomplete object after the object", "{\"data\":[]}\n{\"N\":\n", errTrailing},
		{"brackets after the object", `{"data":[]}` + strings.Repeat("[", 20000), errTrailing},
		{"nothing", ``, io.ErrUnexpectedEOF},
		{"space", " \n", io.ErrUnexpectedEOF},
		{"a comma too many", `{"data":[{"id":"a"},]}`, nil},
		{"a comma missing", `{"data":[{"id":"a"}{"id":"b"}]}`, nil},
		{"a row not closed", `{"data":[{"id":"a"]}`, nil},
		{"a key without quotes", `{data:[]}`, nil},
		{"a control character in a text", "{\"data\":[{\"id\":\"a\nb\"}]}", nil},
		{"an unknown escape", `{"data":[{"id":"\x41"}]}`, nil},
		{"an error in a skipped member", `{"transferMapping":{"x":[1,2},"data":[]}`, nil},
		{"a broken number in a skipped member", `{"x":-,"data":[]}`, nil},
		{"brackets deeper than any list has them", `{"x":` + strings.Repeat("[", 50000), nil},
		{"objects deeper than any list has them", `{"data":[{"steps":` + strings.Repeat(`{"a":`, 50000), nil},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			page, err := decode(t, tt.answer)
			if err == nil || page != nil {
				t.Fatalf("read as %v", page)
			}
			if tt.err != nil && !errors.Is(err, tt.err) {
				t.Errorf("failed with %v, want %v", err, tt.err)
			}
			if tt.err == nil && errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("taken for an answer that ends early: %v", err)
			}
			if text := rootCause(err); len(text) > 100 {
				t.Errorf("explained in %d bytes: %.300s", len(text), text)
			}
		})
	}
}

// filled has every member of a row, with each kind of value.
const filled = `{"success":true,"errorDetail":{"code":"E","level":"FATAL","message":"m\u00e9","reason":"r",
	"proposal":"p"},"code":200,"message":"ok","advice":"a",
	"requestId":"r-1","pageNumber":"1","pageSize":5,"totalCount":"2","cost":56,
	"data":[{"id":"a","type":"SYNC","name":"名\n\"x\"","labels":[{"id":"l","name":"n"}],
	"gmtCreate":"2024-09-13T09:08:34","isMerging":false,"isModifying":"true",
	"extraInfo":null,"steps":[{"order":1,"progress":-0.5e1,"stepInfo":{"capacity":1e3},
	"extraInfo":{"errorDetails":["x",{"code":"c"}],"errorParam":{"a":[1]}}}],
	"alarmStats":{"ruleToRecentlyTriggerCount":{"R":2}},"transferMapping":{"a":[{}]}},
	null]}`

func TestDecodeReadErrors(t *testing.T) {
	t.Run("an answer that is cut anywhere ends early", func(t *testing.T) {
		if page, err := decode(t, filled); err != nil || page.Rows() != 2 {
			t.Fatalf("whole: %v, %v", page, err)
		}
		for n := range len(filled) {
			if page, err := decode(t, filled[:n]); !errors.Is(err, io.ErrUnexpectedEOF) || page != nil {
				t.Errorf("cut after %d bytes, at %q: %v, %v", n, filled[max(0, n-20):n], page, err)
			}
		}
	})
	t.Run("an error of the reader is returned", func(t *testing.T) {
		broken := errors.New("broken")
		for n := range len(filled) {
			r := io.MultiReader(strings.NewReader(filled[:n]), iotest.ErrReader(broken))
			body := &boundedReader{from: r, limit: math.MaxInt64 - 1, canceled: t.Context().Err}
			if page, err := decodePage(body, decodeOptions{rows: 1}); err == nil || page != nil ||
				!errors.Is(body.err, broken) {
				t.Errorf("broken after %d bytes: %v, %v, %v", n, page, err, body.err)
			}
		}
	})
}

func TestDecodeStrings(t *testing.T) {
	t.Run("strings are valid UTF-8", func(t *testing.T) {
		for in, want := range map[string]string{
			"a\xffb":                    "a\uFFFDb",
			"\xed\xa0\x80":              "\uFFFD", // a surrogate in UTF-8
			`\ud83d\ude00`:              "😀",
			`\ud83d`:                    "\uFFFD",
			`\ude00x`:                   "\uFFFDx",
			`\ud83dA`:                   "\uFFFDA",
			`\ud83d\u0041`:              "\uFFFDA",
			`\ud83d\n`:                  "\uFFFD\n",
			`\u0000`:                    "\x00",
			`延迟`:                        "延迟",
			strings.Repeat("\xff", 300): "\uFFFD",
		} {
			page, err := decode(t, `{"data":[{"id":"`+in+`","name":"`+in+`","status":"`+in+`","labels":[{"id":"`+in+`"}],
			"alarmStats":{"ruleToRecentlyTriggerCount":{"`+in+`":1}}}]}`)
			if err != nil {
				t.Fatal(err)
			}
			task := page.Tasks[0]
			for _, got := range []string{task.ID, task.Name, task.Status, task.Tags[0].ID, task.Alarms.ByRule[0].Rule} {
				if got != want || !utf8.ValidString(got) {
					t.Errorf("%q is read as %q, want %q", in, got, want)
				}
			}
		}
	})
	t.Run("names of any length are complete", func(t *testing.T) {
		name := strings.Repeat("名", 1<<20)
		page, err := decodePage(strings.NewReader(`{"data":[{"id":"`+name+`","name":"`+name+`","owner":"`+name+`"}]}`),
			decodeOptions{rows: 1})
		if err != nil {
			t.Fatal(err)
		}
		if task := page.Tasks[0]; task.ID != name || task.Name != name || task.Owner != name {
			t.Error("cut")
		}
	})
	// The strings of a page must not share memory with the buffer of the next page.
	t.Run("pages do not share memory", func(t *testing.T) {
		answer := func(c string) string {
			s := strings.Repeat(c, 40)
			return `{"message":"` + s + `","data":[{"id":"` + s + `","name":"` + s + `","status":"` + s +
				`","steps":[{"name":"` + s + `","extraInfo":{"errorMsg":"` + s +
				`","errorParam":{"k":"` + s + `"}}}],"labels":[{"id":"` + s +
				`"}],"alarmStats":{"ruleToRecentlyTriggerCount":{"` + s + `":1}}}]}`
		}
		first, err := decodePage(strings.NewReader(answer("a")), decodeOptions{rows: 1})
		if err != nil {
			t.Fatal(err)
		}
		want, err := decodePage(bytes.NewReader([]byte(answer("a"))), decodeOptions{rows: 1})
		if err != nil {
			t.Fatal(err)
		}
		for range 20 {
			if _, err := decodePage(strings.NewReader(answer("b")), decodeOptions{rows: 1}); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(want, first, cmpopts.IgnoreUnexported(Envelope{})); diff != "" {
			t.Errorf("the next page changed the first:\n%s", diff)
		}
	})
}
