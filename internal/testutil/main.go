// Package testutil has the helpers that the tests of several packages share: golden files, programs of other projects,
// processes, waiting, and the exporter as a binary.
//
// Every package with tests calls Main, because all of them must accept the flag -update.
package testutil

import (
	"os"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

// shared is the folder of SharedDir.
var shared struct {
	once sync.Once
	path string
	err  error
}

// Main runs the tests of a package and ends the process. It fails when a goroutine still runs after the last test. A
// TestMain calls Main:
//
//	func TestMain(m *testing.M) { testutil.Main(m) }
func Main(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		if shared.path != "" {
			_ = os.RemoveAll(shared.path) // the operating system deletes the rest
		}
		os.Exit(code)
	}))
}

// SharedDir returns a folder that all tests of a package share. Main deletes it after the last test.
func SharedDir(tb testing.TB) string {
	tb.Helper()
	shared.once.Do(func() { shared.path, shared.err = os.MkdirTemp("", "oms_exporter-test-") })
	if shared.err != nil {
		tb.Fatal(shared.err)
	}
	return shared.path
}
