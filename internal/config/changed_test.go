package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestChanged(t *testing.T) {
	folder := t.TempDir()
	in := func(name string) string { return filepath.Join(folder, name) }
	write(t, folder, "password", "Pl4nted-one")
	write(t, folder, "ca.crt", "no certificate")
	path := write(t, folder, "config.yml", "targets: [{name: a, url: http://a, http_client: "+
		"{basic_auth: {username: u, password_file: password}, tls_config: {ca_file: ca.crt}}}]")
	s, err := NewStore(path)
	if err != nil {
		t.Fatal(err)
	}
	refuse := func(*Config) error { return errors.New("refused") }
	for _, c := range []struct {
		rule   string
		change func() error
		want   bool
		accept func(*Config) error
	}{
		{"without a change", func() error { return nil }, false, nil},
		{"the time of a file does not count", func() error { return os.Chtimes(path, time.Unix(1, 0), time.Unix(1, 0)) }, false, nil},
		{"a secret file counts", func() error { return os.WriteFile(in("password"), []byte("Pl4nted-two"), 0o600) }, true, nil},
		{"a certificate counts", func() error { return os.WriteFile(in("ca.crt"), []byte("another"), 0o600) }, true, refuse},
		{"a file of a refused config counts", func() error { return os.WriteFile(in("ca.crt"), []byte("a third"), 0o600) }, true, nil},
		{"a removed file counts", func() error { return os.Remove(in("password")) }, true, nil},
		{"an invalid config counts", func() error { return os.WriteFile(path, []byte("targets: []"), 0o600) }, true, nil},
		{"a file that an invalid config does not name does not count", func() error { return os.WriteFile(in("password"), []byte("Pl4nted-three"), 0o600) }, false, nil},
		{"another config counts", func() error { return os.WriteFile(path, []byte(minimal("b")), 0o600) }, true, nil},
		{"a file that the config no longer names does not count", func() error { return os.WriteFile(in("ca.crt"), nil, 0o600) }, false, nil},
	} {
		t.Run(c.rule, func(t *testing.T) {
			if err := c.change(); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if got, err := s.Changed(); got != c.want || err != nil {
					t.Errorf("changed is %t, %v, want %t", got, err, c.want)
				}
			}
			_ = s.Reload(c.accept) // the next change is relative to this config, even if it is invalid or refused
			if got, err := s.Changed(); got || err != nil {
				t.Errorf("changed is %t, %v after the reload", got, err)
			}
		})
	}
}

func TestReloadHangingFileSystem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := make(chan struct{})
		var loads atomic.Int64
		var hanging atomic.Bool
		s, err := newStore("", func() (*Config, error) {
			loads.Add(1)
			if hanging.Load() {
				<-hang
			}
			return &Config{}, nil
		}, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		hanging.Store(true)
		before := s.Current()
		for range 5 {
			began := time.Now()
			err := s.Reload(func(*Config) error { t.Error("accept receives a config that was not read"); return nil })
			if waited := time.Since(began); waited != readTimeout || err == nil ||
				!strings.Contains(err.Error(), "could not be read within 10s") {
				t.Errorf("after %s: %v", waited, err)
			}
		}
		if ok, _ := s.LastReload(); ok || s.Current() != before || loads.Load() != 2 {
			t.Errorf("ok is %t, the config has changed: %t, %d loads", ok, s.Current() != before, loads.Load())
		}
		hanging.Store(false)
		close(hang)
		synctest.Wait()
		if err := s.Reload(nil); err != nil {
			t.Errorf("afterwards: %v", err)
		}
	})
}

// A load hangs at a file that the config names. Then somebody removes that file from the config.
func TestReloadChangedConfigWhileLoadHangs(t *testing.T) {
	folder := t.TempDir()
	path := write(t, folder, "config.yml", "good")
	synctest.Test(t, func(t *testing.T) {
		hang := make(chan struct{})
		s, err := newStore(path, func() (*Config, error) {
			if text, err := os.ReadFile(path); err != nil || string(text) == "hangs" {
				<-hang
			}
			return &Config{}, nil
		}, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		write(t, folder, "config.yml", "hangs")
		if err := s.Reload(nil); err == nil {
			t.Error("the load does not hang")
		}
		write(t, folder, "config.yml", "mended")
		if err := s.Reload(nil); err != nil {
			t.Errorf("the reload of another config waits for the load that hangs: %v", err)
		}
		close(hang)
	})
}
