package testutil

import (
	"os"
	"path/filepath"
	"testing"

	"go.yaml.in/yaml/v4"
)

// ReadFile returns the content of a file. A file that cannot be read fails the test.
func ReadFile(tb testing.TB, path string) []byte {
	tb.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	return content
}

// WriteFile writes a file, creates its folders if necessary, and returns its path.
func WriteFile(tb testing.TB, path, content string) string {
	tb.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		tb.Fatal(err)
	}
	return path
}

// Glob returns the files that match a pattern, in order. A pattern without a match fails the test.
func Glob(tb testing.TB, pattern string) []string {
	tb.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil {
		tb.Fatalf("%s: %v", pattern, err)
	}
	if len(files) == 0 {
		tb.Fatalf("no file matches %s", pattern)
	}
	return files
}

// ReadYAML decodes a YAML file.
func ReadYAML(tb testing.TB, path string, into any) {
	tb.Helper()
	if err := yaml.Unmarshal(ReadFile(tb, path), into); err != nil {
		tb.Fatalf("%s: %v", path, err)
	}
}

// Root returns the path of the repository's top folder.
func Root(tb testing.TB) string {
	tb.Helper()
	dir, err := os.Getwd()
	if err != nil {
		tb.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			tb.Fatal("no go.mod in any parent folder: run the tests in a clone of the repository")
		}
		dir = filepath.Dir(dir)
	}
}
