package command

import (
	"errors"
	"fmt"
	"net"
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
