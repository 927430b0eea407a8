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
)

// pacedWriter gives a client stallTimeout for each part of an answer. A client that does not read loses its connection, and with it the place
// of its scrape, after that time; a slow one that reads gets the whole answer.
type pacedWriter struct {
	http.ResponseWriter
	controller *http.ResponseController
}

func newPacedWriter(w http.ResponseWriter) *pacedWriter {
	p := &pacedWriter{w, http.NewResponseController(w)}
	p.setDeadline(time.Time{}) // of the connection's request before; a walk has time limits of its own
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
	_ = p.controller.SetWriteDeadline(at) // not supported by tests without a connection
}

type connKey struct{}

// ConnContext is for http.Server. It lets abort reset a connection.
func ConnContext(ctx context.Context, conn net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, conn)
}

// abort breaks an answer off in such a way that the client cannot take it for a whole one. It does not return.
func abort(r *http.Request) {
	if !r.ProtoAtLeast(1, 1) { // where the end of the connection is the end of the answer: only a reset says that the answer is cut
		conn, _ := r.Context().Value(connKey{}).(net.Conn)
		if secure, ok := conn.(*tls.Conn); ok {
			conn = secure.NetConn()
		}
		if plain, ok := conn.(*net.TCPConn); ok {
			_ = plain.SetLinger(0) // the connection is broken off anyway: there is nobody to report an error to
			_ = plain.Close()
		}
	}
	panic(http.ErrAbortHandler)
}
