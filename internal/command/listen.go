package command

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"syscall"
)

// ExplainListen adds to an error of the HTTP server what to do if it cannot open its port.
func (f *Flags) ExplainListen(err error) error {
	op, ok := errors.AsType[*net.OpError](err)
	switch {
	case *f.Toolkit.WebSystemdSocket && !ok:
		return fmt.Errorf("%w: --web.systemd-socket requires systemd to start the exporter through oms_exporter.socket", err)
	case !ok || op.Op != "listen":
		return err
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%w: "+
			"stop the other program, perhaps another exporter, or set another port with --web.listen-address", err)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("%w: set a port above 1023 with --web.listen-address, "+
			"or let systemd open the port with oms_exporter.socket", err)
	}
	return fmt.Errorf("%w: check --web.listen-address, such as :10089 or 127.0.0.1:10089", err)
}

// PageURL returns the address of the exporter's page: --web.external-url, or the address for a browser on the same
// host. It returns "" for a listener that no browser can reach. A listener from outside package net has TLS.
func (f *Flags) PageURL(listener net.Listener) string {
	if f.ExternalURL != nil && f.ExternalURL.Host != "" {
		return f.ExternalURL.String() + "/"
	}
	address, ok := listener.Addr().(*net.TCPAddr)
	if !ok {
		return ""
	}
	host, port := address.IP.String(), strconv.Itoa(address.Port)
	if address.IP.IsUnspecified() {
		host = "localhost"
	}
	u := url.URL{Scheme: "https", Host: net.JoinHostPort(host, port), Path: f.RoutePrefix + "/"}
	if _, plain := listener.(*net.TCPListener); plain {
		u.Scheme = "http"
	}
	return u.String()
}
