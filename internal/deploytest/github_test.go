package deploytest

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

const github = "../../.github"

type workflow struct {
	Permissions map[string]string
	Jobs        map[string]struct {
		Uses        string
		Permissions map[string]string
		Strategy    struct{ Matrix struct{ Go []string } }
		Steps       []struct {
			Uses, Run string
			With      map[string]string
		}
	}
}

func readWorkflow(t *testing.T, name string) (w workflow) {
	t.Helper()
	if err := yaml.Unmarshal(testutil.ReadFile(t, github+"/workflows/"+name), &w); err != nil {
		t.Fatal(err)
	}
	return w
}

// actionlint, which .ci/run calls, checks the syntax.
func TestWorkflows(t *testing.T) {
	files, err := filepath.Glob(github + "/workflows/*.yml")
	if err != nil || len(files) < 2 {
		t.Fatal(files, err)
	}
	version := regexp.MustCompile(`^(\./\S+|[^@]+@v\d+)$`)
	for _, file := range files {
		w := readWorkflow(t, filepath.Base(file))
		if len(w.Permissions) != 1 || w.Permissions["contents"] != "read" {
			t.Errorf("%s: permissions %v, want contents: read", file, w.Permissions)
		}
		for name, job := range w.Jobs {
			if filepath.Base(file) != "release.yml" && job.Permissions != nil {
				t.Errorf("%s: %s has permissions %v of its own", file, name, job.Permissions)
			}
			for _, step := range append(job.Steps, struct {
				Uses, Run string
				With      map[string]string
			}{Uses: job.Uses}) {
				if step.Uses != "" && !version.MatchString(step.Uses) {
					t.Errorf("%s: %s uses %s, want a major version", file, name, step.Uses)
				}
			}
		}
	}
}

// CI runs every check with the oldest version of Go that go.mod supports, and with the newest one.
func TestWorkflowChecks(t *testing.T) {
	oldest := regexp.MustCompile(`(?m)^go (\S+)$`).FindSubmatch(testutil.ReadFile(t, "../../go.mod"))
	check := readWorkflow(t, "ci.yml").Jobs["check"]
	if got, want := check.Strategy.Matrix.Go, []string{string(oldest[1]), "1"}; !slices.Equal(got, want) {
		t.Errorf("Go %q, want %q", got, want)
	}
	if last := check.Steps[len(check.Steps)-1]; last.Run != ".ci/run" {
		t.Errorf("the last step runs %q", last.Run)
	}
	if readWorkflow(t, "release.yml").Jobs["check"].Uses != "./.github/workflows/ci.yml" {
		t.Error("a release runs no checks")
	}
}

// A release publishes the names that the chart, the compose file and the docs have.
func TestWorkflowNames(t *testing.T) {
	release := string(testutil.ReadFile(t, github+"/workflows/release.yml"))
	published := strings.NewReplacer("${{ github.repository }}", "oms-exporter/oms_exporter",
		"${{ github.repository_owner }}", "oms-exporter").
		Replace(release)
	var values struct{ Image struct{ Repository string } }
	if err := yaml.Unmarshal(testutil.ReadFile(t, chart+"/values.yaml"), &values); err != nil {
		t.Fatal(err)
	}
	image := values.Image.Repository
	for _, line := range []string{"IMAGE: " + image + "\n", "CHARTS: ghcr.io/oms-exporter/charts\n"} {
		if !strings.Contains(published, line) {
			t.Errorf("the release does not have %q", line)
		}
	}
	for file, want := range map[string]string{
		composeFolder + "/compose.yaml": "image: " + image + ":",
		"../../docs/install.md":         "`" + image + "`",
		"../../docs/release.md":         "oci://ghcr.io/oms-exporter/charts/oms-exporter",
		"../../docs/kubernetes.md":      "oci://ghcr.io/oms-exporter/charts/oms-exporter",
	} {
		if !strings.Contains(string(testutil.ReadFile(t, file)), want) {
			t.Errorf("%s does not have %s", file, want)
		}
	}
	installed := regexp.MustCompile(`install_tool helm (\S+)`).FindSubmatch(testutil.ReadFile(t, "../../.ci/run"))
	if installed == nil || !strings.Contains(release, "version: "+string(installed[1])+"\n") {
		t.Errorf("the release does not package the chart with helm %s, which tests it", installed)
	}
}

// GitHub ignores a form with an unknown key or two equal ids.
func TestIssueForms(t *testing.T) {
	for _, name := range []string{"bug", "feature"} {
		var form struct {
			Name, Description string
			Labels            []string
			Body              []struct {
				Type, ID    string
				Attributes  struct{ Label, Description, Value, Render string }
				Validations struct{ Required bool }
			}
		}
		decodeStrict(t, github+"/ISSUE_TEMPLATE/"+name+".yml", &form)
		ids := map[string]bool{}
		required := false
		for _, field := range form.Body {
			switch {
			case field.Type == "markdown" && field.Attributes.Value != "":
			case field.Type == "textarea" && field.ID != "" && field.Attributes.Label != "" && !ids[field.ID]:
			default:
				t.Errorf("%s: %+v", name, field)
			}
			ids[field.ID] = true
			required = required || field.Validations.Required
		}
		if form.Name == "" || form.Description == "" || !required {
			t.Errorf("%s: name %q, description %q, a required field: %v", name, form.Name, form.Description, required)
		}
	}
}
