package boards

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

// rulesFile is the rules file in dashboards/.
const rulesFile = "alerts.yml"

// rule is an alerting rule or a recording rule.
type rule struct {
	Record        string            `yaml:"record,omitempty"`
	Alert         string            `yaml:"alert,omitempty"`
	Expr          string            `yaml:"expr"`
	For           string            `yaml:"for,omitempty"`
	KeepFiringFor string            `yaml:"keep_firing_for,omitempty"`
	Labels        map[string]string `yaml:"labels,omitempty"`
	Annotations   map[string]string `yaml:"annotations,omitempty"`
}

// String returns the name of the alert or of the recorded series.
func (r rule) String() string { return r.Record + r.Alert }

type ruleGroup struct {
	Name     string `yaml:"name"`
	Interval string `yaml:"interval,omitempty"`
	Rules    []rule `yaml:"rules"`
}

type ruleFile struct {
	Groups []ruleGroup `yaml:"groups"`
}

func readRules(t testing.TB) ruleFile {
	t.Helper()
	var rules ruleFile
	testutil.ReadYAML(t, shipped(rulesFile), &rules)
	return rules
}

// allRules returns the rules of all groups in their order.
func allRules(t *testing.T) (all []rule) {
	t.Helper()
	for _, group := range readRules(t).Groups {
		all = append(all, group.Rules...)
	}
	return all
}

// alertRules returns the alerting rules in their order.
func alertRules(t *testing.T) []rule {
	t.Helper()
	return slices.DeleteFunc(allRules(t), func(r rule) bool { return r.Alert == "" })
}

var alertRow = regexp.MustCompile("(?m)^\\| `(OMS\\w+)` \\|")

// alertNames returns the alerts in the table of docs/alerts.md. The silences and routes of users contain these names.
func alertNames(t *testing.T) (names []string) {
	t.Helper()
	for _, row := range alertRow.FindAllSubmatch(testutil.ReadFile(t, "../../docs/alerts.md"), -1) {
		names = append(names, string(row[1]))
	}
	return names
}

// conditions returns the expressions of the rules that record oms:condition, by condition. The condition is a label of
// the rule, or a call of label_replace sets it.
func conditions(t *testing.T) map[string]parser.Expr {
	t.Helper()
	found := map[string]parser.Expr{}
	for _, r := range allRules(t) {
		if r.Record != "oms:condition" {
			continue
		}
		expr := parseExpr(t, r.Expr)
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
	return found
}

// storyFile is a test file of promtool.
type storyFile struct {
	path      string
	RuleFiles []string `yaml:"rule_files"`
	Interval  string   `yaml:"evaluation_interval"`
	Tests     []story  `yaml:"tests"`
}

// story is one test of a storyFile.
type story struct {
	Interval string           `yaml:"interval"`
	Name     string           `yaml:"name"`
	Series   []map[string]any `yaml:"input_series"`
	Queries  []map[string]any `yaml:"promql_expr_test,omitempty"`
	Alerts   []alertTest      `yaml:"alert_rule_test,omitempty"`
}

type alertTest struct {
	AlertName string `yaml:"alertname"`
	Expected  []struct {
		Labels      map[string]string `yaml:"exp_labels"`
		Annotations map[string]string `yaml:"exp_annotations"`
	} `yaml:"exp_alerts"`
}

func readStories(t *testing.T) (files []storyFile) {
	t.Helper()
	for _, path := range testutil.Glob(t, "testdata/alerts*_test.yml") {
		file := storyFile{path: path}
		testutil.ReadYAML(t, path, &file)
		files = append(files, file)
	}
	return files
}
