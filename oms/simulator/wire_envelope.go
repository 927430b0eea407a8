package simulator

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"time"
)

// requestID returns an id in the form of a UUID. It is the same for the same query at the same instant.
func requestID(now time.Time, q Query) string {
	h := fnv.New128a()
	_, _ = fmt.Fprintf(h, "%d %+v", now.UnixNano(), q) // a hash never fails
	sum := h.Sum(nil)
	return fmt.Sprintf("%08x-%04x-4%03x-a%03x-%012x", binary.BigEndian.Uint32(sum), binary.BigEndian.Uint16(sum[4:]),
		binary.BigEndian.Uint16(sum[6:])&0xfff, binary.BigEndian.Uint16(sum[8:])&0xfff, sum[10:])
}

// envelope returns the JSON of a page.
func (p *page) envelope(b *Behaviour, id string) []byte {
	e := encoder{style: style{quoted: b.Form == Quoted, pascal: b.Form == Pascal, unused: b.Unused}}
	head := object{member("success", true), unusedMember("errorDetail", nil)}
	cost := any("13 ms")
	if b.Form == Pascal {
		head = append(head, member("code", 200), member("message", "successful"))
		cost = 13
	} else {
		head = append(head, member("code", nil), member("message", nil))
	}
	head = append(head, unusedMember("advice", nil), member("requestId", id), member("pageNumber", p.number),
		member("pageSize", p.size))
	if !p.noTotal {
		head = append(head, member("totalCount", p.total))
	}
	e.members(append(head, unusedMember("cost", cost)), e.pascal)
	e.buf[len(e.buf)-1] = ',' // more members follow
	e.key("data", e.pascal)
	e.pascal = e.pascal && b.PascalRows
	if p.null {
		e.value(nil)
	} else {
		e.rows(p.entries, b.ExtraInfo)
	}
	return append(e.buf, '}')
}

func (e *encoder) rows(entries []entry, shape ExtraShape) {
	e.buf = append(e.buf, '[')
	for i := range entries {
		if i > 0 {
			e.buf = append(e.buf, ',')
		}
		if entries[i].task == nil {
			e.value(entries[i].nonTask)
			continue
		}
		e.value(entries[i].task().object(shape))
	}
	e.buf = append(e.buf, ']')
}

// errorEnvelope returns an envelope with success false. Like OMS it omits members without a value.
func errorEnvelope(code, message string, form Form, id string) []byte {
	if message == "" {
		message = errorTexts[code]
	}
	if message == "" {
		message = "The request failed."
	}
	detail := object{member("code", code), member("message", message),
		member("messageMcmsContext", object{member("message", message)}),
		member("messageMcmsKey", code), member("requestId", id)}
	e := encoder{style: style{quoted: form == Quoted, pascal: form == Pascal}}
	e.value(object{member("code", code), member("errorDetail", detail), member("message", "["+code+"]: "+message),
		member("advice", "Contact the administrator."), member("requestId", id), member("success", false)})
	return e.buf
}
