package simulator

import (
	"bytes"
	"encoding/json"
	"strconv"
	"unicode/utf8"
)

// Ordered JSON: OMS sends its members in a fixed order, and the same instant has to have the same bytes.
type (
	jsonMember struct {
		key    string
		value  any // nil, string, bool, int, int64, object, dict or array
		unused bool
	}
	object []jsonMember
	// dict is an object whose keys are data, such as names of rules. Their case never changes.
	dict  []jsonMember
	array []any
)

func member(key string, value any) jsonMember { return jsonMember{key: key, value: value} }

// unusedMember is a member that no monitor uses. Behaviour.Unused changes it.
func unusedMember(key string, value any) jsonMember {
	return jsonMember{key: key, value: value, unused: true}
}

// style is the spelling of values.
type style struct {
	quoted bool // scalars as strings
	pascal bool // keys begin with a capital
	unused Unused
}

// encoder encodes values.
type encoder struct {
	style
	buf []byte
}

func (e *encoder) value(v any) {
	switch v := v.(type) {
	case nil:
		e.buf = append(e.buf, "null"...)
	case string:
		e.buf = appendString(e.buf, v)
	case bool:
		e.scalar(strconv.FormatBool(v))
	case int:
		e.scalar(strconv.Itoa(v))
	case int64:
		e.scalar(strconv.FormatInt(v, 10))
	case object:
		e.members(v, e.pascal)
	case dict:
		e.members(v, false)
	case array:
		e.array(v)
	default:
		panic("simulator: no JSON for this type")
	}
}

func (e *encoder) scalar(text string) {
	if e.quoted {
		text = `"` + text + `"`
	}
	e.buf = append(e.buf, text...)
}

func (e *encoder) members(members []jsonMember, pascal bool) {
	e.buf = append(e.buf, '{')
	first := true
	for _, member := range members {
		value := member.value
		if e.unused == UnusedAbsent && (member.unused || value == nil) {
			continue
		}
		if e.unused == UnusedNull && member.unused {
			value = nil
		}
		if !first {
			e.buf = append(e.buf, ',')
		}
		first = false
		e.key(member.key, pascal)
		e.value(value)
	}
	e.buf = append(e.buf, '}')
}

func (e *encoder) key(key string, pascal bool) {
	at := len(e.buf)
	e.buf = appendString(e.buf, key)
	if c := e.buf[at+1]; pascal && c >= 'a' && c <= 'z' {
		e.buf[at+1] = c - 'a' + 'A'
	}
	e.buf = append(e.buf, ':')
}

func (e *encoder) array(values array) {
	e.buf = append(e.buf, '[')
	for i, v := range values {
		if i > 0 {
			e.buf = append(e.buf, ',')
		}
		e.value(v)
	}
	e.buf = append(e.buf, ']')
}

// appendString appends a JSON string in the form of OMS, which does not escape <, > and &.
func appendString(buf []byte, s string) []byte {
	if needsNoEscape(s) {
		buf = append(buf, '"')
		buf = append(buf, s...)
		return append(buf, '"')
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(s); err != nil {
		panic(err) // a string always has a JSON form
	}
	return append(buf, bytes.TrimSuffix(out.Bytes(), []byte("\n"))...)
}

func needsNoEscape(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
