package testutil

import (
	"net"
	"sync"
	"testing"
)

// Middlebox is a TCP proxy on loopback, such as a firewall or a load balancer, that can break its open connections.
// Connections that are opened later work.
type Middlebox struct {
	listener net.Listener
	server   string

	mu    sync.Mutex
	pairs []*connPair // all that were opened
}

// connPair is a connection from a client to a Middlebox and the one from there to the server.
type connPair struct {
	client, server net.Conn

	mu    sync.Mutex
	state connState
}

type connState int

const (
	working  connState = iota
	resets             // the next byte from the client resets the connection
	silenced           // no byte passes
)

// NewMiddlebox starts a proxy to the address of a server. The proxy stops at the end of the test.
func NewMiddlebox(tb testing.TB, server string) *Middlebox {
	tb.Helper()
	m := &Middlebox{listener: Listen(tb), server: server}
	var running sync.WaitGroup
	tb.Cleanup(func() {
		_ = m.listener.Close()
		m.mu.Lock()
		for _, pair := range m.pairs {
			pair.close()
		}
		m.mu.Unlock()
		running.Wait()
	})
	running.Go(func() {
		for {
			client, err := m.listener.Accept()
			if err != nil {
				return // closed
			}
			running.Go(func() { m.forward(client) })
		}
	})
	return m
}

// Address returns the address of the proxy.
func (m *Middlebox) Address() string { return m.listener.Addr().String() }

// Opened returns the number of connections since the start.
func (m *Middlebox) Opened() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.pairs)
}

// ResetOpen resets each open connection at the next byte from its client.
func (m *Middlebox) ResetOpen() { m.setState(resets) }

// SilenceOpen drops all further bytes of the open connections, in both directions.
func (m *Middlebox) SilenceOpen() { m.setState(silenced) }

func (m *Middlebox) setState(state connState) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, pair := range m.pairs {
		pair.mu.Lock()
		pair.state = state
		pair.mu.Unlock()
	}
}

func (m *Middlebox) forward(client net.Conn) {
	server, err := net.Dial("tcp", m.server) //nolint:noctx // the connection ends with the test
	if err != nil {
		_ = client.Close()
		return
	}
	pair := &connPair{client: client, server: server}
	m.mu.Lock()
	m.pairs = append(m.pairs, pair)
	m.mu.Unlock()
	var directions sync.WaitGroup
	directions.Go(func() { pair.copy(server, client) })
	directions.Go(func() { pair.copy(client, server) })
	directions.Wait()
}

// copy forwards bytes in one direction until the connection ends.
func (p *connPair) copy(to, from net.Conn) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		p.mu.Lock()
		state := p.state
		p.mu.Unlock()
		switch {
		case state == silenced && err != nil:
			return
		case state == resets && err == nil && from == p.client:
			_ = p.client.(*net.TCPConn).SetLinger(0)
			p.close()
			return
		case state != working && err == nil:
			continue // the kernel acknowledges the bytes
		}
		if _, writeErr := to.Write(buffer[:n]); err != nil || writeErr != nil {
			p.close()
			return
		}
	}
}

func (p *connPair) close() {
	_ = p.client.Close()
	_ = p.server.Close()
}
