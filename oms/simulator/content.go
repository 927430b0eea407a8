package simulator

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"hash/crc32"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// content is a whole answer, as the parts it is rendered in.
type content struct {
	parts []*part

	once    sync.Once
	trailer [8]byte // of gzip: checksum and length
}

// pressed is a part's deflated form, made once.
type pressed struct {
	once  sync.Once
	bytes []byte
}

// deflated gives the part as deflate blocks that end at a byte and refer to nothing before them: parts in a row make one stream.
func (p *part) deflated() []byte {
	p.press.once.Do(func() {
		var out bytes.Buffer
		w, err := flate.NewWriter(&out, flate.BestSpeed)
		if err == nil {
			_, err = w.Write(p.plain)
		}
		if err == nil {
			err = w.Flush()
		}
		if err != nil {
			panic(err) // the level is right and a buffer takes everything
		}
		p.press.bytes = out.Bytes()
	})
	return p.press.bytes
}

var (
	gzipHeader = []byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff}
	lastBlock  = []byte{0x03, 0x00} // an empty final deflate block
)

// pieces gives the bytes that go over the wire.
func (c *content) pieces(gzipped bool) [][]byte {
	pieces := make([][]byte, 0, len(c.parts)+3)
	if !gzipped {
		for _, p := range c.parts {
			pieces = append(pieces, p.plain)
		}
		return pieces
	}
	c.once.Do(func() {
		sum, length := uint32(0), uint32(0)
		for _, p := range c.parts {
			sum = crc32.Update(sum, crc32.IEEETable, p.plain)
			length += uint32(len(p.plain)) //nolint:gosec // gzip counts modulo 2^32
		}
		binary.LittleEndian.PutUint32(c.trailer[:4], sum)
		binary.LittleEndian.PutUint32(c.trailer[4:], length)
	})
	pieces = append(pieces, gzipHeader)
	for _, p := range c.parts {
		pieces = append(pieces, p.deflated())
	}
	return append(pieces, lastBlock, c.trailer[:])
}

// send writes the healthy answer, or as much of it as the fault leaves.
func (x *exchange) send(c *content) {
	header := x.w.Header()
	header.Set("Content-Type", jsonType+"; charset=utf-8")
	gzipped := x.behave.Gzip && acceptsGzip(x.r.Header)
	if x.behave.Gzip {
		header.Set("Vary", "Accept-Encoding")
	}
	if gzipped {
		header.Set("Content-Encoding", "gzip")
	}
	pieces := c.pieces(gzipped)
	length := 0
	for _, piece := range pieces {
		length += len(piece)
	}
	header.Set("Content-Length", strconv.Itoa(length))
	if x.applied.fault.Kind != NoFault || x.applied.stall > 0 {
		x.sendBroken(bytes.Join(pieces, nil))
		return
	}
	for _, piece := range pieces {
		if _, err := x.w.Write(piece); err != nil {
			return // the client is gone
		}
	}
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

// flush sends what is written so far.
func flush(w http.ResponseWriter) {
	_ = http.NewResponseController(w).Flush() // a writer that cannot flush sends at the end
}
