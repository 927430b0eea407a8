package deploytest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

// object is an object of Kubernetes. Kubernetes receives JSON, and its decoder takes keys in any case, so the types
// here need no tags.
type object struct {
	APIVersion, Kind string
	Metadata         struct {
		Name, Namespace     string
		Labels, Annotations map[string]string
	}
	Data map[string]string
	Spec json.RawMessage
	size int // of its JSON
}

// objects has the objects of an installation by kind and name. HASH in a key replaces the hash in the name of a
// ConfigMap.
type objects map[string]object

// installation is a way to install the exporter on Kubernetes.
type installation struct {
	name string
	text []byte // YAML
	objects
}

// renderings has the texts of the installations by name. All tests use the same text.
var renderings sync.Map

// eachInstallation runs a test for both kustomizations, and for the chart with each set of values in its folder ci.
func eachInstallation(t *testing.T, test func(t *testing.T, in installation)) {
	t.Helper()
	run := func(name string, render func(t *testing.T) []byte) {
		t.Run(name, func(t *testing.T) {
			text, ok := renderings.Load(name)
			if !ok {
				text = render(t)
				renderings.Store(name, text)
			}
			test(t, installation{name, text.([]byte), decodeObjects(t, text.([]byte))})
		})
	}
	for _, dir := range []string{kubernetes, kubernetesSD} {
		run(path.Base(dir), func(t *testing.T) []byte { return kustomize(t, dir) })
	}
	for _, file := range chartValues(t) {
		name := "chart-" + strings.TrimSuffix(filepath.Base(file), "-values.yaml")
		run(name, func(t *testing.T) []byte { return helmTemplate(t, "--values="+file) })
	}
}

// hash is the hash at the end of a name that kustomize generates.
var hash = regexp.MustCompile(`^(ConfigMap oms-exporter)-[a-z0-9]{10}$`)

// decodeObjects decodes objects from a YAML stream.
func decodeObjects(t *testing.T, text []byte) objects {
	t.Helper()
	all := objects{}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	for {
		var document any
		if err := decoder.Decode(&document); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		if document == nil { // a comment between two separators
			continue
		}
		text := toJSON(t, document)
		o := object{size: len(text)}
		fromJSON(t, text, &o)
		key := hash.ReplaceAllString(o.Kind+" "+o.Metadata.Name, "$1-HASH")
		if _, twice := all[key]; twice {
			t.Fatalf("there are two %s", key)
		}
		all[key] = o
	}
}

func toJSON(t *testing.T, document any) []byte {
	t.Helper()
	text, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func fromJSON(t *testing.T, text []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
}

// find decodes the spec of the only object of a kind. ok is false if there is none.
func (all objects) find(t *testing.T, kind string, into any) (found object, ok bool) {
	t.Helper()
	for _, o := range all {
		if o.Kind != kind {
			continue
		}
		if ok {
			t.Fatalf("there is more than one %s", kind)
		}
		found, ok = o, true
		if o.Spec != nil { // a Secret has none
			fromJSON(t, o.Spec, into)
		}
	}
	return found, ok
}

// spec decodes the spec of the only object of a kind. A missing object fails the test.
func (all objects) spec(t *testing.T, kind string, into any) object {
	t.Helper()
	found, ok := all.find(t, kind, into)
	if !ok {
		t.Fatalf("there is no %s", kind)
	}
	return found
}

// config returns the ConfigMap with the config of the exporter.
func (all objects) config(t *testing.T) object {
	t.Helper()
	for _, o := range all {
		if o.Data["config.yml"] != "" {
			return o
		}
	}
	t.Fatal("no ConfigMap has the key config.yml")
	return object{}
}

func TestInstallationObjects(t *testing.T) {
	kustomized := []string{
		"ConfigMap oms-dashboard-overview",
		"ConfigMap oms-dashboard-task",
		"ConfigMap oms-exporter-HASH",
		"Deployment oms-exporter",
		"PrometheusRule oms-exporter",
		"Service oms-exporter",
		"ServiceMonitor oms-exporter",
	}
	charted := []string{
		"ConfigMap oms-exporter",
		"Deployment oms-exporter",
		"Pod oms-exporter-test",
		"Service oms-exporter",
		"ServiceAccount oms-exporter",
	}
	want := map[string][]string{
		"kubernetes":       kustomized,
		"kubernetes-sd":    append([]string{"ScrapeConfig oms-exporter"}, kustomized...),
		"chart-one-target": charted,
		"chart-demo":       append([]string{"ServiceMonitor oms-exporter"}, charted...),
		"chart-discovery":  append([]string{"ServiceMonitor oms-exporter", "ScrapeConfig oms-exporter"}, charted...),
		"chart-operator": append([]string{
			"ServiceMonitor oms-exporter",
			"PrometheusRule oms-exporter",
			"Secret oms-exporter",
			"ConfigMap oms-exporter-overview",
			"ConfigMap oms-exporter-task",
			"NetworkPolicy oms-exporter",
			"PodDisruptionBudget oms-exporter",
		}, charted...),
		"chart-tls": {"ConfigMap oms", "Deployment oms", "Pod oms-test", "Service oms", "ServiceMonitor oms"},
	}
	eachInstallation(t, func(t *testing.T, in installation) {
		slices.Sort(want[in.name])
		if got := slices.Sorted(maps.Keys(in.objects)); !slices.Equal(got, want[in.name]) {
			t.Errorf("objects %q, want %q", got, want[in.name])
		}
		for key, o := range in.objects {
			namespace, name := "monitoring", "oms-exporter"
			if in.name == "chart-operator" && o.Metadata.Labels["grafana_dashboard"] == "1" {
				namespace = "grafana"
			}
			if o.Kind == "Pod" {
				name = "oms-exporter-test"
			}
			if o.Metadata.Namespace != namespace {
				t.Errorf("%s: namespace %q, want %s", key, o.Metadata.Namespace, namespace)
			}
			if got := o.Metadata.Labels["app.kubernetes.io/name"]; got != name {
				t.Errorf("%s: the label of the name is %q, want %s", key, got, name)
			}
			// kubectl apply writes a copy of the object into an annotation, which has at most 256 KiB.
			if o.size > 250<<10 {
				t.Errorf("%s: %d bytes, too large for kubectl apply", key, o.size)
			}
		}
	})
}

// TestInstallationFields checks that no field is unknown or occurs twice, as kubectl apply --validate=strict does.
func TestInstallationFields(t *testing.T) {
	decode := func(t *testing.T, text string) (stderr string, err error) {
		file := testutil.WriteFile(t, filepath.Join(t.TempDir(), "objects.yaml"), text)
		_, stderr, err = testutil.Run(t, "", testutil.LookPath(t, installAsCI, "kubedecode"), file)
		return stderr, err
	}
	eachInstallation(t, func(t *testing.T, in installation) {
		if stderr, err := decode(t, string(in.text)); err != nil || stderr != "" {
			t.Errorf("%v, %s", err, stderr)
		}
	})
	t.Run("an unknown field is found", func(t *testing.T) {
		stderr, err := decode(t, "apiVersion: v1\nkind: Service\nspec:\n  prots: []\n")
		if err == nil || !strings.Contains(stderr, `unknown field "spec.prots"`) {
			t.Errorf("%v, %s", err, stderr)
		}
	})
}
