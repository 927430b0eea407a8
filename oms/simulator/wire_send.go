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
	if x.behaviour.Gzip {
		header.Set("Vary", "Accept-Encoding")
		if acceptsGzip(x.r.Header) {
			header.Set("Content-Encoding", "gzip")
			body = compress(body)
		}
	}
	header.Set("Content-Length", strconv.Itoa(len(body)))
	if x.effect.fault.Kind != NoFault || x.effect.stall > 0 {
		x.sendBroken(body)
		return
	}
	_, _ = x.w.Write(body) // the client may be gone
}

func compress(body []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, err := z.Write(body)
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		panic(err) // a buffer accepts everything
	}
	return out.Bytes()
}

func acceptsGzip(h http.Header) bool {
	for offer := range strings.SplitSeq(strings.Join(h.Values("Accept-Encoding"), ","), ",") {
		coding, params, _ := strings.Cut(strings.TrimSpace(offer), ";")
		if coding == "gzip" || coding == "*" {
			q, found := strings.CutPrefix(strings.TrimSpace(params), "q=")
			weight, err := strconv.ParseFloat(q, 64)
			return !found || err == nil && weight > 0
		}
	}
	return false
}

// flush sends the bytes written so far.
func flush(w http.ResponseWriter) {
	_ = http.NewResponseController(w).Flush() // a writer that cannot flush sends at the end
}
