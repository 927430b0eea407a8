package command

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"syscall"
)

// ExplainListen adds to an error of the HTTP server what to do about a port that it cannot have.
func (f *Flags) ExplainListen(err error) error {
	op, ok := errors.AsType[*net.OpError](err)
	switch {
	case *f.Toolkit.WebSystemdSocket && !ok:
		return fmt.Errorf("%w: with --web.systemd-socket, systemd has to start the exporter, by oms_exporter.socket", err)
	case !ok || op.Op != "listen":
		return err
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%w: does the exporter run already? Else choose another port by --web.listen-address", err)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("%w: choose a port above 1023 by --web.listen-address, or have systemd open it: oms_exporter.socket", err)
	}
	return fmt.Errorf("%w: check --web.listen-address, such as :10089 or 127.0.0.1:10089", err)
}

// PageURL returns the address of the exporter's page: that of --web.external-url, otherwise the one for a browser on the same host, or "" for a
// listener that no browser reaches. A listener of another kind than that of package net has TLS.
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
