package deploytest

import (
	stdcmp "cmp"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/oms-exporter/oms_exporter/collector"
	"github.com/oms-exporter/oms_exporter/internal/config"
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
	HTTPGet   struct{ Path, Port string }
	TCPSocket struct{ Port string }
}

// podOf returns the pod of the Deployment and its only container.
func podOf(t *testing.T, all objects) (pod, container) {
	t.Helper()
	var d deployment
	all.spec(t, "Deployment", &d)
	if n := len(d.Template.Spec.Containers); n != 1 {
		t.Fatalf("%d containers, want 1", n)
	}
	return d.Template.Spec, d.Template.Spec.Containers[0]
}

func TestPodHasNoPrivilege(t *testing.T) {
	no := false
	eachInstallation(t, func(t *testing.T, in installation) {
		pod, exporter := podOf(t, in.objects)
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
			{"healthy by its own word", exporter.LivenessProbe.HTTPGet, struct{ Path, Port string }{"/-/healthy", "http"}},
			{"ready by its own word", exporter.ReadinessProbe.HTTPGet, struct{ Path, Port string }{"/-/ready", "http"}},
			{"more time to stop than the exporter takes", pod.TerminationGracePeriodSeconds > 20, true},
			{"the CPU is bounded", exporter.Resources["limits"]["cpu"], "1"},
		} {
			t.Run(c.rule, func(t *testing.T) {
				if diff := cmp.Diff(c.want, c.got); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
			})
		}
		var limit, soft int
		if _, err := fmt.Sscanf(
			exporter.Resources["limits"]["memory"]+" "+exporter.Env[0].Value,
			"%dMi %dMiB",
			&limit,
			&soft,
		); err != nil {
			t.Fatalf("memory %v, %v: %v", exporter.Resources["limits"], exporter.Env, err)
		}
		if limit < 239 || exporter.Env[0].Name != "GOMEMLIMIT" || soft > limit*8/10 || soft < limit*7/10 {
			t.Errorf("the memory limit is %d MiB, %s %d MiB, want 80 %% of it", limit, exporter.Env[0].Name, soft)
		}
	})
}

func TestSelectorsMatch(t *testing.T) {
	listen := parseFlags(t, "--demo").Toolkit.WebListenAddresses
	eachInstallation(t, func(t *testing.T, in installation) {
		var d deployment
		in.spec(t, "Deployment", &d)
		var service struct {
			Selector map[string]string
			Ports    []port
		}
		serviceLabels := in.spec(t, "Service", &service).Metadata.Labels
		match := func(rule string, labels, wanted map[string]string) {
			if len(wanted) == 0 {
				t.Errorf("%s: an empty selector", rule)
			}
			for label, value := range wanted {
				if labels[label] != value {
					t.Errorf("%s: label %s is %q, want %q", rule, label, labels[label], value)
				}
			}
		}
		pods := d.Template.Metadata.Labels
		match("the Deployment's its pods", pods, d.Selector.MatchLabels)
		match("the Service's the pods", pods, service.Selector)
		var monitor struct {
			Selector  selector
			Endpoints []struct{ Port string }
		}
		if _, ok := in.find(t, "ServiceMonitor", &monitor); ok {
			match("the ServiceMonitor's the Service", serviceLabels, monitor.Selector.MatchLabels)
			if len(monitor.Endpoints) != 1 || monitor.Endpoints[0].Port != "http" {
				t.Errorf("the ServiceMonitor has endpoints %v, want one on http", monitor.Endpoints)
			}
		}
		for _, kind := range []string{"PodDisruptionBudget", "NetworkPolicy"} {
			var policy struct{ Selector, PodSelector *selector }
			if _, ok := in.find(t, kind, &policy); ok {
				match("the pods of a "+kind, pods, stdcmp.Or(policy.Selector, policy.PodSelector).MatchLabels)
			}
		}
		if test, ok := in.find(t, "Pod", new(any)); ok &&
			cmp.Equal(test.Metadata.Labels["app.kubernetes.io/name"], service.Selector["app.kubernetes.io/name"]) {
			t.Error("the Service selects the pod of helm test")
		}
		exporter := d.Template.Spec.Containers[0]
		if want := []port{
			{Name: "http", ContainerPort: 10089},
		}; !cmp.Equal(exporter.Ports, want) ||
			!cmp.Equal(*listen, []string{":10089"}) {
			t.Errorf("the container has ports %v, and the exporter listens on %v, want %v", exporter.Ports, *listen, want)
		}
		if want := []port{{Name: "http", Port: 10089, TargetPort: "http"}}; !cmp.Equal(service.Ports, want) {
			t.Errorf("the Service has ports %v, want %v", service.Ports, want)
		}
	})
}

// The flags, the config, and the volumes name the same files.
func TestPodFindsItsFiles(t *testing.T) {
	eachInstallation(t, func(t *testing.T, in installation) {
		pod, exporter := podOf(t, in.objects)
		flags := parseFlags(t, exporter.Args...)
		if flags.Demo {
			return
		}
		configMap := in.config(t)
		mounted := map[string]string{} // path by the ConfigMap or Secret
		for _, mount := range exporter.VolumeMounts {
			if !mount.ReadOnly {
				t.Errorf("%s is writable", mount.MountPath)
			}
			for _, volume := range pod.Volumes {
				if volume.Name == mount.Name {
					mounted[volume.ConfigMap.Name+volume.Secret.SecretName+" "+mount.Name] = mount.MountPath
				}
			}
		}
		if len(mounted) != len(pod.Volumes) {
			t.Errorf("mounted %v, %d volumes", mounted, len(pod.Volumes))
		}
		if folder, file := path.Split(flags.ConfigFile); path.Clean(folder) != mounted[configMap.Metadata.Name+" config"] ||
			file != "config.yml" {
			t.Errorf("--config.file is %s, mounted are %v", flags.ConfigFile, mounted)
		}
		if secret, ok := in.find(t, "Secret", new(any)); ok && mounted[secret.Metadata.Name+" secrets"] == "" {
			t.Errorf("Secret %s is not mounted: %v", secret.Metadata.Name, mounted)
		}
		folders := slices.Collect(maps.Values(mounted))
		c, err := config.Load(testutil.WriteFile(t, path.Join(t.TempDir(), "config.yml"), configMap.Data["config.yml"]))
		if err != nil {
			t.Fatal(err)
		}
		for _, target := range c.Targets {
			files := []string{target.HTTPClient.TLSConfig.CAFile}
			if auth := target.HTTPClient.BasicAuth; auth != nil {
				files = append(files, auth.PasswordFile)
			}
			for _, file := range files {
				if file != "" && !slices.Contains(folders, path.Dir(file)) {
					t.Errorf("%s is in no volume: %v", file, mounted)
				}
			}
		}
	})
}

// The kustomization has the config as it is in the folder, and mounts the Secret of docs/kubernetes.md.
func TestKustomizationHasConfig(t *testing.T) {
	all := render(t, kubernetes)
	if got, want := all.config(t).Data["config.yml"], string(testutil.ReadFile(t, configFile)); got != want {
		t.Errorf("the config is %q, want %q", got, want)
	}
	if pod, _ := podOf(t, all); pod.Volumes[1].Secret.SecretName != "oms-exporter" {
		t.Errorf("Secret %q, docs/kubernetes.md has oms-exporter", pod.Volumes[1].Secret.SecretName)
	}
	if want := "/etc/oms_exporter/secrets/prod"; passwordFile(t, configFile) != want {
		t.Errorf("password_file is not %s", want)
	}
}

// Tasks come on /metrics or by /probe, never both: every sum would double.
func TestEachTaskIsScrapedOnce(t *testing.T) {
	eachInstallation(t, func(t *testing.T, in installation) {
		_, exporter := podOf(t, in.objects)
		var scrape struct{ HTTPSDConfigs []struct{ URL string } }
		_, discovered := in.find(t, "ScrapeConfig", &scrape)
		if flags := parseFlags(t, exporter.Args...); flags.TasksOnMetrics == discovered {
			t.Errorf("tasks on /metrics: %v, and on /probe: %v", flags.TasksOnMetrics, discovered)
		}
		if discovered &&
			(len(scrape.HTTPSDConfigs) != 1 || scrape.HTTPSDConfigs[0].URL != "http://oms-exporter.monitoring.svc:10089/sd") {
			t.Errorf("targets are requested from %v", scrape.HTTPSDConfigs)
		}
	})
}

// The operator adds labels of its own to a target found by a ServiceMonitor: they take the place of those that a metric
// has.
func TestNoLabelOfTheOperatorHidesOneOfAMetric(t *testing.T) {
	eachInstallation(t, func(t *testing.T, in installation) {
		var monitor struct {
			Endpoints []struct {
				Relabelings []struct{ Action, Regex string }
			}
		}
		if _, ok := in.find(t, "ServiceMonitor", &monitor); !ok {
			return
		}
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
	})
}

// A user's own kustomization, as docs/kubernetes.md shows it, sets what differs there: the folder is used as it is.
func TestOwnKustomization(t *testing.T) {
	readme := testutil.ReadFile(t, "../../docs/kubernetes.md")
	blocks := regexp.MustCompile("(?s)```yaml\n(namespace: observability.*?)```.*?```yaml\n(replacements: .*?)```").
		FindSubmatch(readme)
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
			testutil.WriteFile(
				t,
				path.Join(own, "kustomization.yaml"),
				strings.Replace(text, "../oms_exporter/deploy/kubernetes]", there+"]", 1),
			)
			all := render(t, own)
			_, exporter := podOf(t, all)
			if exporter.Image != "registry.example.org/mine:1.2.3" {
				t.Errorf("image %s", exporter.Image)
			}
			if text := all.config(t).Data["config.yml"]; !strings.Contains(text, "name: own") {
				t.Errorf("config %q", text)
			}
			for key, o := range all {
				if o.Metadata.Namespace != "observability" {
					t.Errorf("%s is in namespace %s", key, o.Metadata.Namespace)
				}
				if key == "ScrapeConfig oms-exporter" &&
					!strings.Contains(string(o.Spec), `"http://oms-exporter.observability.svc:10089/sd"`) {
					t.Errorf("targets are asked of another namespace: %s", o.Spec)
				}
			}
		})
	}
}
