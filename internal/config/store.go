package config

import (
	"maps"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// secretAge returns the time for which a Store remembers a secret that was replaced. A walk with this timeout that uses
// the secret ends earlier.
func secretAge(timeout time.Duration) time.Duration { return 2*timeout + time.Minute }

// Store holds the running configuration and replaces it. It is safe for concurrent use.
type Store struct {
	file string // read by load; empty: none
	load func() (*Config, error)
	now  func() time.Time

	reload sync.Mutex // held during a reload
	reads  singleflight.Group

	mu            sync.RWMutex
	config        *Config
	ok            bool
	successAt     time.Time
	configSecrets []string             // of the running configuration when it was loaded
	secrets       map[string]time.Time // until when each is remembered
	hashes        fileHashes           // of the files that the last load read, even if it failed
}

// NewStore returns a store with the configuration in the file at path. The error is the error of Load.
func NewStore(path string) (*Store, error) {
	return newStore(path, func() (*Config, error) { return Load(path) }, time.Now)
}

// NewVariablesStore returns a store with the configuration that variables describe. The error is the error of
// Variables.Config.
func NewVariablesStore(v Variables) (*Store, error) { return newStore("", v.Config, time.Now) }

// NewStaticStore returns a store with a configuration that no file describes. Reload succeeds and changes nothing.
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

// Reload reads the file again and makes its configuration the running one. After an error the running configuration
// stays. Concurrent calls run one after the other, and each reads the config file.
//
// accept, which can be nil, receives the new configuration before it becomes the running one. If accept fails, for
// example because a client cannot be built, Reload returns the error. accept must not call Reload.
func (s *Store) Reload(accept func(*Config) error) error {
	s.reload.Lock()
	defer s.reload.Unlock()
	loaded, err := s.loadFiles()
	if err == nil {
		s.Remember(loaded.secrets, loaded.config.longestTimeout()) // accept can use them before Reload returns
		if accept != nil {
			err = accept(loaded.config)
		}
	}
	s.record(loaded, err)
	return err
}

// record stores the result of a load.
func (s *Store) record(loaded loadResult, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if loaded.hashes != nil {
		s.hashes = loaded.hashes
	}
	s.ok = err == nil
	if err != nil {
		return
	}
	s.config, s.configSecrets, s.successAt = loaded.config, loaded.secrets, s.now()
}

// Current returns the running configuration. Callers must not change it. They can use it after a reload, which does not
// change it.
func (s *Store) Current() *Config {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.config
}

// LastReload reports whether the last load succeeded, and returns the time of the last successful load.
func (s *Store) LastReload() (ok bool, successAt time.Time) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.ok, s.successAt
}

// Secrets returns the secrets of the running configuration, the secrets that walks read from secret files, and for a
// while the secrets that have been replaced, since a walk can still use them. It reads no file. It is an argument for
// Redactor.
func (s *Store) Secrets() []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Sorted(maps.Keys(s.secrets))
}

// Remember adds the secrets of a walk with this timeout to the result of Secrets.
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
		remember(s.configSecrets, s.config.longestTimeout())
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
