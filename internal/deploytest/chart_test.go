package deploytest

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

//go:generate go test -run ^TestChartFiles$ . -update

const (
	chart       = "../../deploy/helm/oms-exporter"
	installAsCI = "build it as .ci/run does"
)

// chartValues returns the files with the sets of values.
func chartValues(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(chart + "/ci/*-values.yaml")
	if err != nil || len(files) < 5 {
		t.Fatalf("%d sets of values, %v", len(files), err)
	}
	return files
}

var templateArgs = []string{"template", "oms-exporter", chart, "--namespace=monitoring", "--kube-version=1.30.0"}

// template renders the chart.
func template(t *testing.T, args ...string) []byte {
	t.Helper()
	return tool(t, installAsCI, "helm", append(templateArgs, args...)...)
}

// TestChartFiles holds the copies of the rules and boards in the chart, and the schema of the config in the schema of
// the values.
func TestChartFiles(t *testing.T) {
	var copied []string
	for _, pattern := range []string{"alerts.yml", "*.json"} {
		files, err := filepath.Glob("../../dashboards/" + pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			copied = append(copied, filepath.Base(file))
			testutil.Golden(t, path.Join(chart, "files", filepath.Base(file)), string(testutil.ReadFile(t, file)))
		}
	}
	there, err := os.ReadDir(chart + "/files")
	if err != nil || len(there) != len(copied) || len(there) < 3 {
		t.Errorf("%d files, copied %q, error %v", len(there), copied, err)
	}

	var values, config map[string]any
	fromJSON(t, testutil.ReadFile(t, chart+"/values.schema.json"), &values)
	fromJSON(t, testutil.ReadFile(t, "../../docs/config.schema.json"), &config)
	for _, key := range []string{"$schema", "title", "required"} {
		delete(config, key)
	}
	delete(config["properties"].(map[string]any)["targets"].(map[string]any), "minItems") // the demo has none
	values["properties"].(map[string]any)["config"] = config
	text, err := json.MarshalIndent(values, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	testutil.Golden(t, chart+"/values.schema.json", string(text)+"\n")
}

func TestChartLint(t *testing.T) {
	for _, file := range chartValues(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			tool(t, installAsCI, "helm", "lint", "--strict", "--values="+file, chart)
		})
	}
}

// values.yaml documents every value of the schema, and the schema has every value.
func TestChartValuesAreDocumented(t *testing.T) {
	var schema struct{ Properties map[string]any }
	fromJSON(t, testutil.ReadFile(t, chart+"/values.schema.json"), &schema)
	delete(schema.Properties, "global")
	delete(schema.Properties, "enabled")
	delete(schema.Properties, "config")
	var values map[string]any
	if err := yaml.Unmarshal(testutil.ReadFile(t, chart+"/values.yaml"), &values); err != nil {
		t.Fatal(err)
	}
	delete(values, "config")
	compareKeys(t, "", schema.Properties, values)
}

func compareKeys(t *testing.T, prefix string, schema, values map[string]any) {
	t.Helper()
	if diff := slices.Compare(slices.Sorted(maps.Keys(schema)), slices.Sorted(maps.Keys(values))); diff != 0 &&
		prefix != "resources." {
		t.Errorf(
			"%s the schema has %q, values.yaml %q",
			prefix,
			slices.Sorted(maps.Keys(schema)),
			slices.Sorted(maps.Keys(values)),
		)
	}
	for key, value := range values {
		inner, _ := schema[key].(map[string]any)
		properties, ok := inner["properties"].(map[string]any)
		if nested, isMap := value.(map[string]any); ok && isMap && len(nested) > 0 && key != "limits" {
			compareKeys(t, prefix+key+".", properties, nested)
		}
	}
}

// A mistake in the values is an error that names it, before anything is installed.
func TestChartErrors(t *testing.T) {
	for _, c := range []struct{ name, values, want string }{
		{"no target", "{}", "config.targets is empty"},
		{"an unknown value", "{demo: true, replicas: 2}", "replicas"},
		{"an unknown key of the config", "{config: {targets: [{name: a, url: 'http://a', pagesize: 1}]}}", "pagesize"},
		{"a value of the config out of range", "{config: {targets: [{name: a, url: 'http://a', page_size: 151}]}}", "page_size"},
		{"a memory limit in bytes", "{demo: true, resources: {limits: {memory: '1000000000'}}}", "memory"},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := testutil.WriteFile(t, filepath.Join(t.TempDir(), "values.yaml"), c.values)
			_, stderr, err := testutil.Run(
				t,
				"",
				testutil.LookPath(t, installAsCI, "helm"),
				append(templateArgs, "--values="+file)...)
			if err == nil || !strings.Contains(stderr, c.want) {
				t.Errorf("error %v, want %s in it: %s", err, c.want, stderr)
			}
		})
	}
}

// The memory limit follows the formula of docs/large.md.
func TestChartMemory(t *testing.T) {
	for _, c := range []struct{ set, limit, soft string }{
		{"tasks.active=500,tasks.other=5000", "129Mi", "103MiB"},
		{"tasks.active=15000", "239Mi", "191MiB"},
		{"tasks.active=10000,tasks.other=90000", "453Mi", "362MiB"},
		{"tasks.active=100000", "968Mi", "774MiB"},
		{"resources.limits.memory=2Gi", "2048Mi", "1638MiB"},
		{"resources.limits.memory=300Mi,tasks.active=1", "300Mi", "240MiB"},
		{"resources.limits=null", "239Mi", "191MiB"},
	} {
		t.Run(c.set, func(t *testing.T) {
			_, exporter := podOf(t, decodeObjects(t, template(t, "--set=demo=true,"+c.set)))
			if got := exporter.Resources["limits"]["memory"]; got != c.limit {
				t.Errorf("limit %s, want %s", got, c.limit)
			}
			if got := exporter.Env[0]; got.Name != "GOMEMLIMIT" || got.Value != c.soft {
				t.Errorf("%s=%s, want GOMEMLIMIT=%s", got.Name, got.Value, c.soft)
			}
		})
	}
}

// A changed config creates new pods. A changed label or board does not.
func TestChartRestarts(t *testing.T) {
	pod := func(args ...string) string {
		var d struct{ Template json.RawMessage }
		decodeObjects(t, template(t, append(args, "--values="+chart+"/ci/one-target-values.yaml")...)).spec(t,
			"Deployment", &d)
		return string(d.Template)
	}
	before := pod()
	if pod("--set=config.targets[0].name=b,config.targets[0].url=http://b") == before {
		t.Error("a changed config does not create a new pod")
	}
	if pod("--set=dashboards.enabled=true,serviceMonitor.enabled=true") != before {
		t.Error("scraping creates a new pod")
	}
}

// Each probe can be replaced, for an exporter that requires a password.
func TestChartProbes(t *testing.T) {
	_, exporter := podOf(
		t,
		decodeObjects(t, template(t, "--set=demo=true,livenessProbe.httpGet=null,livenessProbe.tcpSocket.port=http")),
	)
	if got := exporter.LivenessProbe; got.HTTPGet.Path != "" || got.TCPSocket.Port != "http" {
		t.Errorf("the liveness probe is %+v", got)
	}
}

// Two replicas prefer different nodes, unless the user sets an affinity.
func TestChartAffinity(t *testing.T) {
	for set, want := range map[string]string{
		"replicaCount=1": "",
		"replicaCount=2": `"topologyKey":"kubernetes.io/hostname"`,
		"replicaCount=2,affinity.podAffinity.x=1": `"podAffinity"`,
	} {
		var d struct {
			Template struct {
				Spec struct{ Affinity json.RawMessage }
			}
		}
		decodeObjects(t, template(t, "--set=demo=true,"+set)).spec(t, "Deployment", &d)
		got := string(d.Template.Spec.Affinity)
		if (want == "") != (got == "") || !strings.Contains(got, want) ||
			strings.Contains(want, `"podAffinity"`) && strings.Contains(got, "podAntiAffinity") {
			t.Errorf("%s: affinity %s, want %s in it", set, got, want)
		}
	}
}

// The pod of helm test runs with the programs of its image, busybox. It fails if the exporter cannot read a target.
func TestChartTest(t *testing.T) {
	busybox := testutil.LookPath(t, "install the Debian package busybox", "busybox")
	applets := t.TempDir()
	tool(t, "", busybox, "--install", "-s", applets)
	var spec struct {
		Containers []struct {
			Command []string
			Env     []struct{ Name, Value string }
		}
	}
	decodeObjects(t, template(t, "--set=demo=true")).spec(t, "Pod", &spec)
	scrape := spec.Containers[0]
	if env := fmt.Sprint(scrape.Env); env != "[{URL http://oms-exporter.monitoring.svc:10089} {TARGETS demo}]" {
		t.Errorf("env %s", env)
	}
	run := func(url, targets string) (string, error) {
		cmd := exec.CommandContext(t.Context(), filepath.Join(applets, scrape.Command[0]), scrape.Command[1:]...)
		cmd.Env = []string{"PATH=" + applets, "URL=" + url, "TARGETS=" + targets}
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	_, demo := testutil.StartExporter(t, nil, "--demo")
	if out, err := run(demo, "demo"); err != nil || !strings.Contains(out, `oms_up{oms="demo"} 1`) {
		t.Errorf("demo: %v, %s", err, out)
	}
	config := testutil.WriteFile(
		t,
		filepath.Join(t.TempDir(), "config.yml"),
		"targets: [{name: down, url: 'http://127.0.0.1:1'}, {name: other, url: 'http://127.0.0.1:1'}]\n",
	)
	_, down := testutil.StartExporter(t, nil, "--config.file="+config)
	out, err := run(down, "down other")
	if err == nil || !regexp.MustCompile(`oms_scrape_failure\{.*reason="connect".*\} 1`).MatchString(out) {
		t.Errorf("an OMS that is down: error %v, %s", err, out)
	}
	if out, err := run(demo, "demo other"); err == nil {
		t.Errorf("an unknown target is no error: %s", out)
	}
}
