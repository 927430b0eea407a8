package dashboards

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/promql/parser"
	"go.yaml.in/yaml/v3"
)

// rulesFile is what users load; every test reads it as it is shipped.
const rulesFile = "alerts.yml"

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

// alertNames are the alerts that users' silences, routes and runbooks rely on.
var alertNames = []string{
	"OMSTaskFailed", "OMSTaskStepFailed", "OMSTaskStepStalled", "OMSTaskCheckpointFrozen", "OMSTaskSyncDelayHigh",
	"OMSTaskSyncDelayNotDraining", "OMSTaskSyncDelayStale", "OMSTaskNoActiveStep", "OMSTaskStuckInTransition",
	"OMSTaskRetentionAtRisk", "OMSTaskAlarming", "OMSTaskDisappeared",
	"OMSDown", "OMSExporterDown", "OMSExporterConfigReloadFailed", "OMSListIncomplete", "OMSClockSkew",
}

// runTool runs a program of a Debian package in dir and returns what it said. Without the program the test is skipped, but fails
// in CI, where a check that is silently left out would look like one that passed.
func runTool(t *testing.T, dir, debianPackage, program string, args ...string) (string, error) {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is missing: install the Debian package %s", program, debianPackage)
		}
		t.Skipf("%s is missing: install the Debian package %s", program, debianPackage)
	}
	cmd := exec.CommandContext(t.Context(), path, args...) //nolint:gosec // program and arguments come from the tests
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func promtool(t *testing.T, dir string, args ...string) (string, error) {
	t.Helper()
	return runTool(t, dir, "prometheus", "promtool", args...)
}

func amtool(t *testing.T, args ...string) (string, error) {
	t.Helper()
	return runTool(t, ".", "prometheus-alertmanager", "amtool", args...)
}

func readYAML(t *testing.T, path string, into any) {
	t.Helper()
	text, err := os.ReadFile(path) //nolint:gosec // files of this folder
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

func writeYAML(t *testing.T, path string, from any) {
	t.Helper()
	text, err := yaml.Marshal(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

func readRules(t *testing.T) ruleFile {
	t.Helper()
	var rules ruleFile
	readYAML(t, rulesFile, &rules)
	return rules
}

// conditions are the expressions of the rules that record oms:condition, by condition: the label of a rule, or the value that label_replace
// sets within one.
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
				if call, ok := node.(*parser.Call); ok && call.Func.Name == "label_replace" && call.Args[1].String() == `"condition"` {
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

// storyFiles are the promtool files of this folder.
func storyFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("alerts*_test.yml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no story files: %v", err)
	}
	slices.Sort(files)
	return files
}
