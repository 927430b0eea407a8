package oms

import (
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

// decompressed is the body of res as it was before the server compressed it. Only gzip was asked for. Call done after the last Read.
func decompressed(res *http.Response) (plain io.Reader, done func(), err error) {
	switch encoding := strings.ToLower(res.Header.Get("Content-Encoding")); encoding {
	case "", "identity":
		return res.Body, func() {}, nil
	case "gzip", "x-gzip":
		r := gzipReaders.Get().(*gzip.Reader)
		done = func() {
			// There is nothing in it; the body is let go of. A reader of single bytes, as that of a string is, would leave the buffer that has
			// the body as it is.
			_ = r.Reset(http.NoBody)
			gzipReaders.Put(r)
		}
		return r, done, endsEarly(r.Reset(res.Body))
	default:
		return nil, func() {}, encodingError(encoding)
	}
}

// tooLargeError is the answer that is longer than allowed.
type tooLargeError struct{ limit int64 }

func (e *tooLargeError) Error() string {
	return fmt.Sprintf("the answer is longer than %d bytes", e.limit)
}

// boundedReader reads up to limit bytes, while stopped returns nil, and keeps how it ended and how the answer began. Much can come out of a
// compressed answer that arrived whole long before.
type boundedReader struct {
	from    io.Reader
	limit   int64
	stopped func() error
	read    int64
	err     error
	begin   []byte // one byte more than maxBegin, if there are more
}

// maxBegin is enough for a token to stand in whole, which is known by nothing less: it is as long as the head of a request may be.
const maxBegin = 16 * maxText

func (r *boundedReader) Read(p []byte) (int, error) {
	if r.err == nil {
		r.err = r.stopped()
	}
	if r.err != nil {
		return 0, r.err
	}
	// One byte more than allowed is asked for: an answer of just the limit is fine.
	if room := r.limit - r.read + 1; int64(len(p)) > room {
		p = p[:room]
	}
	n, err := r.from.Read(p)
	if missing := maxBegin + 1 - len(r.begin); missing > 0 {
		r.begin = append(r.begin, p[:min(n, missing)]...)
	}
	r.read += int64(n)
	if r.read > r.limit {
		err = &tooLargeError{r.limit}
	}
	r.err = err
	return n, err
}

// encodingError is an answer compressed in a way that was not asked for.
type encodingError string

func (e encodingError) Error() string {
	return fmt.Sprintf("unknown Content-Encoding %q: only gzip was asked for", string(e))
}

// isDamaged says that the compressed form of an answer cannot be read.
func isDamaged(err error) bool {
	var encoding encodingError
	return errors.As(err, &encoding) || errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) || strings.HasPrefix(err.Error(), "flate: ")
}
