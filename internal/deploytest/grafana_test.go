package deploytest

import (
	"bytes"
	"net/url"
	"path"
	"path/filepath"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

const (
	grafanaSourcesFile = "../../deploy/grafana/datasources/prometheus.yaml"
	grafanaBoardsFile  = "../../deploy/grafana/dashboards/oms.yaml"
)

// grafanaSources is Grafana's file of data sources, with the fields that the example uses.
type grafanaSources struct {
	APIVersion  int `yaml:"apiVersion"`
	Datasources []struct {
		Name, UID, Type, Access, URL string
		IsDefault                    bool              `yaml:"isDefault"`
		JSONData                     map[string]string `yaml:"jsonData"`
	}
}

// grafanaProviders is Grafana's file of folders with dashboards, with the fields that the example uses.
type grafanaProviders struct {
	APIVersion int `yaml:"apiVersion"`
	Providers  []struct {
		Name, Folder, Type    string
		AllowUIUpdates        bool `yaml:"allowUiUpdates"`
		UpdateIntervalSeconds int  `yaml:"updateIntervalSeconds"`
		Options               struct{ Path string }
	}
}

// readStrict decodes a YAML file. A key that the type does not have fails the test, because Grafana and GitHub ignore a
// misspelled one.
func readStrict(t *testing.T, file string, into any) {
	t.Helper()
	decoder := yaml.NewDecoder(bytes.NewReader(testutil.ReadFile(t, file)))
	decoder.KnownFields(true)
	if err := decoder.Decode(into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

func TestGrafanaSources(t *testing.T) {
	var sources grafanaSources
	readStrict(t, grafanaSourcesFile, &sources)
	if sources.APIVersion != 1 || len(sources.Datasources) != 1 {
		t.Fatalf("apiVersion %d, %d data sources, want 1 and 1", sources.APIVersion, len(sources.Datasources))
	}
	source := sources.Datasources[0]
	if to, err := url.Parse(source.URL); err != nil || to.Host == "" {
		t.Errorf("url %q: %v", source.URL, err)
	}
	if source.Type != "prometheus" || source.Access != "proxy" || !source.IsDefault || source.Name == "" ||
		source.UID == "" {
		t.Errorf("the boards find no default data source of type prometheus: %+v", source)
	}
	var prometheus struct {
		Global struct {
			ScrapeInterval string `yaml:"scrape_interval"`
		}
	}
	testutil.ReadYAML(t, "../../dashboards/prometheus.example.yml", &prometheus)
	if got, want := source.JSONData["timeInterval"], prometheus.Global.ScrapeInterval; got != want || want == "" {
		t.Errorf("timeInterval is %q, the scrape interval of dashboards/prometheus.example.yml %q", got, want)
	}
}

func TestGrafanaBoards(t *testing.T) {
	var providers grafanaProviders
	readStrict(t, grafanaBoardsFile, &providers)
	if providers.APIVersion != 1 || len(providers.Providers) != 1 {
		t.Fatalf("apiVersion %d, %d providers, want 1 and 1", providers.APIVersion, len(providers.Providers))
	}
	provider := providers.Providers[0]
	if provider.Type != "file" || provider.Name == "" || !path.IsAbs(provider.Options.Path) || provider.AllowUIUpdates {
		t.Errorf("the boards are not read from files: %+v", provider)
	}
	text := testutil.ReadFile(t, grafanaBoardsFile)
	for _, board := range boards(t) {
		if !bytes.Contains(text, []byte(filepath.Base(board))) {
			t.Errorf("%s does not name %s", grafanaBoardsFile, filepath.Base(board))
		}
	}
}
