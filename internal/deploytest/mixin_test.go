package deploytest

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

// The mixin has every dashboard and every rule as it is in the files.
func TestMixin(t *testing.T) {
	const expression = `local mixin = import "../../dashboards/mixin.libsonnet"; {boards: mixin.grafanaDashboards, rules: mixin.prometheusAlerts}`
	var mixin struct {
		Boards map[string]any
		Rules  any
	}
	fromJSON(t, tool(t, installAsCI, "jsonnet", "--exec", expression), &mixin)
	files, err := filepath.Glob("../../dashboards/*.json")
	if err != nil || len(files) != len(mixin.Boards) {
		t.Fatalf("%d files, %d dashboards in the mixin, %v", len(files), len(mixin.Boards), err)
	}
	for _, file := range files {
		var board any
		fromJSON(t, testutil.ReadFile(t, file), &board)
		if diff := cmp.Diff(board, mixin.Boards[filepath.Base(file)]); diff != "" {
			t.Errorf("%s: -file +mixin:\n%s", file, diff)
		}
	}
	var document, rules any
	if err := yaml.Unmarshal(testutil.ReadFile(t, alertsFile), &document); err != nil {
		t.Fatal(err)
	}
	fromJSON(t, toJSON(t, document), &rules)
	if diff := cmp.Diff(rules, mixin.Rules); diff != "" {
		t.Errorf("-%s +mixin:\n%s", alertsFile, diff)
	}
}
