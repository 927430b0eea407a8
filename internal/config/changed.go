package config

import (
	"crypto/sha256"
	"errors"
	"maps"
	"slices"
	"time"
)

// readTimeout bounds a read of all files: a file system can hang.
const readTimeout = 10 * time.Second

var errReadTimeout = errors.New("the config or a file that it references could not be read within " +
	readTimeout.String() + ": check the file system")

// fileHashes are hashes of the content of files, by path. For a file that cannot be read it is the hash of the error.
type fileHashes map[string][sha256.Size]byte

func (h fileHashes) add(paths ...string) {
	for _, path := range paths {
		data, err := readFile(path)
		if err != nil {
			data = []byte(unreadable(err))
		}
		h[path] = sha256.Sum256(data)
	}
}

// loadResult is the result of a load.
type loadResult struct {
	config  *Config
	secrets []string
	hashes  fileHashes // nil: the load did not end in time
}

// loadFiles loads the config and hashes the files that it depends on. A file system that hangs blocks one goroutine,
// not one per call.
func (s *Store) loadFiles() (loadResult, error) {
	result, err := s.withTimeout("load", func() (any, error) {
		loaded := loadResult{hashes: fileHashes{}}
		if s.file != "" {
			loaded.hashes.add(s.file) // before the load: a change during the load must count
		}
		var err error
		if loaded.config, err = s.load(); err == nil {
			loaded.hashes.add(loaded.config.files()...)
			loaded.secrets = loaded.config.Secrets()
		}
		return loaded, err
	})
	loaded, _ := result.(loadResult) // the zero value after a timeout
	return loaded, err
}

// Changed reports whether the content of the config file, or of a file that the config references, has changed since
// the last load. It fails if the files cannot be read within readTimeout.
func (s *Store) Changed() (bool, error) {
	s.mu.RLock()
	loaded := s.hashes
	s.mu.RUnlock()
	result, err := s.withTimeout("hash", func() (any, error) {
		now := fileHashes{}
		now.add(slices.Collect(maps.Keys(loaded))...)
		return now, nil
	})
	now, _ := result.(fileHashes) // nil after a timeout
	return err == nil && !maps.Equal(now, loaded), err
}

// withTimeout waits at most readTimeout for a function. Concurrent calls with the same name share one call of the
// function.
func (s *Store) withTimeout(name string, read func() (any, error)) (any, error) {
	timer := time.NewTimer(readTimeout)
	defer timer.Stop()
	select {
	case result := <-s.reads.DoChan(name, read):
		return result.Val, result.Err
	case <-timer.C:
		return nil, errReadTimeout
	}
}

// files returns the files that the configuration references.
func (c *Config) files() []string {
	var all []string
	for i := range c.Targets {
		for _, secret := range c.Targets[i].credentials() {
			if secret.file != "" {
				all = append(all, secret.file)
			}
		}
		for _, f := range tlsFiles(&c.Targets[i].HTTPClient) {
			all = append(all, f.path)
		}
	}
	return all
}
