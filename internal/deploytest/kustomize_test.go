package deploytest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// kustomizations are the two ways to deploy to Kubernetes.
var kustomizations = []string{kubernetes, kubernetesSD}

const (
	kubernetes   = "../../deploy/kubernetes"
	kubernetesSD = "../../deploy/kubernetes-sd"
)

// object is one of the objects that kustomize renders.
type object struct {
	Kind     string
	Metadata struct {
		Name, Namespace string
		Labels          map[string]string
	}
	Data map[string]string
	Spec json.RawMessage
	size int // of its JSON
}

// objects are all that one kustomization renders, by kind and name; the hash that ends the name of the config is left out.
type objects map[string]object

const installKubectl = "install the Debian package kubernetes-client"

const configPrefix = "ConfigMap oms-exporter-"

// render runs kustomize on a folder.
func render(t *testing.T, dir string) objects {
	t.Helper()
	text := kustomize(t, dir)
	all := objects{}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	for {
		var document any
		if err := decoder.Decode(&document); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		text := toJSON(t, document)
		o := object{size: len(text)}
		fromJSON(t, text, &o)
		key := o.Kind + " " + o.Metadata.Name
		if hash, ok := strings.CutPrefix(key, configPrefix); ok && hash != "" {
			key = configPrefix + "HASH"
		}
		if _, twice := all[key]; twice {
			t.Fatalf("%s is there twice", key)
		}
		all[key] = o
	}
}

// kustomize renders a folder by kubectl, or, where that is too old, as in Debian 12, by kustomize itself. Before 1.24 kubectl's kustomize
// knew neither labels nor aliases among them, long before not even folders among resources.
func kustomize(t *testing.T, dir string) []byte {
	t.Helper()
	const oldest = 24
	version := tool(t, installKubectl, "kubectl", "version", "--client", "--output=json")
	var minor int
	if found := regexp.MustCompile(`"gitVersion": "v1\.(\d+)\.`).FindSubmatch(version); found != nil {
		minor, _ = strconv.Atoi(string(found[1])) // digits
	}
	if minor >= oldest {
		return tool(t, installKubectl, "kubectl", "kustomize", dir)
	}
	return tool(t, fmt.Sprintf("install the Debian package kubernetes-client of version 1.%d or later (here it is 1.%d), or kustomize 5", oldest, minor), "kustomize", "build", dir)
}

// JSON is what Kubernetes is sent, and its decoder takes keys in any case: the types here need no tags.
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

// spec decodes the spec of an object that has to be there.
func (all objects) spec(t *testing.T, kind, name string, into any) {
	t.Helper()
	o, ok := all[kind+" "+name]
	if !ok {
		t.Fatalf("there is no %s %s", kind, name)
	}
	fromJSON(t, o.Spec, into)
}

func TestKustomizeRendersAll(t *testing.T) {
	both := []string{
		"ConfigMap oms-dashboard-overview",
		"ConfigMap oms-dashboard-task",
		"ConfigMap oms-exporter-HASH",
		"Deployment oms-exporter",
		"PrometheusRule oms-exporter",
		"Service oms-exporter",
		"ServiceMonitor oms-exporter",
	}
	for dir, want := range map[string][]string{
		kubernetes:   both,
		kubernetesSD: slices.Sorted(slices.Values(append([]string{"ScrapeConfig oms-exporter"}, both...))),
	} {
		t.Run(path.Base(dir), func(t *testing.T) {
			all := render(t, dir)
			if got := slices.Sorted(maps.Keys(all)); !slices.Equal(got, want) {
				t.Errorf("rendered %q, want %q", got, want)
			}
			for key, o := range all {
				if o.Metadata.Namespace != "monitoring" {
					t.Errorf("%s: namespace %q, want monitoring", key, o.Metadata.Namespace)
				}
				if o.Metadata.Labels["app.kubernetes.io/name"] != "oms-exporter" {
					t.Errorf("%s: labels %v lack the name of the exporter", key, o.Metadata.Labels)
				}
				// kubectl apply keeps the object a second time in an annotation of 256 KiB at most.
				if o.size > 250<<10 {
					t.Errorf("%s: %d bytes, too large for kubectl apply", key, o.size)
				}
			}
		})
	}
}
