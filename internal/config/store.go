package config

import (
	"maps"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// secretAge returns how long a Store remembers a secret that was replaced: longer than a walk with this timeout can still use it.
func secretAge(timeout time.Duration) time.Duration { return 2*timeout + time.Minute }

// Store holds the running configuration and replaces it. Its methods may be
// called by several goroutines.
type Store struct {
	file string // that load reads; empty: none
	load func() (*Config, error)
	now  func() time.Time

	reload sync.Mutex // held while a file is read: one at a time
	reads  singleflight.Group

	mu         sync.RWMutex
	config     *Config
	generation uint64
	ok         bool
	successAt  time.Time
	loaded     []string             // secrets of the running configuration when it was loaded
	secrets    map[string]time.Time // until when each is remembered
	contents   contents             // of the files that the last load read, whether it succeeded or not
}

// NewStore loads the file at path. Its error is Load's.
func NewStore(path string) (*Store, error) {
	return newStore(path, func() (*Config, error) { return Load(path) }, time.Now)
}

// NewVariablesStore holds the configuration that variables describe. Its error is that of Variables.Config.
func NewVariablesStore(v Variables) (*Store, error) { return newStore("", v.Config, time.Now) }

// NewStaticStore holds a configuration that comes from no file: Reload always
// succeeds and changes nothing.
func NewStaticStore(c *Config) *Store {
	s, _ := newStore("", func() (*Config, error) { return c, nil }, time.Now) // cannot fail
	return s
}

func newStore(file string, load func() (*Config, error), now func() time.Time) (*Store, error) {
	s := &Store{file: file, load: load, now: now}
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
// it becomes the running one. Its error is an error of the reload: a client of a
// target cannot be made, for example. It must not call Reload.
func (s *Store) Reload(accept func(*Config) error) error {
	s.reload.Lock()
	defer s.reload.Unlock()
	read, err := s.read()
	if err == nil {
		s.Remember(read.secrets, read.config.longestTimeout()) // accept may use them before Reload returns
		if accept != nil {
			err = accept(read.config)
		}
	}
	s.keep(read, err)
	return err
}

// keep notes what a load gave.
func (s *Store) keep(read reading, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if read.contents != nil {
		s.contents = read.contents
	}
	s.ok = err == nil
	if err != nil {
		return
	}
	s.successAt, s.loaded = s.now(), read.secrets
	if read.config != s.config {
		s.config = read.config
		s.generation++
	}
}

// Current returns the running configuration and its generation, which counts
// the configurations from 1. The configuration must not be changed. A reload
// does not change it either: callers can go on with it.
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

// Secrets returns the secrets that are remembered: those of the running
// configuration, those that walks read from secret files, and for a while those
// that were replaced, since a walk under way may still use them. It reads no
// file. Hand it to Redactor.
func (s *Store) Secrets() []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Sorted(maps.Keys(s.secrets))
}

// Remember adds the secrets of a walk with this timeout to those that Secrets returns.
func (s *Store) Remember(secrets []string, timeout time.Duration) {
	now := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.secrets == nil {
		s.secrets = make(map[string]time.Time)
	}
	remember := func(secrets []string, timeout time.Duration) {
		for _, secret := range secrets {
			if until := now.Add(secretAge(timeout)); until.After(s.secrets[secret]) {
				s.secrets[secret] = until
			}
		}
	}
	if s.config != nil {
		remember(s.loaded, s.config.longestTimeout())
	}
	remember(secrets, timeout)
	maps.DeleteFunc(s.secrets, func(_ string, until time.Time) bool { return now.After(until) })
}

func (c *Config) longestTimeout() time.Duration {
	longest := time.Duration(0)
	for i := range c.Targets {
		longest = max(longest, c.Targets[i].Timeout)
	}
	return longest
}
