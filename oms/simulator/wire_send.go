package simulator

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strconv"
	"strings"
)

// send sends a page, or the part of it that the fault leaves.
func (x *exchange) send(body []byte) {
	header := x.w.Header()
	header.Set("Content-Type", jsonType+"; charset=utf-8")
	if x.behaviour.Gzip && strings.Contains(x.r.Header.Get("Accept-Encoding"), "gzip") {
		header.Set("Content-Encoding", "gzip")
		body = compress(body)
	}
	header.Set("Content-Length", strconv.Itoa(len(body)))
	switch half := body[:len(body)/2]; x.effect.fault.Kind {
	case ResetInBody:
		x.reset(half)
	case CutChunked:
		header.Del("Content-Length")
		x.cut(half)
	case CutLength:
		x.cut(half)
	default:
		x.writeStalling(body)
	}
}

func compress(body []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, _ = z.Write(body) // a buffer accepts everything
	_ = z.Close()
	return out.Bytes()
}

// cut sends a part of a body and closes the connection before the promised end.
func (x *exchange) cut(part []byte) {
	_, _ = x.w.Write(part) // the client may be gone
	flush(x.w)
	panic(http.ErrAbortHandler)
}

// flush sends the bytes written so far.
func flush(w http.ResponseWriter) {
	_ = http.NewResponseController(w).Flush() // a writer that cannot flush sends at the end
}
