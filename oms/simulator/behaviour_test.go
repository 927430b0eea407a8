package simulator

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"
)

const allRows = `{"pageSize":150,"order":"asc","visibleSubProject":true}`

// normalized removes the differences between forms: keys begin in lower case, and scalars are texts.
func normalized(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, e := range v {
			out[strings.ToLower(k[:1])+k[1:]] = normalized(e)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = normalized(e)
		}
		return out
	case nil:
		return nil
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	default:
		return fmt.Sprint(v)
	}
}

// visitJSON calls visit for every value with its key. The elements of an array have the key of the array.
func visitJSON(v any, key string, visit func(key string, v any)) {
	visit(key, v)
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			visitJSON(e, k, visit)
		}
	case []any:
		for _, e := range v {
			visitJSON(e, key, visit)
		}
	}
}

func TestRows(t *testing.T) {
	t.Run("every form has the same rows", func(t *testing.T) {
		s, c := serve(t, fixedClock(StoryTime))
		native := c.list(allRows).envelope(t)
		for name, b := range map[string]Behaviour{
			"quoted": {Form: Quoted}, "pascal": {Form: Pascal}, "pascal rows": {Form: Pascal, PascalRows: true},
		} {
			s.Set(func(now *Behaviour) { *now = b })
			got := c.list(allRows).envelope(t)
			data := got["data"]
			if b.Form == Pascal {
				data = got["Data"]
				if got["Success"] != true || got["Code"] != 200.0 || got["Cost"] != 13.0 || got["TotalCount"] == nil {
					t.Errorf("%s: envelope %v %v %v", name, got["Success"], got["Code"], got["Cost"])
				}
			}
			if !reflect.DeepEqual(normalized(data), normalized(native["data"])) {
				t.Errorf("%s: the rows differ from the native ones", name)
			}
			scalars, capitals, small := 0, 0, 0
			visitJSON(data, "data", func(key string, v any) {
				switch v.(type) {
				case float64, bool:
					scalars++
				}
				if strings.HasPrefix(key, "oms_") || key == "data" {
					return
				}
				if key[0] >= 'A' && key[0] <= 'Z' {
					capitals++
				} else {
					small++
				}
			})
			if (scalars == 0) != (b.Form == Quoted) || (small == 0) != b.PascalRows || (capitals == 0) == b.PascalRows {
				t.Errorf("%s: %d native scalars, %d capital keys, %d others", name, scalars, capitals, small)
			}
		}
	})
	t.Run("unused members are given, null or absent", func(t *testing.T) {
		s, c := serve(t, fixedClock(StoryTime))
		read := func(u Unused) string {
			s.Set(func(b *Behaviour) { b.Unused = u })
			return string(c.list(allRows).body)
		}
		given, null, absent := read(UnusedGiven), read(UnusedNull), read(UnusedAbsent)
		for _, key := range []string{"host", "port", "username", "transferMapping", "description", "srcRpsRef",
			"cost"} {
			if !strings.Contains(given, `"`+key+`":`) {
				t.Errorf("%s is not given", key)
			}
			if strings.Count(null, `"`+key+`":`) != strings.Count(null, `"`+key+`":null`) {
				t.Errorf("%s is not null", key)
			}
			if strings.Contains(absent, `"`+key+`":`) {
				t.Errorf("%s is not absent", key)
			}
		}
		if strings.Contains(absent, ":null") {
			t.Error("a member is null where all of them are left out")
		}
		for _, key := range []string{"tenant", "capacity", "proposal", "ruleToRecentlyTriggerCount",
			"storeLogKeptHour"} {
			if !strings.Contains(null, `"`+key+`":`) || !strings.Contains(absent, `"`+key+`":`) {
				t.Errorf("%s is missing, although it is used", key)
			}
		}
	})
	t.Run("extraInfo has the shape of the behaviour", func(t *testing.T) {
		s, c := serve(t, fixedClock(StoryTime))
		for shape, has := range map[ExtraShape]string{ExtraNull: "", ExtraFigures: "syncDelay",
			ExtraErrors: "errorDetails"} {
			s.Set(func(b *Behaviour) { b.ExtraInfo = shape })
			for _, r := range c.list(allRows).envelope(t)["data"].([]any) {
				row := r.(map[string]any)
				extra, _ := row["extraInfo"].(map[string]any)
				if _, ok := extra[has]; ok != (has != "") || (has == "") != (row["extraInfo"] == nil) {
					t.Errorf("%v %v: %v", shape, row["id"], row["extraInfo"])
				}
			}
		}
	})
	t.Run("the same instant has the same bytes", func(t *testing.T) {
		_, one := serve(t, fixedClock(StoryTime+77*time.Minute))
		_, two := serve(t, fixedClock(StoryTime+77*time.Minute))
		_, later := serve(t, fixedClock(StoryTime+78*time.Minute))
		first := one.list(allRows).body
		if !bytes.Equal(first, two.list(allRows).body) || !bytes.Equal(first, one.list(allRows).body) {
			t.Error("the same request at the same instant has two answers")
		}
		if bytes.Equal(first, later.list(allRows).body) {
			t.Error("nothing moves in a minute")
		}
	})
	t.Run("names with special characters arrive unchanged", func(t *testing.T) {
		for _, text := range []string{`a"b\c`, "<script>&", "订单\u2028", "tab\there\x01", "plain"} {
			var got string
			if err := json.Unmarshal(appendString(nil, text), &got); err != nil || got != text {
				t.Errorf("%q came back as %q, %v", text, got, err)
			}
		}
		if got := string(appendString(nil, "<b>&")); got != `"<b>&"` {
			t.Errorf("escaped as OMS does not: %s", got)
		}
	})
}

func TestAnswer(t *testing.T) {
	t.Run("it is compressed if gzip is offered and accepted", func(t *testing.T) {
		s, c := serve(t, fixedClock(StoryTime))
		plainBody := c.list(allRows).body
		for _, tt := range []struct {
			accept  string
			offer   bool
			gzipped bool
		}{
			{"gzip", true, true}, {"br, gzip", true, true},
			{"gzip", false, false}, {"", true, false}, {"br", true, false},
		} {
			s.Set(func(b *Behaviour) { b.Gzip = tt.offer })
			c.accept = tt.accept
			a := c.list(allRows)
			body := a.body
			if got := a.header.Get("Content-Encoding") == "gzip"; got != tt.gzipped {
				t.Errorf("%q, offered %v: gzip %v", tt.accept, tt.offer, got)
			} else if got {
				body = unzip(t, body)
			}
			if !bytes.Equal(body, plainBody) {
				t.Errorf("%q: another body", tt.accept)
			}
		}
	})
	t.Run("Date is the time of the simulator", func(t *testing.T) {
		s, c := serve(t, fixedClock(StoryTime))
		for want, b := range map[string]Behaviour{
			"Sun, 01 Jun 2025 12:00:00 GMT": {},
			"Sun, 01 Jun 2025 11:59:00 GMT": {DateOffset: -time.Minute},
			"yesterday":                     {DateText: "yesterday"},
			"":                              {WithoutDate: true},
		} {
			s.Set(func(now *Behaviour) { *now = b })
			if got := c.list(`{}`).header.Get("Date"); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		}
	})
}

func unzip(t *testing.T, body []byte) []byte {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	z.Multistream(false) // a single member: some clients read no more
	out, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
