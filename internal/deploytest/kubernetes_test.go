package deploytest

import (
	stdcmp "cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/oms-exporter/oms_exporter/collector"
	"github.com/oms-exporter/oms_exporter/internal/config"
	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

type deployment struct {
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

func TestPodSecurity(t *testing.T) {
	no := false
	eachInstallation(t, func(t *testing.T, in installation) {
		pod, exporter := podOf(t, in.objects)
		for _, c := range []struct {
			rule      string
			got, want any
		}{
			{"it runs as user 65532 with the default seccomp profile", pod.SecurityContext, map[string]any{
				"runAsNonRoot": true, "runAsUser": 65532.0, "runAsGroup": 65532.0, "fsGroup": 65532.0,
				"seccompProfile": map[string]any{"type": "RuntimeDefault"}}},
			{"it cannot write files, drops all capabilities and cannot gain any", exporter.SecurityContext, map[string]any{
				"readOnlyRootFilesystem": true, "allowPrivilegeEscalation": false,
				"capabilities": map[string]any{"drop": []any{"ALL"}}}},
			{"it has no token of the cluster", pod.AutomountServiceAccountToken, &no},
			{"it has no variables of services, which could be taken for flags", pod.EnableServiceLinks, &no},
			{"it is not in the network of the host", pod.HostNetwork, false},
			{"it does not see the processes of the host", pod.HostPID, false},
			{"the exporter reports whether it is healthy", exporter.LivenessProbe.HTTPGet, struct{ Path, Port string }{"/-/healthy", "http"}},
			{"the exporter reports whether it is ready", exporter.ReadinessProbe.HTTPGet, struct{ Path, Port string }{"/-/ready", "http"}},
			{"it has more time to stop than the exporter takes", pod.TerminationGracePeriodSeconds > 20, true},
			{"it has a CPU limit", exporter.Resources["limits"]["cpu"], "1"},
		} {
			t.Run(c.rule, func(t *testing.T) {
				if diff := cmp.Diff(c.want, c.got); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
			})
		}
		t.Run("GOMEMLIMIT is 80 % of the memory limit", func(t *testing.T) {
			var limit, soft int
			variable, memory := exporter.Env[0], exporter.Resources["limits"]["memory"]
			if _, err := fmt.Sscanf(memory+" "+variable.Value, "%dMi %dMiB", &limit, &soft); err != nil {
				t.Fatalf("memory %s, %v: %v", memory, variable, err)
			}
			if limit < 239 || variable.Name != "GOMEMLIMIT" || soft > limit*8/10 || soft < limit*7/10 {
				t.Errorf("memory %s, %v", memory, variable)
			}
		})
	})
}

// checkSelector checks that the selector of an object matches the labels of another one.
func checkSelector(t *testing.T, kind string, selector, labels map[string]string) {
	t.Helper()
	if len(selector) == 0 {
		t.Errorf("%s: the selector is empty", kind)
	}
	for label, value := range selector {
		if labels[label] != value {
			t.Errorf("%s: the selector wants %s=%q, not %q", kind, label, value, labels[label])
		}
	}
}

func TestSelectors(t *testing.T) {
	eachInstallation(t, func(t *testing.T, in installation) {
		var d deployment
		in.spec(t, "Deployment", &d)
		pods := d.Template.Metadata.Labels
		checkSelector(t, "Deployment", d.Selector.MatchLabels, pods)
		var service struct{ Selector map[string]string }
		serviceLabels := in.spec(t, "Service", &service).Metadata.Labels
		checkSelector(t, "Service", service.Selector, pods)
		var monitor struct{ Selector selector }
		if _, ok := in.find(t, "ServiceMonitor", &monitor); ok {
			checkSelector(t, "ServiceMonitor", monitor.Selector.MatchLabels, serviceLabels)
		}
		for _, kind := range []string{"PodDisruptionBudget", "NetworkPolicy"} {
			var policy struct{ Selector, PodSelector *selector }
			if _, ok := in.find(t, kind, &policy); ok {
				checkSelector(t, kind, stdcmp.Or(policy.Selector, policy.PodSelector).MatchLabels, pods)
			}
		}
		const name = "app.kubernetes.io/name"
		if test, ok := in.find(t, "Pod", new(any)); ok && test.Metadata.Labels[name] == service.Selector[name] {
			t.Error("the Service selects the pod of helm test")
		}
	})
}

func TestPorts(t *testing.T) {
	if listen := *parseFlags(t, "--demo").Toolkit.WebListenAddresses; !slices.Equal(listen, []string{":10089"}) {
		t.Errorf("the exporter listens on %v", listen)
	}
	eachInstallation(t, func(t *testing.T, in installation) {
		_, exporter := podOf(t, in.objects)
		if diff := cmp.Diff([]port{{Name: "http", ContainerPort: 10089}}, exporter.Ports); diff != "" {
			t.Errorf("container: -want +got:\n%s", diff)
		}
		var service struct{ Ports []port }
		in.spec(t, "Service", &service)
		if diff := cmp.Diff([]port{{Name: "http", Port: 10089, TargetPort: "http"}}, service.Ports); diff != "" {
			t.Errorf("Service: -want +got:\n%s", diff)
		}
		var monitor struct{ Endpoints []struct{ Port string } }
		if _, ok := in.find(t, "ServiceMonitor", &monitor); ok &&
			(len(monitor.Endpoints) != 1 || monitor.Endpoints[0].Port != "http") {
			t.Errorf("the ServiceMonitor has endpoints %v, want one on http", monitor.Endpoints)
		}
	})
}

// TestPodFiles checks that the volumes have the files that the flags and the config name.
func TestPodFiles(t *testing.T) {
	eachInstallation(t, func(t *testing.T, in installation) {
		pod, exporter := podOf(t, in.objects)
		flags := parseFlags(t, exporter.Args...)
		if flags.Demo {
			return
		}
		configMap := in.config(t)
		mounted := map[string]string{} // path by the names of the ConfigMap or Secret and of the volume
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
		if flags.ConfigFile != path.Join(mounted[configMap.Metadata.Name+" config"], "config.yml") {
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

// TestScrapePath checks that Prometheus scrapes the tasks through /metrics or through /probe. Both at once would double
// every sum.
func TestScrapePath(t *testing.T) {
	eachInstallation(t, func(t *testing.T, in installation) {
		_, exporter := podOf(t, in.objects)
		var scrape struct{ HTTPSDConfigs []struct{ URL string } }
		_, discovered := in.find(t, "ScrapeConfig", &scrape)
		if flags := parseFlags(t, exporter.Args...); flags.TasksOnMetrics == discovered {
			t.Errorf("tasks on /metrics: %v, and on /probe: %v", flags.TasksOnMetrics, discovered)
		}
		if discovered &&
			(len(scrape.HTTPSDConfigs) != 1 || scrape.HTTPSDConfigs[0].URL != "http://oms-exporter.monitoring.svc:10089/sd") {
			t.Errorf("Prometheus requests the targets from %v", scrape.HTTPSDConfigs)
		}
	})
}

// TestServiceMonitorLabels checks that no metric has a label that the Prometheus Operator adds to the targets of a
// ServiceMonitor. Prometheus would rename the label of the metric.
func TestServiceMonitorLabels(t *testing.T) {
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
