package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
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
	began, generation := s.Current()
	ok, first := s.LastReload()
	if began.Targets[0].Name != "one" || generation != 1 || !ok || time.Since(first) > time.Minute {
		t.Fatalf("%v, generation %d, %v, %v", began, generation, ok, first)
	}

	write(t, folder, "config.yml", "targets: []")
	if err := s.Reload(nil); err == nil ||
		!strings.Contains(err.Error(), "config.yml:1: targets: is empty: list at least one target") {
		t.Errorf("error is %v", err)
	}
	c, generation := s.Current()
	ok, at := s.LastReload()
	if c != began || generation != 1 || ok || !at.Equal(first) {
		t.Errorf("after a bad file: %v, generation %d, %v, %v", c, generation, ok, at)
	}

	write(t, folder, "config.yml", minimal("two"))
	if err := s.Reload(nil); err != nil {
		t.Error(err)
	}
	c, generation = s.Current()
	ok, at = s.LastReload()
	if c.Targets[0].Name != "two" || generation != 2 || !ok || at.Before(first) || began.Targets[0].Name != "one" {
		t.Errorf("after a good file: %v, generation %d, %v, %v", c, generation, ok, at)
	}
	for _, secret := range []string{"Pl4nted-one", "Pl4nted-two"} {
		if !slices.Contains(s.Secrets(), secret) {
			t.Errorf("%s is forgotten: a walk may still use it", secret)
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
		running, _ := s.Current()
		if offered.Targets[0].Name != "two" || running.Targets[0].Name != "one" {
			t.Errorf("offered is %v while %v runs", offered, running)
		}
		if !slices.Contains(s.Secrets(), "Pl4nted-two") {
			t.Error("the secrets of what is offered are not known yet: who accepts it may use them at once")
		}
		return refused
	})
	ok, _ := s.LastReload()
	if c, generation := s.Current(); !errors.Is(err, refused) || c.Targets[0].Name != "one" || generation != 1 || ok {
		t.Errorf("after a refusal: %v, %v, generation %d, %v", err, c, generation, ok)
	}

	if err := s.Reload(func(*Config) error { return nil }); err != nil {
		t.Error(err)
	}
	if c, generation := s.Current(); c.Targets[0].Name != "two" || generation != 2 {
		t.Errorf("after it was accepted: %v, generation %d", c, generation)
	}
	write(t, folder, "config.yml", "targets: []")
	if err := s.Reload(func(*Config) error { t.Error("a bad file is offered"); return nil }); err == nil {
		t.Error("no error")
	}
}

func TestNewStoreError(t *testing.T) {
	if _, err := NewStore("none.yml"); err == nil {
		t.Error("no error")
	}
}

func TestStaticStore(t *testing.T) {
	c := &Config{Targets: []Target{DefaultTarget()}}
	s := NewStaticStore(c)
	if err := s.Reload(nil); err != nil {
		t.Error(err)
	}
	if got, generation := s.Current(); got != c || generation != 1 {
		t.Errorf("%v, generation %d", got, generation)
	}
}

func TestReloadConcurrency(t *testing.T) {
	var loads, running int // guarded by the rule under test: -race finds a violation
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
	if _, generation := s.Current(); generation != 21 || loads != 21 {
		t.Errorf("generation %d after %d loads", generation, loads)
	}
}

func TestStoreSecrets(t *testing.T) {
	target := DefaultTarget()
	target.HTTPClient.BearerToken = "Pl4nted-in-use"
	now := time.Now()
	s, err := newStore(
		"",
		func() (*Config, error) { return &Config{Targets: []Target{target}}, nil },
		func() time.Time { return now },
	)
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
