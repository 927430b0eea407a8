package deploytest

import (
	"encoding/json"
	"fmt"
	"maps"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

const chart = "../../deploy/helm/oms-exporter"

// chartValues returns the files with the sets of values for tests.
func chartValues(t *testing.T) []string {
	t.Helper()
	return testutil.Glob(t, chart+"/ci/*-values.yaml")
}

var templateArgs = []string{"template", "oms-exporter", chart, "--namespace=monitoring", "--kube-version=1.30.0"}

// helmTemplate renders the chart.
func helmTemplate(t *testing.T, args ...string) []byte {
	t.Helper()
	return tool(t, installAsCI, "helm", append(templateArgs, args...)...)
}

// renderChart returns the objects of the chart with these values, such as "demo=true,replicaCount=2".
func renderChart(t *testing.T, values string, args ...string) objects {
	t.Helper()
	return decodeObjects(t, helmTemplate(t, append(args, "--set="+values)...))
}

func TestChartFiles(t *testing.T) {
	t.Run("the chart has a copy of the rules and boards, and no other file", func(t *testing.T) {
		var want []string
		for _, file := range append(boards(t), alertsFile) {
			copied := filepath.Join(chart, "files", filepath.Base(file))
			testutil.Golden(t, copied, string(testutil.ReadFile(t, file)))
			want = append(want, copied)
		}
		if got := testutil.Glob(t, chart+"/files/*"); len(got) != len(want) {
			t.Errorf("files %q, want %q", got, want)
		}
	})
	t.Run("the schema of the values has the schema of the config, in which the demo needs no target", func(t *testing.T) {
		var values, config map[string]any
		fromJSON(t, testutil.ReadFile(t, chart+"/values.schema.json"), &values)
		fromJSON(t, testutil.ReadFile(t, "../../docs/config.schema.json"), &config)
		for _, key := range []string{"$schema", "title", "required"} {
			delete(config, key)
		}
		delete(config["properties"].(map[string]any)["targets"].(map[string]any), "minItems")
		values["properties"].(map[string]any)["config"] = config
		text, err := json.MarshalIndent(values, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		testutil.Golden(t, chart+"/values.schema.json", string(text)+"\n")
	})
	t.Run("values.yaml has every value of the schema, and no other", func(t *testing.T) {
		var schema struct{ Properties map[string]any }
		fromJSON(t, testutil.ReadFile(t, chart+"/values.schema.json"), &schema)
		var values map[string]any
		testutil.ReadYAML(t, chart+"/values.yaml", &values)
		for _, key := range []string{"global", "enabled", "config"} { // of Helm, and of the exporter
			delete(schema.Properties, key)
		}
		delete(values, "config")
		compareKeys(t, "", schema.Properties, values)
	})
}

// compareKeys compares the keys of values with the properties of a schema, recursively.
func compareKeys(t *testing.T, prefix string, schema, values map[string]any) {
	t.Helper()
	inSchema, inValues := slices.Sorted(maps.Keys(schema)), slices.Sorted(maps.Keys(values))
	// The schema has resources.claims, which few pods use. values.yaml does not have it.
	if !slices.Equal(inSchema, inValues) && prefix != "resources." {
		t.Errorf("%q: the schema has %q, values.yaml %q", prefix, inSchema, inValues)
	}
	for key, value := range values {
		inner, _ := schema[key].(map[string]any)
		properties, ok := inner["properties"].(map[string]any)
		// The chart calculates limits.memory, and limits can have any other resource.
		if nested, isMap := value.(map[string]any); ok && isMap && len(nested) > 0 && key != "limits" {
			compareKeys(t, prefix+key+".", properties, nested)
		}
	}
}

func TestChartLint(t *testing.T) {
	for _, file := range chartValues(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			tool(t, installAsCI, "helm", "lint", "--strict", "--values="+file, chart)
		})
	}
}

// TestChartErrors checks that a mistake in the values is an error that names it, before the chart is installed.
func TestChartErrors(t *testing.T) {
	helm := testutil.LookPath(t, installAsCI, "helm")
	for _, c := range []struct{ name, values, want string }{
		{"no target", "{}", "config.targets is empty"},
		{"an unknown value", "{demo: true, replicas: 2}", "replicas"},
		{"an unknown key of the config", "{config: {targets: [{name: a, url: 'http://a', pagesize: 1}]}}", "pagesize"},
		{"a value of the config out of range", "{config: {targets: [{name: a, url: 'http://a', page_size: 151}]}}", "page_size"},
		{"a memory limit in bytes", "{demo: true, resources: {limits: {memory: '1000000000'}}}", "memory"},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := testutil.WriteFile(t, filepath.Join(t.TempDir(), "values.yaml"), c.values)
			_, stderr, err := testutil.Run(t, "", helm, append(templateArgs, "--values="+file)...)
			if err == nil || !strings.Contains(stderr, c.want) {
				t.Errorf("error %v, want %s in it: %s", err, c.want, stderr)
			}
		})
	}
}

// TestChartMemory checks the memory limit, which follows the formula of docs/large.md.
func TestChartMemory(t *testing.T) {
	for _, c := range []struct{ values, limit, soft string }{
		{"tasks.active=500,tasks.other=5000", "129Mi", "103MiB"},
		{"tasks.active=15000", "239Mi", "191MiB"},
		{"tasks.active=10000,tasks.other=90000", "453Mi", "362MiB"},
		{"tasks.active=100000", "968Mi", "774MiB"},
		{"resources.limits.memory=2Gi", "2048Mi", "1638MiB"},
		{"resources.limits.memory=300Mi,tasks.active=1", "300Mi", "240MiB"},
		{"resources.limits=null", "239Mi", "191MiB"},
	} {
		t.Run(c.values, func(t *testing.T) {
			_, exporter := podOf(t, renderChart(t, "demo=true,"+c.values))
			if got := exporter.Resources["limits"]["memory"]; got != c.limit {
				t.Errorf("limit %s, want %s", got, c.limit)
			}
			if got := exporter.Env[0]; got.Name != "GOMEMLIMIT" || got.Value != c.soft {
				t.Errorf("%s=%s, want GOMEMLIMIT=%s", got.Name, got.Value, c.soft)
			}
		})
	}
}

func TestChartPod(t *testing.T) {
	t.Run("a changed config creates a new pod, boards and a ServiceMonitor do not", func(t *testing.T) {
		pod := func(values string) string {
			var d struct{ Template json.RawMessage }
			renderChart(t, values, "--values="+chart+"/ci/one-target-values.yaml").spec(t, "Deployment", &d)
			return string(d.Template)
		}
		before := pod("demo=false")
		if pod("config.targets[0].name=b,config.targets[0].url=http://b") == before {
			t.Error("a changed config does not create a new pod")
		}
		if pod("dashboards.enabled=true,serviceMonitor.enabled=true") != before {
			t.Error("boards or a ServiceMonitor create a new pod")
		}
	})
	t.Run("a probe can be replaced, for an exporter that requires a password", func(t *testing.T) {
		_, exporter := podOf(t, renderChart(t, "demo=true,livenessProbe.httpGet=null,livenessProbe.tcpSocket.port=http"))
		if got := exporter.LivenessProbe; got.HTTPGet.Path != "" || got.TCPSocket.Port != "http" {
			t.Errorf("the liveness probe is %+v", got)
		}
	})
	for _, c := range []struct{ name, values, want, never string }{
		{"one replica has no affinity", "replicaCount=1", "", ""},
		{"two replicas prefer different nodes", "replicaCount=2", `"topologyKey":"kubernetes.io/hostname"`, ""},
		{"an affinity of the user is used as it is", "replicaCount=2,affinity.podAffinity.x=1", `"podAffinity"`, "podAntiAffinity"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var d struct {
				Template struct {
					Spec struct{ Affinity json.RawMessage }
				}
			}
			renderChart(t, "demo=true,"+c.values).spec(t, "Deployment", &d)
			got := string(d.Template.Spec.Affinity)
			if (c.want == "") != (got == "") || !strings.Contains(got, c.want) ||
				c.never != "" && strings.Contains(got, c.never) {
				t.Errorf("affinity %s, want %s", got, c.want)
			}
		})
	}
}

// TestChartTest runs the command of the helm test pod with busybox, the image of the pod.
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
	renderChart(t, "demo=true").spec(t, "Pod", &spec)
	scrape := spec.Containers[0]
	if env := fmt.Sprint(scrape.Env); env != "[{URL http://oms-exporter.monitoring.svc:10089} {TARGETS demo}]" {
		t.Errorf("env %s", env)
	}
	_, demo := testutil.StartExporter(t, nil, "--demo")
	config := testutil.WriteFile(t, filepath.Join(t.TempDir(), "config.yml"),
		"targets: [{name: down, url: 'http://127.0.0.1:1'}, {name: other, url: 'http://127.0.0.1:1'}]\n")
	_, down := testutil.StartExporter(t, nil, "--config.file="+config)
	for _, c := range []struct {
		name, url, targets string
		ok                 bool
		output             string // a regular expression
	}{
		{"a target that can be read passes", demo, "demo", true, `oms_up{oms="demo"} 1`},
		{"a target that is down fails, and its reason is shown", down, "down other", false, `oms_scrape_failure\{.*reason="connect".*\} 1`},
		{"an unknown target fails", demo, "demo other", false, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), filepath.Join(applets, scrape.Command[0]), scrape.Command[1:]...)
			cmd.Env = []string{"PATH=" + applets, "URL=" + c.url, "TARGETS=" + c.targets}
			output, err := cmd.CombinedOutput()
			if (err == nil) != c.ok || !regexp.MustCompile(c.output).Match(output) {
				t.Errorf("error %v, want %q in the output: %s", err, c.output, output)
			}
		})
	}
}
