package deploytest

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

// Grafana's sidecar takes the ConfigMaps that carry its label, and makes a dashboard of each key of theirs.
func TestEachDashboardReachesGrafana(t *testing.T) {
	files, err := filepath.Glob("../../dashboards/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no dashboards (%v)", err)
	}
	eachInstallation(t, func(t *testing.T, in installation) {
		labelled := map[string]string{}
		for key, o := range in.objects {
			if o.Metadata.Labels["grafana_dashboard"] == "1" {
				for file, text := range o.Data {
					if _, twice := labelled[file]; twice {
						t.Errorf("%s is there twice, in %s too", file, key)
					}
					labelled[file] = text
				}
			}
		}
		if len(labelled) == 0 &&
			slices.Contains([]string{"chart-one-target", "chart-demo", "chart-discovery", "chart-tls"}, in.name) {
			return // off by default
		}
		for _, file := range files {
			rendered := labelled[filepath.Base(file)]
			if rendered != string(testutil.ReadFile(t, file)) {
				t.Fatalf(
					"no ConfigMap with the label grafana_dashboard has %s as it is: name it in dashboards/kustomization.yaml",
					file,
				)
			}
			var board struct{ UID, Title string }
			fromJSON(t, []byte(rendered), &board)
			if board.UID == "" || board.Title == "" {
				t.Errorf("%s: uid %q, title %q: Grafana needs both", file, board.UID, board.Title)
			}
		}
		if len(labelled) != len(files) {
			t.Errorf("%d dashboards in ConfigMaps, %d files", len(labelled), len(files))
		}
	})
}
