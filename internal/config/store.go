package config

import (
	"slices"
	"sync"
	"time"
)

// maxKnownSecrets bounds what a Store remembers of secrets that are no longer
// in use.
const maxKnownSecrets = 1000

// Store holds the running configuration and replaces it. Its methods may be
// called by several goroutines.
type Store struct {
	load func() (*Config, error)
	now  func() time.Time

	reload sync.Mutex // held while a file is read: one at a time

	mu         sync.RWMutex
	config     *Config
	generation uint64
	ok         bool
	successAt  time.Time
	secrets    []string // those of the past first
}

// NewStore loads the file at path. Its error is Load's.
func NewStore(path string) (*Store, error) {
	return newStore(func() (*Config, error) { return Load(path) }, time.Now)
}

// NewStaticStore holds a configuration that comes from no file: Reload always
// succeeds and changes nothing.
func NewStaticStore(c *Config) *Store {
	s, _ := newStore(func() (*Config, error) { return c, nil }, time.Now) // cannot fail
	return s
}

func newStore(load func() (*Config, error), now func() time.Time) (*Store, error) {
	s := &Store{load: load, now: now}
	if err := s.Reload(nil); err != nil {
		return nil, err
	}
	return s, nil
}

// Reload reads the file again. An error leaves the running configuration in
// place, and is the one to show. Calls that overlap run one after the other,
// each with a read of its own.
//
// accept, which may be nil, is given a configuration that was read well, before
// it becomes the running one. Its error is an error of the reload: what the
// configuration asks for cannot be had. It must not call Reload.
func (s *Store) Reload(accept func(*Config) error) error {
	s.reload.Lock()
	defer s.reload.Unlock()
	c, err := s.load()
	if err == nil {
		s.remember(c.Secrets()) // who accepts it may use them before Reload returns
		if accept != nil {
			err = accept(c)
		}
	}
	s.keep(c, err)
	return err
}

// keep notes what a load gave.
func (s *Store) keep(c *Config, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ok = err == nil
	if err != nil {
		return
	}
	s.successAt = s.now()
	if c != s.config {
		s.config = c
		s.generation++
	}
}

// Current returns the running configuration and its generation, which counts
// the configurations from 1. The configuration is not to be changed; it stays
// valid, for who began with it, after a reload.
func (s *Store) Current() (*Config, uint64) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.config, s.generation
}

// LastReload reports whether the last load succeeded, and when one last did.
func (s *Store) LastReload() (ok bool, successAt time.Time) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.ok, s.successAt
}

// Secrets returns the secrets of the running configuration, and those that
// earlier calls returned: a walk under way may still use a configuration that
// was replaced, or a password that its file no longer holds. Hand it to
// Redactor.
func (s *Store) Secrets() []string {
	c, _ := s.Current()
	return s.remember(c.Secrets())
}

// remember adds secrets to those that are known, and returns them all.
func (s *Store) remember(now []string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	past := slices.DeleteFunc(s.secrets, func(secret string) bool { return slices.Contains(now, secret) })
	past = past[max(0, len(past)-maxKnownSecrets):]
	s.secrets = slices.Concat(past, now)
	return slices.Clone(s.secrets)
}
