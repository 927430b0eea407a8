package deploytest

import (
	"path/filepath"
	"testing"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

// Grafana's sidecar takes the ConfigMaps that carry its label, and makes a dashboard of each key of theirs.
func TestEachDashboardReachesGrafana(t *testing.T) {
	files, err := filepath.Glob("../../dashboards/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no dashboards (%v)", err)
	}
	labelled := map[string]string{}
	for key, o := range render(t, kubernetes) {
		if o.Kind == "ConfigMap" && o.Metadata.Labels["grafana_dashboard"] == "1" {
			for file, text := range o.Data {
				if _, twice := labelled[file]; twice {
					t.Errorf("%s is there twice, in %s too", file, key)
				}
				labelled[file] = text
			}
		}
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text := testutil.ReadFile(t, file)
			rendered := labelled[filepath.Base(file)]
			if rendered != string(text) {
				t.Fatal("no ConfigMap with the label grafana_dashboard has this file as it is: name it in dashboards/kustomization.yaml")
			}
			var board struct{ UID, Title string }
			fromJSON(t, []byte(rendered), &board)
			if board.UID == "" || board.Title == "" {
				t.Errorf("uid %q, title %q: Grafana needs both", board.UID, board.Title)
			}
		})
	}
	if len(labelled) != len(files) {
		t.Errorf("%d dashboards in ConfigMaps, %d files", len(labelled), len(files))
	}
}
