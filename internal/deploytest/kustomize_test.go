package deploytest

import (
	"regexp"
	"strconv"
	"testing"
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
