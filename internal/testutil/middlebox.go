package testutil

import (
	"io"
	"net"
	"sync"
	"testing"
)

// Middlebox is a TCP proxy on loopback, as a firewall or a load balancer on the way, that can let the open connections
// die. Connections that are opened later work.
type Middlebox struct {
	listener net.Listener
	to       string

	mu    sync.Mutex
	open  []*passage
	every int
}

// passage is one connection through a Middlebox.
type passage struct {
	client, server net.Conn

	mu    sync.Mutex
	death death
}

type death int

const (
	alive  death = iota
	resets       // the next byte of the client is answered by a reset
	silent       // nothing passes any more
)

// NewMiddlebox opens a proxy to an address until the test ends.
func NewMiddlebox(t testing.TB, to string) *Middlebox {
	t.Helper()
	var listen net.ListenConfig
	l, err := listen.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m := &Middlebox{listener: l, to: to}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return // closed
			}
			all.Go(func() { m.pass(client) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		m.mu.Lock()
		for _, p := range m.open {
			p.close()
		}
		m.mu.Unlock()
		all.Wait()
	})
	return m
}

// Address is where the proxy listens.
func (m *Middlebox) Address() string { return m.listener.Addr().String() }

// Opened is the number of connections since the beginning.
func (m *Middlebox) Opened() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.every
}

// ResetOpen has the next byte on each open connection answered by a reset.
func (m *Middlebox) ResetOpen() { m.kill(resets) }

// SilenceOpen has nothing pass on the open connections any more, neither way.
func (m *Middlebox) SilenceOpen() { m.kill(silent) }

func (m *Middlebox) kill(how death) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range m.open {
		p.mu.Lock()
		p.death = how
		p.mu.Unlock()
	}
}

func (m *Middlebox) pass(client net.Conn) {
	var dialer net.Dialer
	server, err := dialer.Dial("tcp", m.to) //nolint:noctx // it ends with the test
	if err != nil {
		_ = client.Close()
		return
	}
	p := &passage{client: client, server: server}
	m.mu.Lock()
	m.open = append(m.open, p)
	m.every++
	m.mu.Unlock()
	var both sync.WaitGroup
	both.Go(func() { p.copy(server, client) })
	both.Go(func() { p.copy(client, server) })
	both.Wait()
}

// copy passes bytes on until the connection ends or dies.
func (p *passage) copy(to, from net.Conn) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		p.mu.Lock()
		death := p.death
		p.mu.Unlock()
		switch {
		case death == silent && err == nil:
			continue // the kernel still acknowledges what arrives
		case death == silent:
			return
		case death == resets && from == p.client && err == nil:
			_ = p.client.(*net.TCPConn).SetLinger(0)
			p.close()
			return
		case death == resets && err == nil:
			continue
		}
		if _, writeErr := to.Write(buffer[:n]); err != nil || writeErr != nil {
			p.close()
			return
		}
	}
}

func (p *passage) close() {
	for _, c := range []io.Closer{p.client, p.server} {
		_ = c.Close()
	}
}
