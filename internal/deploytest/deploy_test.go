// Package deploytest tests the files in deploy/ and .github/, which release, install and run the exporter. The tests
// compare these files with the program, its flags and its config.
package deploytest

import (
	"io"
	"testing"

	"github.com/oms-exporter/oms_exporter/internal/command"
	"github.com/oms-exporter/oms_exporter/internal/config"
	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

func TestMain(m *testing.M) { testutil.Main(m) }

const (
	alertsFile  = "../../dashboards/alerts.yml"
	installAsCI = "build it as .ci/run does"
)

// boards returns the paths of the Grafana boards.
func boards(t *testing.T) []string {
	t.Helper()
	return testutil.Glob(t, "../../dashboards/*.json")
}

// tool runs a program and returns its output. A program that fails, or writes to its standard error, fails the test.
func tool(t *testing.T, install, name string, args ...string) []byte {
	t.Helper()
	stdout, stderr, err := testutil.Run(t, "", testutil.LookPath(t, install, name), args...)
	if err != nil || stderr != "" {
		t.Fatalf("%s %q: %v\n%s%s", name, args, err, stdout, stderr)
	}
	return []byte(stdout)
}

// parseFlags reads a command line, and the environment, as the exporter does.
func parseFlags(t *testing.T, args ...string) *command.Flags {
	t.Helper()
	flags, err := command.Parse(args, io.Discard)
	if err != nil {
		t.Fatalf("flags %q: %v", args, err)
	}
	return flags
}

// passwordFile returns the password_file of the only target in a config file.
func passwordFile(t *testing.T, path string) string {
	t.Helper()
	c, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Targets) != 1 || c.Targets[0].HTTPClient.BasicAuth == nil {
		t.Fatalf("%s: %d targets, want one target with basic_auth", path, len(c.Targets))
	}
	return c.Targets[0].HTTPClient.BasicAuth.PasswordFile
}
