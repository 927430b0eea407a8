// Package boards tests the files in dashboards/: the Grafana dashboards, the alert rules, their runbook and the
// examples.
package boards

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/promql/parser"
	"go.yaml.in/yaml/v4"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

func TestMain(m *testing.M) { testutil.Main(m) }

// shipped returns the path of a file in dashboards/.
func shipped(name string) string { return filepath.Join("..", "..", "dashboards", name) }

// eachVersion runs a test with a program of Prometheus 2 and with the same program of Prometheus 3.
func eachVersion(t *testing.T, program string, test func(t *testing.T, program string)) {
	t.Helper()
	for _, name := range []string{program, program + "3"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, name)
		})
	}
}

// lookPath returns the path of the first of these programs that is installed.
func lookPath(tb testing.TB, programs ...string) string {
	tb.Helper()
	install := "install the Debian packages prometheus and prometheus-alertmanager"
	if strings.HasSuffix(programs[0], "3") {
		install = "build it as .ci/run does"
	}
	return testutil.LookPath(tb, install, programs...)
}

// runTool runs a program in dir and returns the text that it writes.
func runTool(tb testing.TB, dir, program string, args ...string) (output string, err error) {
	tb.Helper()
	stdout, stderr, err := testutil.Run(tb, dir, lookPath(tb, program), args...)
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
