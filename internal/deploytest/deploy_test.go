// Package deploytest tests the files in deploy/, which install and run the exporter: the systemd unit, the packages and the Kubernetes
// manifests. The tests compare these files with the program, its flags and its config.
package deploytest

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"testing"

	"github.com/oms-exporter/oms_exporter/internal/command"
	"github.com/oms-exporter/oms_exporter/internal/config"
)

// tool runs a program that comes in a Debian package and gives what it prints. A program that fails, or complains, fails the test.
func tool(t *testing.T, debianPackage, name string, args ...string) []byte {
	t.Helper()
	needTool(t, debianPackage, name)
	cmd := exec.CommandContext(t.Context(), name, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil || stderr.Len() > 0 {
		t.Fatalf("%s: %v\n%s%s", cmd, err, stdout.Bytes(), stderr.Bytes())
	}
	return stdout.Bytes()
}

// needTool skips the test where the program is not installed. In CI it has to be.
func needTool(t *testing.T, debianPackage, name string) {
	t.Helper()
	_, err := exec.LookPath(name)
	switch {
	case err == nil:
	case os.Getenv("CI") == "true":
		t.Fatalf("%s is missing: install Debian's %s", name, debianPackage)
	default:
		t.Skipf("%s is missing: install Debian's %s", name, debianPackage)
	}
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

// passwordFile loads a config that has to be valid and gives the file that its only target's password is read from.
func passwordFile(t *testing.T, path string) string {
	t.Helper()
	c, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Targets) != 1 || c.Targets[0].HTTPClient.BasicAuth == nil {
		t.Fatalf("%s: not one target with basic_auth", path)
	}
	return c.Targets[0].HTTPClient.BasicAuth.PasswordFile
}
