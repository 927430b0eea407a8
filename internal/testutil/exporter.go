package testutil

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"sync"
	"testing"
)

// Version is the version of the exporter that Build builds.
const Version = "1.2.3-e2e"

var built struct {
	once   sync.Once
	output []byte
	err    error
}

// Build returns the path of the exporter's binary. It builds the binary once for all tests of a package, with the race
// detector or with coverage if the tests have it.
func Build(tb testing.TB) string {
	tb.Helper()
	binary := filepath.Join(SharedDir(tb), "oms_exporter")
	built.once.Do(func() {
		args := []string{"build", "-o", binary, "-ldflags", "-X github.com/prometheus/common/version.Version=" + Version}
		if raceEnabled() {
			args = append(args, "-race")
		}
		if testing.CoverMode() != "" {
			args = append(args, "-cover", "-coverpkg=./...")
		}
		cmd := exec.Command("go", append(args, ".")...) // not with the context of one test: all tests use the binary
		cmd.Dir = Root(tb)
		built.output, built.err = cmd.CombinedOutput()
	})
	if built.err != nil {
		tb.Fatalf("build the exporter: %v\n%s", built.err, built.output)
	}
	return binary
}

func raceEnabled() bool {
	info, _ := debug.ReadBuildInfo()
	return slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

// coverageDir returns the folder into which the binary writes its coverage.
func coverageDir(tb testing.TB) string {
	tb.Helper()
	if dir := os.Getenv("GOCOVERDIR"); dir != "" {
		return dir
	}
	return SharedDir(tb)
}

// Launch starts the exporter in an empty folder, without the environment variables of the test. It does not wait until
// the exporter listens. change, which may be nil, adapts the command.
func Launch(tb testing.TB, change func(*exec.Cmd), args ...string) *Process {
	tb.Helper()
	cmd := exec.Command(Build(tb), args...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "GOCOVERDIR=" + coverageDir(tb)}
	cmd.Dir = tb.TempDir()
	if change != nil {
		change(cmd)
	}
	return Start(tb, cmd)
}

// StartExporter starts the exporter on a free port, waits until it listens, and returns its URL without a slash at the
// end. At the end of the test, the exporter receives SIGTERM and must end with exit code 0.
func StartExporter(tb testing.TB, change func(*exec.Cmd), args ...string) (p *Process, url string) {
	tb.Helper()
	p = Launch(tb, change, append([]string{"--web.listen-address=127.0.0.1:0"}, args...)...)
	tb.Cleanup(p.Stop)
	return p, p.URL()
}
