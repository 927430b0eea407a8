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

// gzipReaders reuses readers: each has 40 kB of tables.
var gzipReaders = sync.Pool{New: func() any { return new(gzip.Reader) }}

// decompress returns the decompressed body of res. The first bytes of the body show whether it is compressed. The
// header does not: servlets put a character set into Content-Encoding, and proxies that decompress leave the header
// unchanged. Call done after the last Read.
func decompress(res *http.Response) (plain io.Reader, done func(), err error) {
	body := bufio.NewReader(res.Body)
	if begin, err := body.Peek(len(gzipMagic)); err != nil || string(begin) != gzipMagic {
		return body, func() {}, nil // the next Read returns the error again
	}
	r := gzipReaders.Get().(*gzip.Reader)
	done = func() {
		body.Reset(http.NoBody) // r refers to body until it is used again
		gzipReaders.Put(r)
	}
	return r, done, asUnexpectedEOF(r.Reset(body))
}

// gzipMagic is the beginning of every gzip file. No JSON begins with it.
const gzipMagic = "\x1f\x8b"

// unknownEncoding returns the Content-Encoding of an answer if it was not requested, and "" otherwise.
func unknownEncoding(res *http.Response) string {
	switch encoding := strings.ToLower(res.Header.Get("Content-Encoding")); encoding {
	case "identity", "gzip", "x-gzip":
		return ""
	default:
		return encoding
	}
}

// tooLongError is the error for an answer longer than MaxResponseSize.
type tooLongError struct{ limit int64 }

func (e *tooLongError) Error() string {
	return fmt.Sprintf("the answer is longer than %d bytes", e.limit)
}

// boundedReader reads up to limit bytes. It stops when canceled returns an error: decompression can go on long after
// the whole answer has arrived. It keeps the first bytes and the last error.
type boundedReader struct {
	from     io.Reader
	limit    int64
	canceled func() error
	read     int64
	err      error
	start    []byte // up to maxStart+1 bytes
}

// maxStart is as long as the largest HTTP header: a token of that length has to be in the start as a whole, because
// redaction only recognizes whole secrets.
const maxStart = 16 * maxText

func (r *boundedReader) Read(p []byte) (int, error) {
	if r.err == nil {
		r.err = r.canceled()
	}
	if r.err != nil {
		return 0, r.err
	}
	// The limit plus one byte: an answer of exactly limit bytes is allowed.
	if left := r.limit - r.read; int64(len(p))-1 > left {
		p = p[:left+1]
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

// isGzipError reports whether err is an error of decompression.
func isGzipError(err error) bool {
	return errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) ||
		strings.HasPrefix(err.Error(), "flate: ")
}
