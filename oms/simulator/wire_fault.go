package simulator

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"time"
)

const defaultBomb = 1 << 30

// answerFault answers with a fault that needs no list. It returns false for any other fault.
func (x *exchange) answerFault() bool {
	f := x.effect.fault
	status := f.Status
	if status == 0 {
		status = http.StatusOK
	}
	switch f.Kind {
	case Answer:
		x.w.Header().Set("Content-Type", jsonType)
		maps.Copy(x.w.Header(), f.Header)
		x.w.WriteHeader(status)
		x.writeStalling([]byte(f.Body))
	case ErrorEnvelope:
		x.answerError(status, f.Code, f.Text)
	case Silence:
		<-x.r.Context().Done()
		panic(http.ErrAbortHandler)
	case Reset:
		x.reset(nil)
	case Bomb:
		x.bomb()
	case Endless:
		x.endless()
	default:
		return false
	}
	return true
}

// writeStalling writes a body and pauses after its first half.
func (x *exchange) writeStalling(body []byte) {
	if x.effect.stall == 0 {
		_, _ = x.w.Write(body) // the client may be gone
		return
	}
	_, _ = x.w.Write(body[:len(body)/2])
	flush(x.w)
	if !sleep(x.r.Context(), x.effect.stall) {
		panic(http.ErrAbortHandler)
	}
	_, _ = x.w.Write(body[len(body)/2:])
}

// reset closes the connection with RST. half, if any, is sent before, with the headers.
func (x *exchange) reset(half []byte) {
	conn, buffered, err := http.NewResponseController(x.w).Hijack()
	if err != nil { // HTTP/2: ends the stream with an error
		panic(http.ErrAbortHandler)
	}
	defer func() { _ = conn.Close() }()
	if half != nil {
		_, _ = fmt.Fprint(buffered, "HTTP/1.1 200 OK\r\n")
		_ = x.w.Header().Write(buffered)
		_, _ = fmt.Fprint(buffered, "\r\n")
		_, _ = buffered.Write(half)
		_ = buffered.Flush() // the connection is closed next
	}
	bare := conn
	if secure, ok := conn.(*tls.Conn); ok {
		bare = secure.NetConn()
	}
	if tcp, ok := bare.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
		_ = tcp.Close()
	}
}

const listStart = `{"success":true,"pageNumber":1,"pageSize":150,"totalCount":1,"data":[{"id":"np_bomb","name":"`

// bomb sends a gzip body that decompresses to many bytes, even if the client does not accept gzip.
func (x *exchange) bomb() {
	size := x.effect.fault.Size
	if size == 0 {
		size = defaultBomb
	}
	x.w.Header().Set("Content-Type", jsonType)
	x.w.Header().Set("Content-Encoding", "gzip")
	x.w.WriteHeader(http.StatusOK)
	z := gzip.NewWriter(x.w)
	_, err := io.WriteString(z, listStart)
	chunk := bytes.Repeat([]byte("A"), 1<<16)
	for left := size - int64(len(listStart)); left > 0 && err == nil; left -= int64(len(chunk)) {
		_, err = z.Write(chunk[:min(left, int64(len(chunk)))])
	}
	if err != nil || z.Close() != nil {
		panic(http.ErrAbortHandler) // the client has closed
	}
}

// endless sends a string until the client closes.
func (x *exchange) endless() {
	x.w.Header().Set("Content-Type", jsonType)
	x.w.WriteHeader(http.StatusOK)
	_, err := io.WriteString(x.w, listStart)
	chunk := bytes.Repeat([]byte("A"), 1<<14)
	for err == nil && x.r.Context().Err() == nil {
		_, err = x.w.Write(chunk)
	}
	panic(http.ErrAbortHandler)
}

// sleep waits for d. It returns false if ctx ends before.
func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
