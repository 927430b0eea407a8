package deploytest

import (
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"

	"github.com/oms-exporter/oms_exporter/internal/config"
	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

const composeFolder = "../../deploy/compose"

// composeService is a service of the compose files, as the loader of Docker Compose returns it.
type composeService struct {
	Image, Build any
	Command      []string
	Environment  map[string]string
	Ports        []struct {
		HostIP string `yaml:"host_ip"`
		Target int
	}
	Volumes []struct {
		Type, Source, Target string
		ReadOnly             bool `yaml:"read_only"`
	}
}

// loadCompose loads compose files with these variables. stderr has the reason of an error.
func loadCompose(t *testing.T, variables []string, files ...string) (
	services map[string]composeService, stderr string, err error,
) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), testutil.LookPath(t, installAsCI, "composeload"), files...)
	cmd.Dir, cmd.Env = composeFolder, variables
	out, err := cmd.Output()
	if exit, ok := err.(*exec.ExitError); ok { //nolint:errorlint // Output returns the error as it is
		return nil, string(exit.Stderr) + string(out), err
	}
	var project struct{ Services map[string]composeService }
	if err := yaml.Unmarshal(out, &project); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	return project.Services, "", err
}

// composeServices returns the services of valid compose files.
func composeServices(t *testing.T, variables []string, files ...string) map[string]composeService {
	t.Helper()
	services, stderr, err := loadCompose(t, variables, files...)
	if err != nil || len(services) != 5 {
		t.Fatalf("%v, %d services, %s", err, len(services), stderr)
	}
	return services
}

func demoServices(t *testing.T) map[string]composeService {
	t.Helper()
	return composeServices(t, nil, "compose.yaml")
}

func TestComposeServices(t *testing.T) {
	services := demoServices(t)
	t.Run("the exporter runs the demo", func(t *testing.T) {
		if flags := parseFlags(t, services["exporter"].Command...); !flags.Demo {
			t.Errorf("the command is %q", services["exporter"].Command)
		}
	})
	t.Run("each mounted file exists and is read-only, and each port is open on this host only", func(t *testing.T) {
		for name, service := range services {
			for _, volume := range service.Volumes {
				if volume.Type != "bind" {
					continue
				}
				if info, err := os.Stat(volume.Source); err != nil || !info.Mode().IsRegular() || !volume.ReadOnly {
					t.Errorf("%s: %s: %v, read-only %v", name, volume.Source, err, volume.ReadOnly)
				}
			}
			for _, port := range service.Ports {
				if port.HostIP != "127.0.0.1" {
					t.Errorf("%s: port %d is open on %q", name, port.Target, port.HostIP)
				}
			}
		}
	})
	t.Run("Grafana has the data source and the boards, and begins with a board", func(t *testing.T) {
		var providers grafanaProviders
		readStrict(t, grafanaBoardsFile, &providers)
		grafana := services["grafana"]
		want := map[string]string{ // file by its path in the container
			"/etc/grafana/provisioning/datasources/prometheus.yaml": composeFolder + "/datasource.yaml",
			"/etc/grafana/provisioning/dashboards/oms.yaml":         grafanaBoardsFile,
		}
		for _, board := range boards(t) {
			want[path.Join(providers.Providers[0].Options.Path, filepath.Base(board))] = board
		}
		for target, file := range want {
			source, err := filepath.Abs(file)
			if err != nil || grafana.source(target) != source {
				t.Errorf("%s is not mounted at %s", file, target)
			}
		}
		home := grafana.Environment["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
		if filepath.Ext(want[home]) != ".json" {
			t.Errorf("the first page is %s, which is not a board", home)
		}
	})
}

// source returns the file that a service mounts at target, or "".
func (s composeService) source(target string) string {
	for _, volume := range s.Volumes {
		if volume.Target == target {
			return volume.Source
		}
	}
	return ""
}

// containerFiles copies the files of a service into a folder, to the paths that they have in the container.
func containerFiles(t *testing.T, service composeService) (root string) {
	t.Helper()
	root = t.TempDir()
	for _, volume := range service.Volumes {
		if volume.Type == "bind" {
			testutil.WriteFile(t, filepath.Join(root, volume.Target), string(testutil.ReadFile(t, volume.Source)))
		}
	}
	return root
}

// option returns the value of a flag of a command.
func option(t *testing.T, command []string, name string) string {
	t.Helper()
	for _, arg := range command {
		if value, ok := strings.CutPrefix(arg, name+"="); ok {
			return value
		}
	}
	t.Fatalf("%q has no %s", command, name)
	return ""
}

func TestComposeConfigs(t *testing.T) {
	services := demoServices(t)
	for _, c := range []struct {
		service, install string
		check            []string
		output           string
	}{
		{"prometheus", "install the Debian package prometheus", []string{"promtool", "check", "config"}, "rules found"},
		{"alertmanager", "install the Debian package prometheus-alertmanager", []string{"amtool", "check-config"}, ""},
	} {
		t.Run(c.check[0]+" accepts the config of "+c.service, func(t *testing.T) {
			service := services[c.service]
			file := filepath.Join(containerFiles(t, service), option(t, service.Command, "--config.file"))
			program := testutil.LookPath(t, c.install, c.check[0])
			stdout, stderr, err := testutil.Run(t, "", program, append(c.check[1:], file)...)
			if err != nil || !strings.Contains(stdout, c.output) {
				t.Errorf("%v\n%s%s", err, stdout, stderr)
			}
		})
	}
	t.Run("the inhibitions are the same as in the example", func(t *testing.T) {
		var got, want struct {
			Rules []map[string][]string `yaml:"inhibit_rules"`
		}
		testutil.ReadYAML(t, composeFolder+"/alertmanager.yml", &got)
		testutil.ReadYAML(t, "../../dashboards/alertmanager.example.yml", &want)
		if diff := cmp.Diff(want, got); diff != "" || len(want.Rules) == 0 {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
	t.Run("the data source is the same as in the example, with the URL of the service", func(t *testing.T) {
		var got, want grafanaSources
		readStrict(t, composeFolder+"/datasource.yaml", &got)
		readStrict(t, grafanaSourcesFile, &want)
		want.Datasources[0].URL = "http://prometheus:9090"
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}

// TestComposeOMS checks compose.oms.yaml, which replaces the demo with the target of the variables.
func TestComposeOMS(t *testing.T) {
	files := []string{"compose.yaml", "compose.oms.yaml"}
	variables := []string{
		"OMS_EXPORTER_TARGET_URL=https://oms.example.com:8089",
		"OMS_EXPORTER_TARGET_USERNAME=monitor",
		"OMS_EXPORTER_TARGET_CA_FILE=/run/secrets/oms/ca.crt",
	}
	t.Run("the exporter reads the OMS of the variables, and its secrets from a read-only folder", func(t *testing.T) {
		exporter := composeServices(t, variables, files...)["exporter"]
		var environ []string
		for name, value := range exporter.Environment {
			environ = append(environ, name+"="+value)
			t.Setenv(name, value)
		}
		if flags := parseFlags(t, exporter.Command...); flags.Demo {
			t.Error("the exporter runs the demo")
		}
		c, err := config.VariablesOf(environ).Config()
		if err != nil {
			t.Fatal(err)
		}
		target := c.Targets[0]
		if target.Name != "oms" || target.HTTPClient.BasicAuth.Username != "monitor" {
			t.Errorf("target %s, user %s", target.Name, target.HTTPClient.BasicAuth.Username)
		}
		secrets := exporter.Volumes[0]
		for _, file := range []string{target.HTTPClient.BasicAuth.PasswordFile, target.HTTPClient.TLSConfig.CAFile} {
			if path.Dir(file) != secrets.Target || !secrets.ReadOnly || filepath.Base(secrets.Source) != "secrets" {
				t.Errorf("%s is not in %+v", file, secrets)
			}
		}
	})
	t.Run("a missing URL is an error that names it", func(t *testing.T) {
		_, stderr, err := loadCompose(t, variables[1:], files...)
		if err == nil || !strings.Contains(stderr, "set it to the URL of the OMS") {
			t.Errorf("%v, %s", err, stderr)
		}
	})
}
