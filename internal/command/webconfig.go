package command

import (
	"errors"
	"net"
	"net/http"
	"os"
)

// CheckRegular returns an error for a pipe, a device or a folder: to open it could wait without end. A file that is missing, or no name, is
// no error here.
func CheckRegular(path string) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return errors.New("is no regular file")
	}
	return nil
}

// CloseWithoutWebConfig is for http.Server.ConnState. exporter-toolkit reads the file of --web.config.file for each connection with TLS and for
// each request: while it is no regular file, which would hold a thread each time, connections are closed.
func (f *Flags) CloseWithoutWebConfig(conn net.Conn, state http.ConnState) {
	if state != http.StateNew && state != http.StateActive {
		return
	}
	if path := *f.Toolkit.WebConfigFile; path != "" && CheckRegular(path) != nil {
		_ = conn.Close()
	}
}
