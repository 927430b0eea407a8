package testutil

import (
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestMain(m *testing.M) { Main(m) }

// callsMain matches the call of Main, on the line of TestMain or on a line of its own.
var callsMain = regexp.MustCompile(`(?m)^(func TestMain\(m \*testing\.M\) \{ |\t+)(testutil\.)?Main\(m\)`)

// "go test ./... -update" fails in a package that does not know the flag.
func TestUpdateFlag(t *testing.T) {
	root := Root(t)
	calls := map[string]bool{} // by folder
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != root && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "testdata"):
			return filepath.SkipDir
		case strings.HasSuffix(path, "_test.go"):
			folder := filepath.Dir(path)
			calls[folder] = calls[folder] || callsMain.Match(ReadFile(t, path))
		}
		return nil
	})
	if err != nil || len(calls) < 10 {
		t.Fatalf("%d folders with tests, want at least 10, error %v", len(calls), err)
	}
	for folder, called := range calls {
		if !called {
			t.Errorf(`%s: no TestMain calls testutil.Main: add "func TestMain(m *testing.M) { testutil.Main(m) }"`, folder)
		}
	}
}
