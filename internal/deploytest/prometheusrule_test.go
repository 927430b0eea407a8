package deploytest

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

//go:generate go test -run ^TestPrometheusRuleFollowsAlerts$ . -update

const (
	alertsFile         = "../../dashboards/alerts.yml"
	prometheusRuleFile = kubernetes + "/prometheusrule.yaml"
	prometheusRuleHead = `# Written by "go generate ./internal/deploytest" from dashboards/alerts.yml: change that file.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: oms-exporter
spec:
`
)

// prometheusRule puts a file of rules into a PrometheusRule: the same text, comments too, under spec. Nothing in it has
// to be escaped, since neither kustomize nor the operator reads templates in it.
func prometheusRule(alerts []byte) string {
	var out bytes.Buffer
	out.WriteString(prometheusRuleHead)
	for line := range bytes.Lines(alerts) {
		if len(bytes.TrimSpace(line)) > 0 {
			out.WriteString("  ")
		}
		out.Write(line)
	}
	return out.String()
}

func TestPrometheusRuleFollowsAlerts(t *testing.T) {
	testutil.Golden(t, prometheusRuleFile, prometheusRule(testutil.ReadFile(t, alertsFile)))
}

// What the text above becomes is what Prometheus would read from the file itself.
func TestPrometheusRuleMeansTheSame(t *testing.T) {
	text := testutil.ReadFile(t, alertsFile)
	var document any
	if err := yaml.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	var alerts map[string]any
	fromJSON(t, toJSON(t, document), &alerts)
	if groups, _ := alerts["groups"].([]any); len(groups) == 0 {
		t.Fatalf("%s has no groups", alertsFile)
	}
	eachInstallation(t, func(t *testing.T, in installation) {
		var spec map[string]any
		if _, ok := in.find(t, "PrometheusRule", &spec); !ok {
			return
		}
		if diff := cmp.Diff(alerts, spec); diff != "" {
			t.Errorf("-%s +rendered:\n%s", alertsFile, diff)
		}
	})
}
