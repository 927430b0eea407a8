package config

import (
	"crypto/sha256"
	"errors"
	"maps"
	"slices"
	"time"

	promconfig "github.com/prometheus/common/config"
)

// readTimeout bounds a read of all files: a file system can hang.
const readTimeout = 10 * time.Second

var errReadTimeout = errors.New("the config or a file that it names could not be read within " + readTimeout.String() + ": check the file system that they are on")

// contents are hashes of files by path. A file that cannot be read has the hash of the reason.
type contents map[string][sha256.Size]byte

func (c contents) add(paths ...string) {
	for _, path := range paths {
		data, err := readFile(path)
		if err != nil {
			data = []byte(cause(err))
		}
		c[path] = sha256.Sum256(data)
	}
}

// reading is what a load found.
type reading struct {
	config   *Config
	secrets  []string
	contents contents // nil: the load did not end in time
}

// read loads the config and hashes the files that it depends on. A file system that hangs holds one goroutine, however often read is called.
func (s *Store) read() (reading, error) {
	result, err := s.bounded("load", func() (any, error) {
		read := reading{contents: contents{}}
		if s.file != "" {
			read.contents.add(s.file) // before the load: a change in between is then a change since
		}
		var err error
		if read.config, err = s.load(); err == nil {
			read.contents.add(read.config.files()...)
			read.secrets = read.config.Secrets()
		}
		return read, err
	})
	read, _ := result.(reading) // the zero value beside errReadTimeout
	return read, err
}

// Changed reports whether the content of a file has changed since the last load: of the config file, or of a file that the config names. The
// error says that the files could not be read in time.
func (s *Store) Changed() (bool, error) {
	s.mu.RLock()
	loaded := s.contents
	s.mu.RUnlock()
	result, err := s.bounded("contents", func() (any, error) {
		now := contents{}
		now.add(slices.Collect(maps.Keys(loaded))...)
		return now, nil
	})
	now, _ := result.(contents) // nil beside errReadTimeout
	return err == nil && !maps.Equal(now, loaded), err
}

// bounded waits for a function readTimeout at most. A call during another one of the same name waits for that.
func (s *Store) bounded(name string, read func() (any, error)) (any, error) {
	timer := time.NewTimer(readTimeout)
	defer timer.Stop()
	select {
	case result := <-s.reads.DoChan(name, read):
		return result.Val, result.Err
	case <-timer.C:
		return nil, errReadTimeout
	}
}

// files lists the files that the configuration names.
func (c *Config) files() []string {
	var all []string
	for i := range c.Targets {
		client := &c.Targets[i].HTTPClient
		for _, f := range c.Targets[i].secretFiles() {
			all = append(all, f.path)
		}
		all = append(all, tlsFiles(&client.TLSConfig)...)
		if client.OAuth2 != nil {
			all = append(all, tlsFiles(&client.OAuth2.TLSConfig)...)
		}
	}
	return all
}

func tlsFiles(c *promconfig.TLSConfig) []string {
	return slices.DeleteFunc([]string{c.CAFile, c.CertFile, c.KeyFile}, func(path string) bool { return path == "" })
}
