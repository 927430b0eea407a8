package deploytest

import (
	"bytes"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

// alertRules returns the alert rules as the decoder of JSON returns them.
func alertRules(t *testing.T) (rules map[string]any) {
	t.Helper()
	var document any
	testutil.ReadYAML(t, alertsFile, &document)
	fromJSON(t, toJSON(t, document), &rules)
	if groups, _ := rules["groups"].([]any); len(groups) == 0 {
		t.Fatalf("%s has no groups", alertsFile)
	}
	return rules
}

// TestPrometheusRule must run before the tests that render the installations: with the flag -update it writes a file
// that they render. Do not combine -update with -shuffle.
func TestPrometheusRule(t *testing.T) {
	t.Run("the file has the text of the alert rules under spec", func(t *testing.T) {
		var want bytes.Buffer
		want.WriteString(`# Written by "go generate ./..." from dashboards/alerts.yml: change that file.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: oms-exporter
spec:
`)
		for line := range bytes.Lines(testutil.ReadFile(t, alertsFile)) {
			if len(bytes.TrimSpace(line)) > 0 {
				want.WriteString("  ")
			}
			want.Write(line)
		}
		testutil.Golden(t, kubernetes+"/prometheusrule.yaml", want.String())
	})
	want := alertRules(t)
	eachInstallation(t, func(t *testing.T, in installation) {
		var got map[string]any
		if _, ok := in.find(t, "PrometheusRule", &got); !ok {
			return
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("-%s +rendered:\n%s", alertsFile, diff)
		}
	})
}

// TestDashboardConfigMaps checks the boards on Kubernetes. A sidecar of Grafana loads each key of the ConfigMaps with
// the label grafana_dashboard.
func TestDashboardConfigMaps(t *testing.T) {
	withoutBoards := []string{"chart-one-target", "chart-demo", "chart-discovery", "chart-tls"}
	eachInstallation(t, func(t *testing.T, in installation) {
		want, got := map[string]string{}, map[string]string{}
		if !slices.Contains(withoutBoards, in.name) {
			for _, file := range boards(t) {
				want[filepath.Base(file)] = string(testutil.ReadFile(t, file))
			}
		}
		for key, o := range in.objects {
			if o.Metadata.Labels["grafana_dashboard"] != "1" {
				continue
			}
			for file, text := range o.Data {
				if _, twice := got[file]; twice {
					t.Errorf("%s is in two ConfigMaps, one is %s", file, key)
				}
				got[file] = text
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("-files +ConfigMaps, see dashboards/kustomization.yaml:\n%s", diff)
		}
	})
}

// TestMixin compares the boards and rules of the mixin with their files.
func TestMixin(t *testing.T) {
	const expression = `local mixin = import "../../dashboards/mixin.libsonnet"; {boards: mixin.grafanaDashboards, rules: mixin.prometheusAlerts}`
	var mixin struct{ Boards, Rules map[string]any }
	fromJSON(t, tool(t, installAsCI, "jsonnet", "--exec", expression), &mixin)
	files := map[string]any{}
	for _, file := range boards(t) {
		var board any
		fromJSON(t, testutil.ReadFile(t, file), &board)
		files[filepath.Base(file)] = board
	}
	if diff := cmp.Diff(files, mixin.Boards); diff != "" {
		t.Errorf("-files +boards of the mixin:\n%s", diff)
	}
	if diff := cmp.Diff(alertRules(t), mixin.Rules); diff != "" {
		t.Errorf("-%s +rules of the mixin:\n%s", alertsFile, diff)
	}
}
