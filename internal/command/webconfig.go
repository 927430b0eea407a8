package command

import (
	"errors"
	"net"
	"net/http"
	"os"
)

// CheckRegular returns an error for a pipe, a device or a folder, which can block a read forever. It returns nil for a
// file that does not exist.
func CheckRegular(path string) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return errors.New("is not a regular file: check the path")
	}
	return nil
}

// CloseWithoutWebConfig implements http.Server.ConnState. exporter-toolkit reads the --web.config.file for each TLS
// connection and each request. While it is not a regular file, a read can block a thread, so connections are closed.
func (f *Flags) CloseWithoutWebConfig(conn net.Conn, state http.ConnState) {
	if state != http.StateNew && state != http.StateActive {
		return
	}
	if path := *f.Toolkit.WebConfigFile; path != "" && CheckRegular(path) != nil {
		_ = conn.Close()
	}
}
