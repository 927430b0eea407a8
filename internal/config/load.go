package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"go.yaml.in/yaml/v4"
)

// maxFileBytes bounds the config file and each secret file.
const maxFileBytes = 1 << 20

// Load reads and checks the file at path. File names in it are joined with the
// folder of the config file; the files themselves are not read (see
// CheckFiles). Whatever is wrong is an *Error, the first one in the file.
func Load(path string) (*Config, error) {
	data, err := readFile(path)
	if err != nil {
		return nil, &Error{File: path, Reason: "cannot be read: " + cause(err)}
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

// parse reads and checks the content of a file; file names in it stay as they
// are.
func parse(file string, data []byte) (*Config, error) {
	node, err := parseYAML(file, data)
	if err != nil {
		return nil, err
	}
	root := value{node: node, file: file, line: 1}
	if node == nil || root.isNull() {
		return nil, root.errorf("the file is empty: targets is required")
	}
	var c Config
	if err := configSettings().read(&c, root); err != nil {
		return nil, err
	}
	if len(c.Targets) == 0 {
		return nil, root.errorf("targets is required: a list with at least one target")
	}
	return &c, nil
}

func readTargets(c *Config, v value) error {
	items, err := v.items()
	if err != nil {
		return err
	}
	if len(items) == 0 {
		return v.errorf("has no target: at least one is required")
	}
	first := map[string]int{}
	for i, item := range items {
		t, err := readTarget(item)
		if err != nil {
			return err
		}
		if earlier, twice := first[t.Name]; twice {
			item.line, item.key = lineOfKey(item.node, "name"), item.key+".name"
			return item.errorf("the name is taken by targets[%d]: names are unique", earlier)
		}
		first[t.Name] = i
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
		return t, v.errorf("name is required: allowed is [a-zA-Z0-9_.-]+")
	}
	if t.URL == "" {
		return t, v.errorf("url is required: http:// or https://, a host, perhaps a port and a path prefix")
	}
	return t, nil
}

// lineOfKey returns the line of a key that the mapping has.
func lineOfKey(mapping *yaml.Node, key string) int {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			return mapping.Content[i].Line
		}
	}
	return mapping.Line
}

const noRegularFile = "is no regular file"

// readFile reads a regular file of bounded size. A pipe or a device is an error: it could block, or never end.
func readFile(path string) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	if info, err := f.Stat(); err != nil {
		return nil, err
	} else if !info.Mode().IsRegular() {
		return nil, errors.New(noRegularFile)
	}
	data, err := io.ReadAll(io.LimitReader(f, maxFileBytes+1))
	if err == nil && len(data) > maxFileBytes {
		err = fmt.Errorf("is larger than %s", formatSize(maxFileBytes))
	}
	return data, err
}

// cause returns what went wrong with a file, without the file's name.
func cause(err error) string {
	if pathError, ok := errors.AsType[*fs.PathError](err); ok {
		return pathError.Err.Error()
	}
	return err.Error()
}
