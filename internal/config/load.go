package config

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sync/singleflight"
)

// maxFileBytes bounds the config file and each secret file.
const maxFileBytes = 1 << 20

// Load reads and checks the file at path. It joins the file names in it with the folder of the config file, and does
// not read these files: see Config.CheckFiles. The error is an *Error, the first one in the file.
func Load(path string) (*Config, error) {
	data, err := readFile(path)
	if err != nil {
		return nil, &Error{File: path, Reason: unreadable(err)}
	}
	c, err := parse(path, data)
	if err != nil {
		return nil, err
	}
	for i := range c.Targets {
		setDirectory(&c.Targets[i].HTTPClient, filepath.Dir(path))
	}
	return c, nil
}

// parse reads and checks the content of a file. File names in it stay relative.
func parse(file string, data []byte) (*Config, error) {
	node, err := parseYAML(file, data)
	if err != nil {
		return nil, err
	}
	root := value{node: node, file: file, line: 1}
	if node == nil || root.isNull() {
		return nil, root.errorf("the file is empty: list at least one target under targets")
	}
	var c Config
	if err := configSettings().read(&c, root); err != nil {
		return nil, err
	}
	if len(c.Targets) == 0 {
		return nil, root.errorf("targets is required: list at least one target")
	}
	return &c, nil
}

func readTargets(c *Config, v value) error {
	items, err := v.items()
	if err != nil {
		return err
	}
	if len(items) == 0 {
		return v.errorf("is empty: list at least one target")
	}
	indexOf := map[string]int{}
	for i, item := range items {
		t, err := readTarget(item)
		if err != nil {
			return err
		}
		if earlier, duplicate := indexOf[t.Name]; duplicate {
			name, _ := item.find("name")
			return name.errorf("targets[%d] has the same name: use unique names", earlier)
		}
		indexOf[t.Name] = i
		c.Targets = append(c.Targets, t)
	}
	return nil
}

func readTarget(v value) (Target, error) {
	t := DefaultTarget()
	if err := targetSettings().read(&t, v); err != nil {
		return t, err
	}
	if t.Name == "" {
		return t, v.errorf("name is required: it must match [a-zA-Z0-9_.-]+")
	}
	if t.URL == "" {
		return t, v.errorf(
			"url is required: use http:// or https:// with a host, an optional port and an optional path prefix",
		)
	}
	return t, nil
}

var errNotRegular = errors.New("is not a regular file")

// readFile reads a regular file of at most maxFileBytes. A pipe or a device is an error: a read could block or never
// end.
func readFile(path string) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	if info, err := f.Stat(); err != nil {
		return nil, err
	} else if !info.Mode().IsRegular() {
		return nil, errNotRegular
	}
	data, err := io.ReadAll(io.LimitReader(f, maxFileBytes+1))
	if err == nil && len(data) > maxFileBytes {
		err = fmt.Errorf("is larger than %s", formatSize(maxFileBytes))
	}
	return data, err
}

// unreadable returns the text of an error about a file, for after the path of the file.
func unreadable(err error) string {
	if pathError, ok := errors.AsType[*fs.PathError](err); ok {
		err = pathError.Err
	}
	return fmt.Sprintf("cannot be read: %v: check the path and the permissions", err)
}

// readShared calls read, or waits for a running call with the same key. When ctx ends, it returns the error late, and
// the call continues: a file system that hangs blocks one goroutine, not one per call.
func readShared[T any](
	ctx context.Context, calls *singleflight.Group, key string, late error, read func() (T, error),
) (T, error) {
	select {
	case result := <-calls.DoChan(key, func() (any, error) { return read() }):
		value, _ := result.Val.(T)
		return value, result.Err
	case <-ctx.Done():
		var none T
		return none, late
	}
}
