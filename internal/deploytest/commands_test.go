package deploytest

import (
	"bytes"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
	"github.com/oms-exporter/oms_exporter/oms/simulator"
)

// TestCommandsOfPages runs the commands in the pages about installation, in a folder in place of the root directory.
// What it cannot run has the mark "not run in CI" above it, with the reason.
func TestCommandsOfPages(t *testing.T) {
	for page, want := range map[string][]string{
		"install.md": {
			"/usr/bin/oms_exporter", "/etc/oms_exporter/config.yml", "/etc/oms_exporter/password", "/etc/systemd/system/oms_exporter.service",
			"/usr/share/man/man1/oms_exporter.1", "/usr/share/bash-completion/completions/oms_exporter", "/usr/local/share/zsh/site-functions/_oms_exporter",
			"/usr/share/fish/vendor_completions.d/oms_exporter.fish", "/var/lib/node_exporter/oms.prom",
		},
		"kubernetes.md": {"/rendered"},
		"dashboards.md": {
			"/etc/grafana/provisioning/datasources/prometheus.yaml", "/etc/grafana/provisioning/dashboards/oms.yaml",
			"/var/lib/grafana/dashboards/oms/oms-overview.json", "/var/lib/grafana/dashboards/oms/oms-task.json",
		},
		"release.md": nil,
	} {
		t.Run(page, func(t *testing.T) {
			text := string(testutil.ReadFile(t, "../../docs/"+page))
			root, work := sandbox(t, text)
			for _, block := range testutil.ShellBlocks(t, text) {
				if !block.NotRun && !strings.HasPrefix(block.Commands, "go test ") { // the tests of the boards run it
					run(t, root, work, block.Commands)
				}
			}
			for _, file := range want {
				if info, err := os.Stat(root + file); err != nil || info.Size() == 0 {
					t.Errorf("%s: %v", file, err)
				}
			}
		})
	}
}

var absolute = regexp.MustCompile(`(^|[\s=>])(/(?:etc|usr|var)/)`)

// run runs commands in work, with root in place of the root directory.
func run(t *testing.T, root, work, commands string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sh", "-eux", "-c", absolute.ReplaceAllString(commands, "${1}"+root+"${2}"))
	cmd.Dir = work
	cmd.Env = []string{
		"PATH=" + work + "/bin:" + os.Getenv("PATH"),
		"HOME=" + root,
		"ROOT=" + root,
		"GOCOVERDIR=" + t.TempDir(),
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%s%v\n%s", commands, err, out)
	}
}

// sandbox returns a folder in place of the root directory, and a working directory with what the pages take for
// granted: the files of the repository, the program, a password, and the values and the config of the page. helm and
// kubectl change no cluster.
func sandbox(t *testing.T, page string) (root, work string) {
	t.Helper()
	root, work = t.TempDir(), t.TempDir()
	for _, folder := range []string{"deploy", "dashboards"} {
		from, err := filepath.Abs("../../" + folder)
		if err == nil {
			err = os.Symlink(from, filepath.Join(work, folder))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, folder := range []string{"/var/lib/node_exporter", "/etc/grafana/provisioning/datasources",
		"/etc/grafana/provisioning/dashboards", "/usr/share/man/man1"} {
		if err := os.MkdirAll(root+folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	testutil.WriteFile(t, work+"/oms-password", "secret\n")
	if values := regexp.MustCompile("(?ms)^```yaml\n(config:.*?)^```$").FindStringSubmatch(page); values != nil {
		testutil.WriteFile(t, work+"/values.yaml", values[1])
	}
	oms := httptest.NewServer(simulator.New(simulator.Options{User: "monitor", Password: "secret"}))
	t.Cleanup(oms.Close)
	config := bytes.ReplaceAll(
		testutil.ReadFile(t, "../../deploy/systemd/config.yml"),
		[]byte("https://oms.example.com:8089"),
		[]byte(oms.URL),
	)
	config = bytes.ReplaceAll(config, []byte("/run/credentials/oms_exporter.service/"), nil)
	script := func(name, text string) {
		path := testutil.WriteFile(t, filepath.Join(work, "bin", name), "#!/bin/sh\nset -eu\n"+text)
		if err := os.Chmod(path, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	exporter := testutil.Build(t)
	script("oms_exporter", `cp "$ROOT/config.yml" "$ROOT/etc/oms_exporter/config.yml"; exec `+exporter+` "$@"`+"\n")
	testutil.WriteFile(t, root+"/config.yml", string(config))
	testutil.WriteFile(t, work+"/oms_exporter", "the program\n")
	chart, err := filepath.Abs(chart)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(page, "helm ") {
		script("helm", `shift # upgrade
for argument; do
  shift
  case $argument in
  --install) ;;
  oci://ghcr.io/oms-exporter/charts/oms-exporter) set -- "$@" `+chart+` ;;
  *) set -- "$@" "$argument" ;;
  esac
done
`+testutil.LookPath(t, installAsCI, "helm")+` template --kube-version=1.30.0 "$@" >"$ROOT/rendered"
`)
		script("kubectl", `case "$1 $2" in
"apply -k") test -f "$3/kustomization.yaml" ;;
*) `+testutil.LookPath(t, installKubectl, "kubectl")+` "$@" --dry-run=client --output=yaml ;;
esac
`)
	}
	return root, work
}
