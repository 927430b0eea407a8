package oms

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
)

// gzipReaders are what decompressed answers were read with: each holds 40 kB of tables.
var gzipReaders = sync.Pool{New: func() any { return new(gzip.Reader) }}

// decompressed is the body of res as it was before the server compressed it: only gzip was requested. The first bytes decide, not the header:
// servlets put a character set into Content-Encoding, and proxies that decompress leave it as it was. Call done after the last Read.
func decompress(res *http.Response) (plain io.Reader, done func(), err error) {
	body := bufio.NewReader(res.Body)
	if begin, err := body.Peek(len(gzipMagic)); err != nil || string(begin) != gzipMagic {
		return body, func() {}, nil // an error comes again, at its place
	}
	r := gzipReaders.Get().(*gzip.Reader)
	done = func() {
		body.Reset(http.NoBody) // r keeps it for as long as r is not used again
		gzipReaders.Put(r)
	}
	return r, done, asUnexpectedEOF(r.Reset(body))
}

// gzipMagic begins what gzip made, and no JSON.
const gzipMagic = "\x1f\x8b"

// coding is the Content-Encoding of an answer if it is none that was requested.
func unknownEncoding(res *http.Response) string {
	switch encoding := strings.ToLower(res.Header.Get("Content-Encoding")); encoding {
	case "identity", "gzip", "x-gzip":
		return ""
	default:
		return encoding
	}
}

// tooLargeError is the answer that is longer than allowed.
type tooLongError struct{ limit int64 }

func (e *tooLongError) Error() string {
	return fmt.Sprintf("the answer is longer than %d bytes", e.limit)
}

// boundedReader reads up to limit bytes, while stopped returns nil, and keeps how it ended and how the answer began. Much can come out of a
// compressed answer that arrived whole long before.
type boundedReader struct {
	from     io.Reader
	limit    int64
	canceled func() error
	read     int64
	err      error
	start    []byte // one byte more than maxBegin, if there are more
}

// maxBegin is enough for a token to stand in whole, which is known by nothing less: it is as long as the head of a request may be.
const maxStart = 16 * maxText

func (r *boundedReader) Read(p []byte) (int, error) {
	if r.err == nil {
		r.err = r.canceled()
	}
	if r.err != nil {
		return 0, r.err
	}
	// One byte more than allowed is asked for: an answer of just the limit is fine.
	if room := r.limit - r.read + 1; int64(len(p)) > room {
		p = p[:room]
	}
	n, err := r.from.Read(p)
	if missing := maxStart + 1 - len(r.start); missing > 0 {
		r.start = append(r.start, p[:min(n, missing)]...)
	}
	r.read += int64(n)
	if r.read > r.limit {
		err = &tooLongError{r.limit}
	}
	r.err = err
	return n, err
}

// isDamaged says that the compressed form of an answer cannot be read.
func isGzipError(err error) bool {
	return errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) || strings.HasPrefix(err.Error(), "flate: ")
}
