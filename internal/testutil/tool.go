package testutil

import (
	"bytes"
	"os"
	"os/exec"
	"testing"
)

// LookPath returns the path of the first program of names that is on PATH. Without any of them the test is skipped.
// With CI=true the test fails, because a check that CI skips looks like a check that passed. install describes how to
// get the program, for example "install the Debian package prometheus".
func LookPath(tb testing.TB, install string, names ...string) string {
	tb.Helper()
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") == "true" {
		tb.Fatalf("%s is missing: %s", names[0], install)
	}
	tb.Skipf("%s is missing: %s", names[0], install)
	return ""
}

// Run runs a program in dir and returns its standard output and its standard error.
func Run(tb testing.TB, dir, path string, args ...string) (stdout, stderr string, err error) {
	tb.Helper()
	cmd := exec.CommandContext(tb.Context(), path, args...)
	cmd.Dir = dir
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err = cmd.Run()
	return out.String(), errs.String(), err
}
