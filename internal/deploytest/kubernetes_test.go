package deploytest

import (
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/oms-exporter/oms_exporter/collector"
	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

const configFile = kubernetes + "/config.yml"

type deployment struct {
	Replicas int
	Strategy struct{ RollingUpdate map[string]int }
	Selector selector
	Template struct {
		Metadata struct{ Labels map[string]string }
		Spec     pod
	}
}

type selector struct{ MatchLabels map[string]string }

type pod struct {
	AutomountServiceAccountToken  *bool
	EnableServiceLinks            *bool
	TerminationGracePeriodSeconds int
	SecurityContext               map[string]any
	HostNetwork, HostPID          bool
	Containers                    []container
	Volumes                       []struct {
		Name      string
		ConfigMap struct{ Name string }
		Secret    struct{ SecretName string }
	}
}

type container struct {
	Image           string
	Args            []string
	Env             []struct{ Name, Value string }
	Ports           []port
	LivenessProbe   probe
	ReadinessProbe  probe
	Resources       map[string]map[string]string
	SecurityContext map[string]any
	VolumeMounts    []struct {
		Name, MountPath string
		ReadOnly        bool
	}
}

type port struct {
	Name          string
	Port          int
	ContainerPort int
	TargetPort    string
}

type probe struct {
	HTTPGet struct{ Path, Port string }
}

func podOf(t *testing.T, dir string) (objects, pod, container) {
	t.Helper()
	all := render(t, dir)
	var d deployment
	all.spec(t, "Deployment", "oms-exporter", &d)
	if n := len(d.Template.Spec.Containers); n != 1 {
		t.Fatalf("%d containers, want 1", n)
	}
	return all, d.Template.Spec, d.Template.Spec.Containers[0]
}

func TestPodHasNoPrivilege(t *testing.T) {
	no := false
	_, pod, exporter := podOf(t, kubernetes)
	for _, c := range []struct {
		rule      string
		got, want any
	}{
		{"not root, whatever the image says, and the usual system calls", pod.SecurityContext, map[string]any{
			"runAsNonRoot": true, "runAsUser": 65532.0, "runAsGroup": 65532.0, "fsGroup": 65532.0,
			"seccompProfile": map[string]any{"type": "RuntimeDefault"}}},
		{"nothing writable, no capability, no way to more", exporter.SecurityContext, map[string]any{
			"readOnlyRootFilesystem": true, "allowPrivilegeEscalation": false,
			"capabilities": map[string]any{"drop": []any{"ALL"}}}},
		{"no token of the cluster", pod.AutomountServiceAccountToken, &no},
		{"no variables of services, which could be taken for flags", pod.EnableServiceLinks, &no},
		{"not in the host's network", pod.HostNetwork, false},
		{"not among the host's processes", pod.HostPID, false},
		{"healthy by its own word", exporter.LivenessProbe, probe{struct{ Path, Port string }{"/-/healthy", "http"}}},
		{"ready by its own word", exporter.ReadinessProbe, probe{struct{ Path, Port string }{"/-/ready", "http"}}},
		{"more time to stop than the exporter takes", pod.TerminationGracePeriodSeconds > 20, true},
		{"memory is bounded", exporter.Resources["limits"]["memory"], "256Mi"},
		{"the CPU is bounded", exporter.Resources["limits"]["cpu"], "1"},
	} {
		t.Run(c.rule, func(t *testing.T) {
			if diff := cmp.Diff(c.want, c.got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestSelectorsMatch(t *testing.T) {
	all, _, exporter := podOf(t, kubernetes)
	var d deployment
	all.spec(t, "Deployment", "oms-exporter", &d)
	var service struct {
		Selector map[string]string
		Ports    []port
	}
	all.spec(t, "Service", "oms-exporter", &service)
	var monitor struct {
		Selector  selector
		Endpoints []struct{ Port string }
	}
	all.spec(t, "ServiceMonitor", "oms-exporter", &monitor)

	serviceLabels := all["Service oms-exporter"].Metadata.Labels
	for _, c := range []struct {
		rule           string
		labels, wanted map[string]string
	}{
		{"the Deployment's its pods", d.Template.Metadata.Labels, d.Selector.MatchLabels},
		{"the Service's the pods", d.Template.Metadata.Labels, service.Selector},
		{"the ServiceMonitor's the Service", serviceLabels, monitor.Selector.MatchLabels},
	} {
		t.Run(c.rule, func(t *testing.T) {
			if len(c.wanted) == 0 {
				t.Error("an empty selector")
			}
			for label, value := range c.wanted {
				if c.labels[label] != value {
					t.Errorf("label %s is %q, want %q", label, c.labels[label], value)
				}
			}
		})
	}
	listen := parseFlags(t, "--demo").Toolkit.WebListenAddresses
	if want := []port{{Name: "http", ContainerPort: 10089}}; !cmp.Equal(exporter.Ports, want) || !cmp.Equal(*listen, []string{":10089"}) {
		t.Errorf("the container has ports %v, and the exporter listens on %v, want %v", exporter.Ports, *listen, want)
	}
	if want := []port{{Name: "http", Port: 10089, TargetPort: "http"}}; !cmp.Equal(service.Ports, want) {
		t.Errorf("the Service has ports %v, want %v", service.Ports, want)
	}
	if len(monitor.Endpoints) != 1 || monitor.Endpoints[0].Port != "http" {
		t.Errorf("the ServiceMonitor has endpoints %v, want one on http", monitor.Endpoints)
	}
}

// The flag, the config and the Deployment name the same files.
func TestPodFindsItsFiles(t *testing.T) {
	all, pod, exporter := podOf(t, kubernetes)
	mounted := map[string]string{}
	for _, mount := range exporter.VolumeMounts {
		if !mount.ReadOnly {
			t.Errorf("%s is writable", mount.MountPath)
		}
		mounted[mount.Name] = mount.MountPath
	}
	config := all[configPrefix+"HASH"]
	for _, volume := range pod.Volumes {
		if name := volume.ConfigMap.Name; name != "" && name != config.Metadata.Name {
			t.Errorf("the pod mounts ConfigMap %s, rendered is %s", name, config.Metadata.Name)
		}
		if name := volume.Secret.SecretName; name != "" && name != "oms-exporter" {
			t.Errorf("the pod mounts Secret %s, docs/kubernetes.md says oms-exporter", name)
		}
	}
	folder, file := path.Split(parseFlags(t, exporter.Args...).ConfigFile)
	if path.Clean(folder) != mounted["config"] {
		t.Errorf("--config.file is in %s, the config in %s", folder, mounted["config"])
	}
	text := testutil.ReadFile(t, configFile)
	if config.Data[file] != string(text) {
		t.Errorf("%s of the ConfigMap is %q, not that of %s", file, config.Data[file], configFile)
	}
	if want := path.Join(mounted["secrets"], "prod"); passwordFile(t, configFile) != want {
		t.Errorf("password_file is not %s", want)
	}
}

// Tasks come on /metrics or by /probe, never both: every sum would double.
func TestEachTaskIsScrapedOnce(t *testing.T) {
	_, _, exporter := podOf(t, kubernetes)
	if flags := parseFlags(t, exporter.Args...); !flags.TasksOnMetrics {
		t.Error("kubernetes: no tasks on /metrics, and nothing scrapes them elsewhere")
	}
	all, _, exporter := podOf(t, kubernetesSD)
	if flags := parseFlags(t, exporter.Args...); flags.TasksOnMetrics {
		t.Error("kubernetes-sd: tasks are on /metrics and on /probe")
	}
	var scrape struct {
		HTTPSDConfigs []struct{ URL string }
	}
	all.spec(t, "ScrapeConfig", "oms-exporter", &scrape)
	if len(scrape.HTTPSDConfigs) != 1 || scrape.HTTPSDConfigs[0].URL != "http://oms-exporter.monitoring.svc:10089/sd" {
		t.Errorf("targets are asked of %v", scrape.HTTPSDConfigs)
	}
}

// The operator adds labels of its own to a target found by a ServiceMonitor: they take the place of those that a metric has.
func TestNoLabelOfTheOperatorHidesOneOfAMetric(t *testing.T) {
	all, _, _ := podOf(t, kubernetes)
	var monitor struct {
		Endpoints []struct {
			Relabelings []struct{ Action, Regex string }
		}
	}
	all.spec(t, "ServiceMonitor", "oms-exporter", &monitor)
	added := []string{"namespace", "service", "pod", "container", "node", "endpoint", "job", "instance"}
	for _, relabeling := range monitor.Endpoints[0].Relabelings {
		if relabeling.Action == "labeldrop" {
			added = slices.DeleteFunc(added, func(label string) bool { return label == relabeling.Regex })
		}
	}
	for _, m := range collector.NewMetrics(collector.AllCollectors).List() {
		for _, label := range m.Labels {
			if slices.Contains(added, label) {
				t.Errorf("%s: label %s would become exported_%[2]s", m.Name, label)
			}
		}
	}
}

// A user's own kustomization, as docs/kubernetes.md shows it, sets what differs there: the folder is used as it is.
func TestOwnKustomization(t *testing.T) {
	readme := testutil.ReadFile(t, "../../docs/kubernetes.md")
	blocks := regexp.MustCompile("(?s)```yaml\n(namespace: observability.*?)```.*?```yaml\n(replacements: .*?)```").FindSubmatch(readme)
	if blocks == nil {
		t.Fatal("docs/kubernetes.md shows no kustomizations")
	}
	whole, forDiscovery := string(blocks[1]), string(blocks[2])
	for dir, text := range map[string]string{kubernetes: whole, kubernetesSD: whole + forDiscovery} {
		t.Run(path.Base(dir), func(t *testing.T) {
			base, err := filepath.Abs(dir)
			if err != nil {
				t.Fatal(err)
			}
			own := t.TempDir()
			testutil.WriteFile(t, path.Join(own, "config.yml"), "targets: [{name: own, url: 'http://oms.example.com:8089'}]\n")
			there := strings.Repeat("../", strings.Count(own, "/")) + strings.TrimPrefix(base, "/")
			testutil.WriteFile(t, path.Join(own, "kustomization.yaml"), strings.Replace(text, "../oms_exporter/deploy/kubernetes]", there+"]", 1))
			all, _, exporter := podOf(t, own)
			if exporter.Image != "registry.example.org/mine:1.2.3" {
				t.Errorf("image %s", exporter.Image)
			}
			if text := all[configPrefix+"HASH"].Data["config.yml"]; !strings.Contains(text, "name: own") {
				t.Errorf("config %q", text)
			}
			for key, o := range all {
				if o.Metadata.Namespace != "observability" {
					t.Errorf("%s is in namespace %s", key, o.Metadata.Namespace)
				}
				if key == "ScrapeConfig oms-exporter" && !strings.Contains(string(o.Spec), `"http://oms-exporter.observability.svc:10089/sd"`) {
					t.Errorf("targets are asked of another namespace: %s", o.Spec)
				}
			}
		})
	}
}
