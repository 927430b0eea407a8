//go:build unix

package config

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestLoadPipe loads a pipe that has no writer. Opening it can block forever.
func TestLoadPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
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
