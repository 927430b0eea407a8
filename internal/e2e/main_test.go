// Package e2e tests the program as its users have it: the binary is built once, with the race detector or coverage if the tests have it,
// and runs on loopback ports against a simulated OMS in the test's process.
package e2e

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"
)

var (
	update    = flag.Bool("update", false, "write the golden files anew")
	stormTime = flag.Duration("storm", 0, "how long the fault storm lasts; 0: a minute, or 10 s with -short")
)

// Set by TestMain.
var (
	binary   string
	coverage string // folder for the coverage data of the binary, empty if none is asked for
)

const (
	version = "1.2.3-e2e"
	golden  = "../../testdata/e2e"
)

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	folder, err := os.MkdirTemp("", "oms_exporter-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(folder) }()
	if err := build(folder); err != nil {
		fmt.Fprintln(os.Stderr, "the binary cannot be built:", err)
		return 1
	}
	code := m.Run()
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	return code
}

func build(folder string) error {
	binary = filepath.Join(folder, "oms_exporter")
	args := []string{"build", "-o", binary, "-ldflags", "-X github.com/prometheus/common/version.Version=" + version}
	if raceEnabled {
		args = append(args, "-race")
	}
	if testing.CoverMode() != "" {
		args = append(args, "-cover", "-coverpkg=github.com/oms-exporter/oms_exporter/...")
		if coverage = os.Getenv("GOCOVERDIR"); coverage == "" {
			coverage = folder
		}
	}
	command := exec.CommandContext(context.Background(), "go", append(args, "github.com/oms-exporter/oms_exporter")...)
	command.Stdout, command.Stderr = os.Stderr, os.Stderr
	return command.Run()
}

// tool finds a program of Debian's that a test needs. Where it is missing the test is skipped, but not in CI.
func tool(t *testing.T, name, debianPackage string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err == nil {
		return path
	}
	missing := fmt.Sprintf("%s is missing: install the Debian package %s", name, debianPackage)
	if os.Getenv("CI") == "true" {
		t.Fatal(missing)
	}
	t.Skip(missing)
	return ""
}
