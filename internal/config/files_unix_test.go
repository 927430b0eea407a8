//go:build unix

package config

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A pipe that nobody writes to would hold the read for ever.
func TestReadFilePipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readFile(path); err == nil || err.Error() != "is not a regular file" {
		t.Errorf("error is %v", err)
	}
	if _, err := Load(path); err == nil || !strings.HasSuffix(err.Error(), "cannot be read: is not a regular file: check the path and the permissions") {
		t.Errorf("error is %v", err)
	}
}

func TestChangedPipe(t *testing.T) {
	path := write(t, t.TempDir(), "config.yml", minimal("one"))
	s, err := NewStore(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if changed, err := s.Changed(); !changed || err != nil {
		t.Errorf("changed is %t, %v", changed, err)
	}
}
