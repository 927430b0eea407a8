package command

import (
	"errors"
	"net"
	"os"
	"syscall"
	"testing"
)

func TestExplainListen(t *testing.T) {
	listen := func(err error) error { return &net.OpError{Op: "listen", Net: "tcp", Err: err} }
	for _, c := range []struct {
		args []string
		err  error
		want string
	}{
		{nil, listen(os.NewSyscallError("bind", syscall.EADDRINUSE)),
			"listen tcp: bind: address already in use: stop the other program, perhaps another exporter, or set another port with --web.listen-address"},
		{nil, listen(os.NewSyscallError("bind", syscall.EACCES)),
			"listen tcp: bind: permission denied: set a port above 1023 with --web.listen-address, or let systemd open the port with oms_exporter.socket"},
		{nil, listen(&net.AddrError{Err: "missing port in address", Addr: "127.0.0.1"}),
			"listen tcp: address 127.0.0.1: missing port in address: check --web.listen-address, such as :10089 or 127.0.0.1:10089"},
		{nil, &net.OpError{Op: "accept", Net: "tcp", Err: errors.New("too many open files")}, "accept tcp: too many open files"},
		{[]string{"--web.systemd-socket"}, errors.New("no socket activation file descriptors found"),
			"no socket activation file descriptors found: --web.systemd-socket requires systemd to start the exporter through oms_exporter.socket"},
	} {
		err := parse(t, append(c.args, "--demo")...).ExplainListen(c.err)
		if err.Error() != c.want || !errors.Is(err, c.err) {
			t.Errorf("error is %v\nwant     %s", err, c.want)
		}
	}
}

// anyListener is a listener from outside package net.
type anyListener struct {
	net.Listener
	address net.Addr
}

func (l anyListener) Addr() net.Addr { return l.address }

func TestPageURL(t *testing.T) {
	tcp := func(ip string) net.Addr { return &net.TCPAddr{IP: net.ParseIP(ip), Port: 10089} }
	for _, c := range []struct {
		address net.Addr
		args    []string
		want    string
	}{
		{tcp("192.0.2.1"), nil, "https://192.0.2.1:10089/"},
		{tcp("2001:db8::1"), nil, "https://[2001:db8::1]:10089/"},
		{tcp("::"), nil, "https://localhost:10089/"},
		{tcp("0.0.0.0"), nil, "https://localhost:10089/"},
		{&net.UnixAddr{Name: "/run/socket", Net: "unix"}, nil, ""},
		{tcp("::"), []string{"--web.route-prefix=/oms"}, "https://localhost:10089/oms/"},
		{tcp("::"), []string{"--web.external-url=/oms/", "--web.route-prefix=/"}, "https://localhost:10089/"},
		{tcp("::"), []string{"--web.external-url=http://example.com/oms/", "--web.route-prefix=/"}, "http://example.com/oms/"},
		{tcp("::"), []string{"--web.external-url=http://example.com"}, "http://example.com/"},
	} {
		if got := parse(t, append(c.args, "--demo")...).PageURL(anyListener{address: c.address}); got != c.want {
			t.Errorf("%s %s: got %q, want %q", c.address, c.args, got, c.want)
		}
	}
}
