package deploytest

import (
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
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

// compose loads compose files with these variables.
func compose(
	t *testing.T,
	variables []string,
	files ...string,
) (services map[string]composeService, stderr string, err error) {
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

func demoServices(t *testing.T) map[string]composeService {
	t.Helper()
	services, stderr, err := compose(t, nil, "compose.yaml")
	if err != nil || len(services) != 5 {
		t.Fatalf("%v, %d services, %s", err, len(services), stderr)
	}
	return services
}

func TestComposeServices(t *testing.T) {
	boards, err := filepath.Glob("../../dashboards/*.json")
	if err != nil || len(boards) == 0 {
		t.Fatal(boards, err)
	}
	services := demoServices(t)
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
	if flags := parseFlags(t, services["exporter"].Command...); !flags.Demo {
		t.Error("the exporter does not run the demo")
	}
	var providers grafanaProviders
	decodeStrict(t, "../../deploy/grafana/dashboards/oms.yaml", &providers)
	grafana := services["grafana"]
	for _, board := range boards {
		if target := path.Join(providers.Providers[0].Options.Path, filepath.Base(board)); !mounts(grafana, board, target) {
			t.Errorf("%s is not mounted at %s", board, target)
		}
	}
	for source, target := range map[string]string{
		composeFolder + "/datasource.yaml":         "/etc/grafana/provisioning/datasources/prometheus.yaml",
		"../../deploy/grafana/dashboards/oms.yaml": "/etc/grafana/provisioning/dashboards/oms.yaml",
	} {
		if !mounts(grafana, source, target) {
			t.Errorf("%s is not mounted at %s", source, target)
		}
	}
	if home := grafana.Environment["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]; !slices.ContainsFunc(
		boards,
		func(board string) bool { return mounts(grafana, board, home) },
	) {
		t.Errorf("the first page is %s, which is not mounted", home)
	}
}

// mounts reports whether a service mounts a file of the repository at target.
func mounts(service composeService, file, target string) bool {
	source, err := filepath.Abs(file)
	for _, volume := range service.Volumes {
		if err == nil && volume.Source == source && volume.Target == target {
			return true
		}
	}
	return false
}

// containerFiles copies the files of a service into a folder, at the paths where the container has them.
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
	for name, check := range map[string][]string{"prometheus": {"promtool", "check", "config"},
		"alertmanager": {"amtool", "check-config"}} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(containerFiles(t, services[name]), option(t, services[name].Command, "--config.file"))
			stdout, stderr, err := testutil.Run(
				t,
				"",
				testutil.LookPath(t, "install the Debian package prometheus-alertmanager", check[0]),
				append(check[1:], file)...)
			if err != nil || name == "prometheus" && !strings.Contains(stdout, "rules found") {
				t.Errorf("%v\n%s%s", err, stdout, stderr)
			}
		})
	}
	t.Run("the addresses are those of services", func(t *testing.T) {
		for file, addresses := range map[string][]string{
			"prometheus.yml":   {"exporter:10089", "alertmanager:9093"},
			"alertmanager.yml": {"mailbox:1025"},
			"datasource.yaml":  {"http://prometheus:9090"},
		} {
			for _, address := range addresses {
				if !strings.Contains(string(testutil.ReadFile(t, path.Join(composeFolder, file))), address) {
					t.Errorf("%s does not have %s", file, address)
				}
			}
		}
	})
	t.Run("the inhibitions are those of the example", func(t *testing.T) {
		var got, want struct {
			Rules []map[string][]string `yaml:"inhibit_rules"`
		}
		for file, into := range map[string]any{composeFolder + "/alertmanager.yml": &got,
			"../../dashboards/alertmanager.example.yml": &want} {
			if err := yaml.Unmarshal(testutil.ReadFile(t, file), into); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" || len(want.Rules) == 0 {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
	t.Run("the data source differs in the URL", func(t *testing.T) {
		var got, want grafanaSources
		decodeStrict(t, composeFolder+"/datasource.yaml", &got)
		decodeStrict(t, "../../deploy/grafana/datasources/prometheus.yaml", &want)
		want.Datasources[0].URL = "http://prometheus:9090"
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}

// The second file replaces the demo by the target of the variables.
func TestComposeOMS(t *testing.T) {
	files := []string{"compose.yaml", "compose.oms.yaml"}
	variables := []string{
		"OMS_EXPORTER_TARGET_URL=https://oms.example.com:8089",
		"OMS_EXPORTER_TARGET_USERNAME=monitor",
		"OMS_EXPORTER_TARGET_CA_FILE=/run/secrets/oms/ca.crt",
	}
	services, stderr, err := compose(t, variables, files...)
	if err != nil || len(services) != 5 {
		t.Fatalf("%v, %d services, %s", err, len(services), stderr)
	}
	exporter := services["exporter"]
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
	secrets := exporter.Volumes[0]
	for _, file := range []string{target.HTTPClient.BasicAuth.PasswordFile, target.HTTPClient.TLSConfig.CAFile} {
		if path.Dir(file) != secrets.Target || !secrets.ReadOnly || filepath.Base(secrets.Source) != "secrets" {
			t.Errorf("%s is not in %+v", file, secrets)
		}
	}
	if target.Name != "oms" || target.HTTPClient.BasicAuth.Username != "monitor" {
		t.Errorf("target %s, user %s", target.Name, target.HTTPClient.BasicAuth.Username)
	}
	if _, stderr, err := compose(
		t,
		variables[1:],
		files...); err == nil ||
		!strings.Contains(stderr, "set it to the URL of the OMS") {
		t.Errorf("without URL: %v, %s", err, stderr)
	}
}
