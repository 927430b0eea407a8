// Package boards tests the files in dashboards/: the Grafana dashboards, the alert rules, their runbook and the
// examples.
package boards

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/promql/parser"
	"go.yaml.in/yaml/v4"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

func TestMain(m *testing.M) { testutil.Main(m) }

// rulesFile is the file of rules that users load. Every test reads the file as it is shipped.
const rulesFile = "alerts.yml"

// shipped returns the path of a file in dashboards/.
func shipped(name string) string { return filepath.Join("..", "..", "dashboards", name) }

// rule is an alerting or a recording rule of the rules file.
type rule struct {
	Record        string            `yaml:"record,omitempty"`
	Alert         string            `yaml:"alert,omitempty"`
	Expr          string            `yaml:"expr"`
	For           string            `yaml:"for,omitempty"`
	KeepFiringFor string            `yaml:"keep_firing_for,omitempty"`
	Labels        map[string]string `yaml:"labels,omitempty"`
	Annotations   map[string]string `yaml:"annotations,omitempty"`
}

type ruleGroup struct {
	Name     string `yaml:"name"`
	Interval string `yaml:"interval,omitempty"`
	Rules    []rule `yaml:"rules"`
}

type ruleFile struct {
	Groups []ruleGroup `yaml:"groups"`
}

// story is one test of a promtool file. What the tests here do not look into is kept as it is.
type story struct {
	Interval string           `yaml:"interval"`
	Name     string           `yaml:"name"`
	Series   []map[string]any `yaml:"input_series"`
	Queries  []map[string]any `yaml:"promql_expr_test,omitempty"`
	Alerts   []alertTest      `yaml:"alert_rule_test,omitempty"`
}

type alertTest struct {
	EvalTime  string `yaml:"eval_time"`
	AlertName string `yaml:"alertname"`
	Expected  []struct {
		Labels      map[string]string `yaml:"exp_labels"`
		Annotations map[string]string `yaml:"exp_annotations"`
	} `yaml:"exp_alerts"`
}

type storyFile struct {
	RuleFiles []string `yaml:"rule_files"`
	Interval  string   `yaml:"evaluation_interval"`
	Tests     []story  `yaml:"tests"`
}

// alertNames are the alerts in the table of docs/alerts.md. Silences, routes and runbooks of users rely on them.
var alertNames = func() (names []string) {
	page, err := os.ReadFile("../../docs/alerts.md")
	if err != nil {
		panic(err)
	}
	for _, line := range regexp.MustCompile("(?m)^\\| `(OMS\\w+)` \\|").FindAllSubmatch(page, -1) {
		names = append(names, string(line[1]))
	}
	return names
}()

// eachVersion runs a test with a program of Prometheus 2, and with the same program of Prometheus 3: users have both.
func eachVersion(t *testing.T, program string, test func(t *testing.T, path string)) {
	t.Helper()
	for name, install := range map[string]string{
		program:       "install the Debian package prometheus",
		program + "3": "build it as .ci/run does",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, testutil.LookPath(t, install, name))
		})
	}
}

// promtool runs promtool in dir and returns its output.
func promtool(t *testing.T, dir string, args ...string) (string, error) {
	t.Helper()
	return run(t, dir, testutil.LookPath(t, "install the Debian package prometheus", "promtool"), args...)
}

func amtool(t *testing.T, args ...string) (string, error) {
	t.Helper()
	return run(t, "", testutil.LookPath(t, "install the Debian package prometheus-alertmanager", "amtool"), args...)
}

func run(t *testing.T, dir, path string, args ...string) (string, error) {
	t.Helper()
	stdout, stderr, err := testutil.Run(t, dir, path, args...)
	return stdout + stderr, err
}

func readYAML(t testing.TB, path string, into any) {
	t.Helper()
	if err := yaml.Unmarshal(testutil.ReadFile(t, path), into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

func writeYAML(t testing.TB, path string, from any) {
	t.Helper()
	text, err := yaml.Marshal(from)
	if err != nil {
		t.Fatal(err)
	}
	testutil.WriteFile(t, path, string(text))
}

func readRules(t testing.TB) ruleFile {
	t.Helper()
	var rules ruleFile
	readYAML(t, shipped(rulesFile), &rules)
	return rules
}

// conditions are the expressions of the rules that record oms:condition, by condition: the label of a rule, or the
// value that label_replace sets within one.
func conditions(t *testing.T) map[string]parser.Expr {
	t.Helper()
	found := map[string]parser.Expr{}
	for _, group := range readRules(t).Groups {
		for _, r := range group.Rules {
			if r.Record != "oms:condition" {
				continue
			}
			expr, err := promQL.ParseExpr(r.Expr)
			if err != nil {
				t.Fatal(err)
			}
			if name := r.Labels["condition"]; name != "" {
				found[name] = expr
				continue
			}
			parser.Inspect(expr, func(node parser.Node, _ []parser.Node) error {
				if call, ok := node.(*parser.Call); ok && call.Func.Name == "label_replace" &&
					call.Args[1].String() == `"condition"` {
					found[strings.Trim(call.Args[2].String(), `"`)] = call.Args[0]
				}
				return nil
			})
		}
	}
	return found
}

// alertingRules are the alerting rules of all groups, in their order.
func alertingRules(rules ruleFile) []rule {
	var alerting []rule
	for _, group := range rules.Groups {
		for _, r := range group.Rules {
			if r.Alert != "" {
				alerting = append(alerting, r)
			}
		}
	}
	return alerting
}

// storyFiles returns the paths of the promtool files.
func storyFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/alerts*_test.yml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no story files: %v", err)
	}
	slices.Sort(files)
	return files
}
