package web

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"time"
)

const (
	stallTimeout = 10 * time.Second // for a client to read paceBytes
	paceBytes    = 64 << 10
	bodyTimeout  = 5 * time.Second // for the body of a request, which the exporter ignores; less than stallTimeout
)

// pacedWriter gives a client stallTimeout for each part of a response. A client that does not read loses its connection
// after that time, which frees the place of its scrape. A slow client that reads gets the whole response.
type pacedWriter struct {
	http.ResponseWriter
	controller *http.ResponseController
}

func newPacedWriter(w http.ResponseWriter) *pacedWriter {
	p := &pacedWriter{ResponseWriter: w, controller: http.NewResponseController(w)}
	p.setDeadline(time.Time{}) // the deadline of the previous request on the connection; a walk has its own timeouts
	return p
}

// Unwrap is for http.ResponseController.
func (p *pacedWriter) Unwrap() http.ResponseWriter { return p.ResponseWriter }

func (p *pacedWriter) Write(data []byte) (int, error) {
	written := 0
	for {
		part := data[written:min(len(data), written+paceBytes)]
		p.setDeadline(time.Now().Add(stallTimeout))
		n, err := p.ResponseWriter.Write(part)
		if written += n; err != nil || written == len(data) {
			return written, err
		}
	}
}

func (p *pacedWriter) setDeadline(at time.Time) {
	_ = p.controller.SetWriteDeadline(at) // fails only in tests without a connection
}

type connKey struct{}

// ConnContext is for http.Server. It lets abort reset a connection.
func ConnContext(ctx context.Context, conn net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, conn)
}

// abort ends a response in such a way that the client cannot take it for a complete one. It does not return.
func abort(r *http.Request) {
	if !r.ProtoAtLeast(1, 1) { // in HTTP/1.0 a closed connection is the end of the response: only a reset is an error
		conn, _ := r.Context().Value(connKey{}).(net.Conn)
		if secure, ok := conn.(*tls.Conn); ok {
			conn = secure.NetConn()
		}
		if plain, ok := conn.(*net.TCPConn); ok {
			_ = plain.SetLinger(0) // the connection ends anyway: an error changes nothing
			_ = plain.Close()
		}
	}
	panic(http.ErrAbortHandler)
}
