package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	promconfig "github.com/prometheus/common/config"
)

func minimal(name string) string {
	return "targets: [{name: " + name + ", url: http://a, http_client: {basic_auth: {username: u, password: Pl4nted-" + name + "}}}]"
}

func TestReload(t *testing.T) {
	folder := t.TempDir()
	path := write(t, folder, "config.yml", minimal("one"))
	s, err := NewStore(path)
	if err != nil {
		t.Fatal(err)
	}
	began := s.Current()
	ok, first := s.LastReload()
	if began.Targets[0].Name != "one" || !ok || time.Since(first) > time.Minute {
		t.Fatalf("%v, %v, %v", began, ok, first)
	}

	write(t, folder, "config.yml", "targets: []")
	if err := s.Reload(nil); err == nil ||
		!strings.Contains(err.Error(), "config.yml:1: targets: is empty: list at least one target") {
		t.Errorf("error is %v", err)
	}
	ok, at := s.LastReload()
	if s.Current() != began || ok || !at.Equal(first) {
		t.Errorf("after a bad file: %v, %v, %v", s.Current(), ok, at)
	}

	write(t, folder, "config.yml", minimal("two"))
	if err := s.Reload(nil); err != nil {
		t.Error(err)
	}
	ok, at = s.LastReload()
	if s.Current().Targets[0].Name != "two" || !ok || at.Before(first) || began.Targets[0].Name != "one" {
		t.Errorf("after a good file: %v, %v, %v", s.Current(), ok, at)
	}
	for _, secret := range []string{"Pl4nted-one", "Pl4nted-two"} {
		if !slices.Contains(s.Secrets(), secret) {
			t.Errorf("%s is forgotten, but a walk can still use it", secret)
		}
	}
}

func TestReloadAccept(t *testing.T) {
	folder := t.TempDir()
	path := write(t, folder, "config.yml", minimal("one"))
	s, err := NewStore(path)
	if err != nil {
		t.Fatal(err)
	}
	write(t, folder, "config.yml", minimal("two"))

	refused := errors.New("refused")
	err = s.Reload(func(offered *Config) error {
		running := s.Current()
		if offered.Targets[0].Name != "two" || running.Targets[0].Name != "one" {
			t.Errorf("accept receives %v while %v runs", offered, running)
		}
		if !slices.Contains(s.Secrets(), "Pl4nted-two") {
			t.Error("the secrets of the new config are not remembered before accept, which can use them")
		}
		return refused
	})
	ok, _ := s.LastReload()
	if !errors.Is(err, refused) || s.Current().Targets[0].Name != "one" || ok {
		t.Errorf("after a refusal: %v, %v, %v", err, s.Current(), ok)
	}

	if err := s.Reload(func(*Config) error { return nil }); err != nil {
		t.Error(err)
	}
	if s.Current().Targets[0].Name != "two" {
		t.Errorf("after accept: %v", s.Current())
	}
	write(t, folder, "config.yml", "targets: []")
	if err := s.Reload(func(*Config) error { t.Error("accept receives a bad config"); return nil }); err == nil {
		t.Error("no error")
	}
}

func TestStaticStore(t *testing.T) {
	c := &Config{Targets: []Target{DefaultTarget()}}
	s := NewStaticStore(c)
	if err := s.Reload(nil); err != nil {
		t.Error(err)
	}
	if s.Current() != c {
		t.Errorf("the config is %v", s.Current())
	}
}

func TestReloadConcurrency(t *testing.T) {
	var loads, running int // no lock: loads must not overlap, and -race reports it if they do
	s, err := newStore("", func() (*Config, error) {
		loads++
		running++
		if running != 1 {
			t.Error("two at a time")
		}
		running--
		return &Config{}, nil
	}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			_ = s.Reload(nil)
			s.Current()
			s.LastReload()
			s.Secrets()
		})
	}
	all.Wait()
	if loads != 21 {
		t.Errorf("%d loads, want 21", loads)
	}
}

func TestStoreSecrets(t *testing.T) {
	target := DefaultTarget()
	target.HTTPClient.Authorization = &promconfig.Authorization{Credentials: "Pl4nted-in-use"}
	now := time.Now()
	load := func() (*Config, error) { return &Config{Targets: []Target{target}}, nil }
	s, err := newStore("", load, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	for i := range 1000 {
		s.Remember([]string{fmt.Sprint("Pl4nted-", i)}, target.Timeout)
		now = now.Add(10 * time.Second)
	}
	got := s.Secrets()
	if want := int(secretAge(target.Timeout)/(10*time.Second)) + 2; len(got) != want {
		t.Errorf("%d secrets are remembered of a file that changes every 10 s, want %d", len(got), want)
	}
	if !slices.Contains(got, "Pl4nted-in-use") {
		t.Error("a secret of the running config is forgotten")
	}
}
