package config

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
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

// loadFiles loads the config and hashes the files that it depends on. A load can hang at a file. If the config has
// changed since then, it may no longer name that file, so there is another load.
func (s *Store) loadFiles() (loadResult, error) {
	ctx, cancel := context.WithTimeout(context.Background(), readTimeout)
	defer cancel()
	config, err := readShared(ctx, &s.reads, "config", errReadTimeout, func() (fileHashes, error) {
		config := fileHashes{}
		if s.file != "" {
			config.add(s.file) // before the load: a change during the load must count
		}
		return config, nil
	})
	if err != nil {
		return loadResult{}, err
	}
	key := fmt.Sprintf("load %x", config[s.file])
	return readShared(ctx, &s.reads, key, errReadTimeout, func() (loadResult, error) {
		loaded := loadResult{hashes: maps.Clone(config)}
		var err error
		if loaded.config, err = s.load(); err == nil {
			loaded.hashes.add(loaded.config.files()...)
			loaded.secrets = loaded.config.Secrets()
		}
		return loaded, err
	})
}

// Changed reports whether the content of the config file, or of a file that the config references, has changed since
// the last load. It fails if the files cannot be read within readTimeout.
func (s *Store) Changed() (bool, error) {
	s.mu.RLock()
	loaded := s.hashes
	s.mu.RUnlock()
	ctx, cancel := context.WithTimeout(context.Background(), readTimeout)
	defer cancel()
	now, err := readShared(ctx, &s.reads, "hash", errReadTimeout, func() (fileHashes, error) {
		now := fileHashes{}
		now.add(slices.Collect(maps.Keys(loaded))...)
		return now, nil
	})
	return err == nil && !maps.Equal(now, loaded), err
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
