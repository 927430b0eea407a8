package testutil

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// "go generate ./..." brings every generated file up to date: the golden files first, then the texts that quote them,
// then the screenshot, which needs Chromium.
//go:generate go test ../../... -update
//go:generate go test ../docs ../deploytest -update
//go:generate go test -tags=slow -run ^TestBrowser$ ../web/page -update

var update = flag.Bool("update", false, "write the golden files and the generated texts again")

// Update reports whether the flag -update is set: the test then writes its golden files.
func Update() bool { return *update }

// Golden compares got with the golden file at path. With the flag -update it writes the file instead.
func Golden(tb testing.TB, path, got string) {
	tb.Helper()
	if Update() {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			tb.Fatal(err)
		}
	}
	if diff := cmp.Diff(strings.Split(string(ReadFile(tb, path)), "\n"), strings.Split(got, "\n")); diff != "" {
		tb.Errorf("%s differs (-want +got): run \"go test ./... -update\" if the change is right:\n%s", path, diff)
	}
}
