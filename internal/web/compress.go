package web

import (
	"io"
	"net/http"

	"github.com/klauspost/compress/gzhttp"
	"github.com/klauspost/compress/gzhttp/writer"
	"github.com/klauspost/compress/gzhttp/writer/gzkp"
	"github.com/klauspost/compress/gzip"
)

// maxFastWriters is the number of fast compressors in use at the same time. Each holds 0.8 MB until the client has read
// the response. A stateless one holds memory only during a write, but takes more CPU, and its responses are a tenth
// longer.
const maxFastWriters = 4

// compressed compresses the responses of handler with gzip for clients that accept it.
func compressed(handler http.Handler) (http.Handler, error) {
	wrap, err := gzhttp.NewWrapper(gzhttp.Implementation(gzipWriters()), gzhttp.EnableZstd(false))
	if err != nil {
		return nil, err
	}
	return wrap(handler), nil
}

// gzipWriters returns a factory of compressors: fast ones while fewer than maxFastWriters are in use, then stateless
// ones.
func gzipWriters() writer.GzipWriterFactory {
	inUse := make(chan struct{}, maxFastWriters)
	return writer.GzipWriterFactory{
		Levels: gzkp.Levels,
		New: func(w io.Writer, _ int) writer.GzipWriter {
			select {
			case inUse <- struct{}{}:
				return &fastWriter{gzkp.NewWriter(w, gzip.BestSpeed), inUse}
			default:
				return gzkp.NewWriter(w, gzip.StatelessCompression)
			}
		},
	}
}

// fastWriter is a compressor that counts as in use until it is closed.
type fastWriter struct {
	writer.GzipWriter
	inUse <-chan struct{}
}

// Close ends the response. It is also called for an aborted one.
func (w *fastWriter) Close() error {
	defer func() { <-w.inUse }()
	return w.GzipWriter.Close()
}
