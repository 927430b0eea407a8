package oms

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"
	"unicode/utf8"

	"github.com/go-faster/jx"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/oms-exporter/oms_exporter/oms/simulator"
)

// simulatedAnswers returns small pages of the simulated OMS in each form.
func simulatedAnswers(f *testing.F) [][]byte {
	var answers [][]byte
	epoch := time.Date(2025, 6, 1, 0, 0, 0, 0, time.UTC)
	s := simulator.New(simulator.Options{Epoch: epoch, Now: func() time.Time { return epoch.Add(simulator.StoryTime) }})
	for _, behaviour := range []simulator.Behaviour{
		{}, {Form: simulator.Quoted}, {Form: simulator.Pascal, PascalRows: true}, {NullRows: 2, NoIDRows: 1,
			TextRows: 1},
		{Unused: simulator.UnusedAbsent, ExtraInfo: simulator.ExtraFigures}, {ExtraInfo: simulator.ExtraErrors,
			PastEnd: simulator.PastNull},
	} {
		s.Set(func(b *simulator.Behaviour) { *b = behaviour })
		for _, page := range []string{"2", "7", "99"} {
			r := httptest.NewRequestWithContext(f.Context(), http.MethodPost, "/api/v2?Action=ListProjects",
				strings.NewReader(`{"pageSize":1,"pageNumber":`+page+`}`))
			r.Header.Set("Content-Type", "application/json")
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			answers = append(answers, w.Body.Bytes())
		}
	}
	return answers
}

// The decoder has to return the same rows as encoding/json.
func FuzzDecodePage(f *testing.F) {
	for _, answer := range simulatedAnswers(f) {
		f.Add(answer)
	}
	f.Add(readFile(f, "full_row.json"))
	f.Add([]byte(filled))
	for _, answer := range []string{
		`{"data":[{"id":"a"},null,{"id":"a"}]}`, `{"Data":null,"success":null}`,
		`{"success":false,"errorDetail":{"code":"x"}}`, `{"data":{}}`,
		`{"data":["x"]}`, `{"data":[{"id":"\ud800\udc00\ud800"}]} `, `<html></html>`,
		`{"data":[{"id":1e5,"steps":[[{}]]}],"data":[{"ID":true}]}`, "{\"data\":[{\"id\":\"\xff\"}]}",
	} {
		f.Add([]byte(answer))
	}
	f.Fuzz(func(t *testing.T, answer []byte) {
		page, err := decodePage(bytes.NewReader(answer), decodeOptions{rows: 2})
		slow, slowErr := decodePage(iotest.OneByteReader(bytes.NewReader(answer)), decodeOptions{rows: 2})
		if (err == nil) != (slowErr == nil) {
			t.Fatalf("at once: %v, byte by byte: %v", err, slowErr)
		}
		want, ok := reference(answer)
		if err != nil {
			if page != nil || len(sanitize(nil, rootCause(err))) > maxText {
				t.Fatalf("page %v with error %v", page, err)
			}
			if ok {
				t.Fatalf("encoding/json reads ids %q, this fails: %v", want.ids, err)
			}
			return
		}
		if diff := cmp.Diff(page, slow, cmpopts.IgnoreUnexported(Envelope{}), cmpopts.EquateNaNs()); diff != "" {
			t.Fatalf("byte by byte it is another page:\n%s", diff)
		}
		if !json.Valid(answer) {
			t.Fatalf("accepts what is no JSON")
		}
		if got := ids(page.Tasks); ok && !sameIDs(got, want.ids) || ok && page.Rows() != want.rows {
			t.Fatalf("%d rows, ids %q; encoding/json has %d, %q", page.Rows(), got, want.rows, want.ids)
		}
		checkStrings(t, reflect.ValueOf(page), "page")
	})
}

// rows has the rows of an answer according to encoding/json.
type rows struct {
	ids  []string
	rows int
}

// reference reads the rows of an answer with encoding/json. It returns false if the answer is no page.
func reference(answer []byte) (rows, bool) {
	var r rows
	envelope, ok := lastMembers(answer)
	if !ok {
		return r, false
	}
	var refused any
	_ = json.Unmarshal(envelope["success"], &refused) // it may be missing
	if refused != nil && refused != true && refused != "true" {
		return r, false // TestReadBool tests the other values
	}
	var data []json.RawMessage
	if raw, there := envelope["data"]; !there || json.Unmarshal(raw, &data) != nil {
		return r, !there
	}
	objects, others := 0, 0
	for _, raw := range data {
		members, isObject := lastMembers(raw)
		switch {
		case isObject:
			objects++
		case string(raw) != "null":
			others++
		}
		var id any
		d := json.NewDecoder(bytes.NewReader(members["id"]))
		d.UseNumber()
		_ = d.Decode(&id) // it may be missing
		switch id := id.(type) {
		case string:
			r.ids = append(r.ids, id)
		case json.Number:
			r.ids = append(r.ids, id.String())
		case bool:
			r.ids = append(r.ids, string(bytes.TrimSpace(members["id"])))
		}
	}
	r.ids = slices.DeleteFunc(r.ids, func(id string) bool { return id == "" })
	r.rows = len(data)
	return r, objects > 0 || others == 0
}

// lastMembers returns the members of an object by key in lower case. Of repeated members it returns the last one.
func lastMembers(object []byte) (map[string]json.RawMessage, bool) {
	if !json.Valid(object) {
		return nil, false
	}
	d := json.NewDecoder(bytes.NewReader(object))
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		return nil, false
	}
	members := map[string]json.RawMessage{}
	for d.More() {
		key, err := d.Token()
		var value json.RawMessage
		if err != nil || d.Decode(&value) != nil {
			return nil, false
		}
		members[lowerASCII(key.(string))] = value
	}
	return members, true
}

func lowerASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}, s)
}

// sameIDs treats any number of replacement characters as equal.
func sameIDs(got, want []string) bool {
	return slices.EqualFunc(got, want, func(a, b string) bool {
		return a == b || strings.ContainsRune(a, utf8.RuneError) && strings.ContainsRune(b, utf8.RuneError)
	})
}

// checkStrings checks every string of a page: valid UTF-8, and texts for people on one short line.
func checkStrings(t *testing.T, v reflect.Value, path string) {
	switch v.Kind() {
	case reflect.String:
		if !utf8.ValidString(v.String()) {
			t.Errorf("%s is no UTF-8: %q", path, v)
		}
		for _, text := range []string{".Message", ".Advice", ".Reason", ".Proposal", ".Content", ".RequestID"} {
			if strings.HasSuffix(path, text) && (v.Len() > maxText || strings.ContainsAny(v.String(), "\n\r\x00")) {
				t.Errorf("%s is not cut to one line: %q", path, v)
			}
		}
	case reflect.Pointer:
		if !v.IsNil() {
			checkStrings(t, v.Elem(), path)
		}
	case reflect.Slice:
		for i := range v.Len() {
			checkStrings(t, v.Index(i), path)
		}
	case reflect.Struct:
		if v.Type() != reflect.TypeFor[time.Time]() {
			for i := range v.NumField() {
				if v.Type().Field(i).IsExported() {
					checkStrings(t, v.Field(i), path+"."+v.Type().Field(i).Name)
				}
			}
		}
	}
}

// A scalar is the same with and without quotes.
func FuzzScalar(f *testing.F) {
	for _, s := range []string{
		"151", "-8", "1e3", "7.0", "100,30", "true", "FALSE", "null", "NaN", "0x1p4", "1_0", "1e309",
		"9223372036854775808", "2024-09-13T09:08:34", "2024-09-13 09:08:34.5+08:00", "1726218514", "1726218514000",
		"1970-01-01T00:00:00", "+5", "-", "", " ", "\xff", "2024-09-13t09:08:34z", "100000000001", "99999999999999",
		"-0",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		b := []byte(s)
		i, fl, tm := parseInt(b), parseFloat(b), parseTime(b)
		if fl.Valid && (fl.Value != fl.Value || fl.Value-fl.Value != 0) {
			t.Errorf("%q is %v", s, fl.Value)
		}
		if i.Valid && !fl.Valid || i.Valid && float64(i.Value) != fl.Value {
			t.Errorf("%q is %v as an integer, %v as a float", s, i, fl)
		}
		if !tm.IsZero() && (tm.Unix() <= 0 || tm.Location() != time.UTC || tm.Year() > 9999) {
			t.Errorf("%q is the time %v", s, tm)
		}
		if string(b) != s {
			t.Errorf("%q was changed to %q", s, b)
		}
		if !json.Valid(b) || strings.ContainsAny(s, "[{\"") || strings.Contains(s, "null") {
			return
		}
		quoted := `"` + s + `"`
		if strings.ContainsAny(s, "\n\r\t") {
			return // space around a number does not belong to it; within quotes it is escaped
		}
		if native, text := read(t, s, readFloat), read(t, quoted, readFloat); native != text {
			t.Errorf("%s is %v, quoted %v", s, native, text)
		}
		if native, text := read(t, s, readTime), read(t, quoted, readTime); !native.Equal(text) {
			t.Errorf("%s is %v, quoted %v", s, native, text)
		}
		if native, text := read(t, s, readBool), read(t, quoted, readBool); native != text {
			t.Errorf("%s is %v, quoted %v", s, native, text)
		}
		if b, err := readScalar(jx.Decode(iotest.OneByteReader(strings.NewReader(s)), 4)); err != nil &&
			!errors.Is(err, io.EOF) || string(b) != strings.TrimSpace(s) {
			t.Errorf("%q read byte by byte is %q, %v", s, b, err)
		}
	})
}
