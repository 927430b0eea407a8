// Package boards tests the files in dashboards/: the Grafana dashboards, the alert rules, their runbook and the
// examples.
package boards

import (
	"path/filepath"
	"testing"

	"github.com/prometheus/prometheus/promql/parser"
	"go.yaml.in/yaml/v4"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

func TestMain(m *testing.M) { testutil.Main(m) }

const (
	installPrometheus   = "install the Debian package prometheus"
	installAlertmanager = "install the Debian package prometheus-alertmanager"
)

// shipped returns the path of a file in dashboards/.
func shipped(name string) string { return filepath.Join("..", "..", "dashboards", name) }

// eachVersion runs a test with a program of Prometheus 2 and with the same program of Prometheus 3.
func eachVersion(t *testing.T, program string, test func(t *testing.T, path string)) {
	t.Helper()
	for name, install := range map[string]string{program: installPrometheus, program + "3": "build it as .ci/run does"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, testutil.LookPath(t, install, name))
		})
	}
}

func promtool(t *testing.T, dir string, args ...string) (output string, err error) {
	t.Helper()
	return runTool(t, dir, testutil.LookPath(t, installPrometheus, "promtool"), args...)
}

func amtool(t *testing.T, args ...string) (output string, err error) {
	t.Helper()
	return runTool(t, "", testutil.LookPath(t, installAlertmanager, "amtool"), args...)
}

// runTool runs a program in dir and returns the text that it writes.
func runTool(t *testing.T, dir, path string, args ...string) (output string, err error) {
	t.Helper()
	stdout, stderr, err := testutil.Run(t, dir, path, args...)
	return stdout + stderr, err
}

func writeYAML(t testing.TB, path string, from any) {
	t.Helper()
	text, err := yaml.Marshal(from)
	if err != nil {
		t.Fatal(err)
	}
	testutil.WriteFile(t, path, string(text))
}

// parseExpr parses PromQL with the parser of Prometheus, without experimental features.
func parseExpr(t *testing.T, text string) parser.Expr {
	t.Helper()
	expr, err := parser.NewParser(parser.Options{}).ParseExpr(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return expr
}
