package deploytest

import (
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

const (
	kubernetes   = "../../deploy/kubernetes"
	kubernetesSD = "../../deploy/kubernetes-sd"
)

const installKubectl = "install the Debian package kubernetes-client"

// kustomize renders a kustomization with kubectl 1.24 or later, otherwise with kustomize. The kustomize in an older
// kubectl, such as the one of Debian 12, does not know the field labels.
func kustomize(t *testing.T, dir string) []byte {
	t.Helper()
	version := tool(t, installKubectl, "kubectl", "version", "--client", "--output=json")
	if found := regexp.MustCompile(`"gitVersion": "v1\.(\d+)\.`).FindSubmatch(version); found != nil {
		if minor, err := strconv.Atoi(string(found[1])); err == nil && minor >= 24 {
			return tool(t, installKubectl, "kubectl", "kustomize", dir)
		}
	}
	return tool(t, installKubectl+" 1.24 or later, or kustomize 5", "kustomize", "build", dir)
}

// renderKustomization returns the objects of a kustomization.
func renderKustomization(t *testing.T, dir string) objects {
	t.Helper()
	return decodeObjects(t, kustomize(t, dir))
}

// TestKustomizationConfig checks that the kustomization has the config file of its folder, and mounts the Secret of
// docs/kubernetes.md.
func TestKustomizationConfig(t *testing.T) {
	const file = kubernetes + "/config.yml"
	all := renderKustomization(t, kubernetes)
	if diff := cmp.Diff(string(testutil.ReadFile(t, file)), all.config(t).Data["config.yml"]); diff != "" {
		t.Errorf("-file +ConfigMap:\n%s", diff)
	}
	if pod, _ := podOf(t, all); pod.Volumes[1].Secret.SecretName != "oms-exporter" {
		t.Errorf("Secret %q, docs/kubernetes.md has oms-exporter", pod.Volumes[1].Secret.SecretName)
	}
	if got, want := passwordFile(t, file), "/etc/oms_exporter/secrets/prod"; got != want {
		t.Errorf("password_file is %s, docs/kubernetes.md has %s", got, want)
	}
}

// TestUserKustomization renders the kustomizations of docs/kubernetes.md, which set everything that differs for a user.
func TestUserKustomization(t *testing.T) {
	blocks := regexp.MustCompile("(?s)```yaml\n(namespace: observability.*?)```.*?```yaml\n(replacements: .*?)```").
		FindSubmatch(testutil.ReadFile(t, "../../docs/kubernetes.md"))
	if blocks == nil {
		t.Fatal("docs/kubernetes.md has no kustomizations")
	}
	kustomization, discovery := string(blocks[1]), string(blocks[2])
	for dir, text := range map[string]string{kubernetes: kustomization, kubernetesSD: kustomization + discovery} {
		t.Run(path.Base(dir), func(t *testing.T) {
			user := t.TempDir()
			base, err := filepath.Abs(dir)
			if err == nil {
				base, err = filepath.Rel(user, base)
			}
			if err != nil {
				t.Fatal(err)
			}
			testutil.WriteFile(t, user+"/config.yml", "targets: [{name: own, url: 'http://oms.example.com:8089'}]\n")
			testutil.WriteFile(t, user+"/kustomization.yaml",
				strings.Replace(text, "../oms_exporter/deploy/kubernetes]", base+"]", 1))
			all := renderKustomization(t, user)
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
					t.Errorf("Prometheus requests the targets from another namespace: %s", o.Spec)
				}
			}
		})
	}
}
