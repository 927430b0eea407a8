package testutil

import (
	"flag"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// "go generate ./..." updates every generated file: first the golden files, then the texts that quote them, then the
// screenshot, which needs Chromium.
//go:generate go test ../../... -update
//go:generate go test ../docs ../deploytest -update
//go:generate go test -tags=slow -run ^TestBrowser$ ../web/page -update

var update = flag.Bool("update", false, "rewrite the golden files and the generated texts")

// Update reports whether the flag -update is set. A test then writes its golden files.
func Update() bool { return *update }

// Golden compares got with the golden file at path. With the flag -update it writes the file instead.
func Golden(tb testing.TB, path, got string) {
	tb.Helper()
	if Update() {
		WriteFile(tb, path, got)
	}
	if diff := cmp.Diff(strings.Split(string(ReadFile(tb, path)), "\n"), strings.Split(got, "\n")); diff != "" {
		tb.Errorf("%s differs (-want +got): run \"go test ./... -update\" if the change is intended:\n%s", path, diff)
	}
}
