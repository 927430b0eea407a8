package deploytest

import (
	"fmt"
	"regexp"
	"strconv"
	"testing"
)

const (
	kubernetes   = "../../deploy/kubernetes"
	kubernetesSD = "../../deploy/kubernetes-sd"
)

const installKubectl = "install the Debian package kubernetes-client"

// render runs kustomize on a folder.
func render(t *testing.T, dir string) objects {
	t.Helper()
	return decodeObjects(t, kustomize(t, dir))
}

// kustomize renders a folder by kubectl, or, where that is too old, as in Debian 12, by kustomize itself. Before 1.24
// kubectl's kustomize knew neither labels nor aliases among them, long before not even folders among resources.
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
	return tool(
		t,
		fmt.Sprintf(
			"install the Debian package kubernetes-client of version 1.%d or later (here it is 1.%d), or kustomize 5",
			oldest,
			minor,
		),
		"kustomize",
		"build",
		dir,
	)
}
