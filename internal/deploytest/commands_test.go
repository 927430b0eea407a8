package deploytest

import (
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

// TestCommands runs the commands in the pages about installation, in a folder in place of the root directory. A command
// that it cannot run has the mark "not run in CI" above its block, with the reason.
func TestCommands(t *testing.T) {
	for page, want := range map[string][]string{
		"install.md": {
			"/etc/oms_exporter/config.yml",
			"/etc/oms_exporter/password",
			"/etc/systemd/system/oms_exporter.service",
			"/usr/bin/oms_exporter",
			"/usr/local/share/zsh/site-functions/_oms_exporter",
			"/usr/share/bash-completion/completions/oms_exporter",
			"/usr/share/fish/vendor_completions.d/oms_exporter.fish",
			"/usr/share/man/man1/oms_exporter.1",
			"/var/lib/node_exporter/oms.prom",
		},
		"kubernetes.md": {"/rendered"},
		"dashboards.md": {
			"/etc/grafana/provisioning/dashboards/oms.yaml",
			"/etc/grafana/provisioning/datasources/prometheus.yaml",
			"/var/lib/grafana/dashboards/oms/oms-overview.json",
			"/var/lib/grafana/dashboards/oms/oms-task.json",
		},
		"release.md": nil,
	} {
		t.Run(page, func(t *testing.T) {
			text := string(testutil.ReadFile(t, "../../docs/"+page))
			s := newSandbox(t, text)
			for _, block := range testutil.ShellBlocks(t, text) {
				if !block.NotRun && !strings.HasPrefix(block.Commands, "go test ") { // the tests of the boards run it
					s.run(t, block.Commands)
				}
			}
			for _, file := range want {
				if info, err := os.Stat(s.root + file); err != nil || info.Size() == 0 {
					t.Errorf("%s: %v", file, err)
				}
			}
		})
	}
}

// sandbox is a folder in place of the root directory, and the working directory of the commands.
type sandbox struct{ root, work string }

// newSandbox returns a sandbox with everything that the commands of a page use: the files of the repository, a
// password, the values and the config of the page, and the programs. helm and kubectl change no cluster.
func newSandbox(t *testing.T, page string) sandbox {
	t.Helper()
	s := sandbox{t.TempDir(), t.TempDir()}
	for _, folder := range []string{"deploy", "dashboards"} {
		if err := os.Symlink(filepath.Join(testutil.Root(t), folder), filepath.Join(s.work, folder)); err != nil {
			t.Fatal(err)
		}
	}
	for _, folder := range []string{"/var/lib/node_exporter", "/etc/grafana/provisioning/datasources",
		"/etc/grafana/provisioning/dashboards", "/usr/share/man/man1"} {
		if err := os.MkdirAll(s.root+folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	testutil.WriteFile(t, s.work+"/oms-password", "secret\n")
	if values := regexp.MustCompile("(?ms)^```yaml\n(config:.*?)^```$").FindStringSubmatch(page); values != nil {
		testutil.WriteFile(t, s.work+"/values.yaml", values[1])
	}
	oms := httptest.NewServer(simulator.New(simulator.Options{User: "monitor", Password: "secret"}))
	t.Cleanup(oms.Close)
	config := strings.NewReplacer("https://oms.example.com:8089", oms.URL, "/run/credentials/oms_exporter.service/", "").
		Replace(string(testutil.ReadFile(t, "../../deploy/systemd/config.yml")))
	testutil.WriteFile(t, s.root+"/config.yml", config)
	testutil.WriteFile(t, s.work+"/oms_exporter", "the program\n")
	s.script(t, "oms_exporter",
		`cp "$ROOT/config.yml" "$ROOT/etc/oms_exporter/config.yml"; exec `+testutil.Build(t)+` "$@"`)
	if strings.Contains(page, "helm ") {
		s.script(t, "helm", `shift # upgrade
for argument; do
  shift
  case $argument in
  --install) ;;
  oci://ghcr.io/oms-exporter/charts/oms-exporter) set -- "$@" deploy/helm/oms-exporter ;;
  *) set -- "$@" "$argument" ;;
  esac
done
`+testutil.LookPath(t, installAsCI, "helm")+` template --kube-version=1.30.0 "$@" >"$ROOT/rendered"`)
		s.script(t, "kubectl", `case "$1 $2" in
"apply -k") test -f "$3/kustomization.yaml" ;;
*) `+testutil.LookPath(t, installKubectl, "kubectl")+` "$@" --dry-run=client --output=yaml ;;
esac`)
	}
	return s
}

// script writes a shell script that takes the place of a program.
func (s sandbox) script(t *testing.T, name, text string) {
	t.Helper()
	path := testutil.WriteFile(t, filepath.Join(s.work, "bin", name), "#!/bin/sh\nset -eu\n"+text+"\n")
	if err := os.Chmod(path, 0o755); err != nil {
		t.Fatal(err)
	}
}

var absolutePath = regexp.MustCompile(`(^|[\s=>])(/(?:etc|usr|var)/)`)

// run runs commands. Absolute paths lead into the sandbox.
func (s sandbox) run(t *testing.T, commands string) {
	t.Helper()
	inSandbox := absolutePath.ReplaceAllString(commands, "${1}"+s.root+"${2}")
	cmd := exec.CommandContext(t.Context(), "sh", "-eux", "-c", inSandbox)
	cmd.Dir = s.work
	cmd.Env = []string{
		"PATH=" + s.work + "/bin:" + os.Getenv("PATH"),
		"HOME=" + s.root,
		"ROOT=" + s.root,
		"GOCOVERDIR=" + t.TempDir(),
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%s%v\n%s", commands, err, out)
	}
}
