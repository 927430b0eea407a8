package deploytest

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

const github = "../../.github"

type workflow struct {
	Permissions map[string]string
	Jobs        map[string]struct {
		Uses        string
		Permissions map[string]string
		Strategy    struct{ Matrix struct{ Go []string } }
		Steps       []struct{ Uses, Run string }
	}
}

func readWorkflow(t *testing.T, name string) (w workflow) {
	t.Helper()
	testutil.ReadYAML(t, github+"/workflows/"+name, &w)
	return w
}

// TestWorkflows checks the content of the workflows. .ci/run checks their syntax with actionlint.
func TestWorkflows(t *testing.T) {
	t.Run("only a release may write, and actions have a major version", func(t *testing.T) {
		version := regexp.MustCompile(`^(|\./\S+|[^@]+@v\d+)$`)
		for _, file := range testutil.Glob(t, github+"/workflows/*.yml") {
			name := filepath.Base(file)
			w := readWorkflow(t, name)
			if len(w.Permissions) != 1 || w.Permissions["contents"] != "read" {
				t.Errorf("%s: permissions %v, want contents: read", name, w.Permissions)
			}
			for jobName, job := range w.Jobs {
				if name != "release.yml" && job.Permissions != nil {
					t.Errorf("%s: job %s has permissions %v of its own", name, jobName, job.Permissions)
				}
				uses := []string{job.Uses}
				for _, step := range job.Steps {
					uses = append(uses, step.Uses)
				}
				for _, action := range uses {
					if !version.MatchString(action) {
						t.Errorf("%s: job %s uses %s, want a major version", name, jobName, action)
					}
				}
			}
		}
	})
	t.Run("CI runs every check with the oldest Go that go.mod supports, and with the newest", func(t *testing.T) {
		oldest := regexp.MustCompile(`(?m)^go (\S+)$`).FindSubmatch(testutil.ReadFile(t, "../../go.mod"))
		check := readWorkflow(t, "ci.yml").Jobs["check"]
		if got, want := check.Strategy.Matrix.Go, []string{string(oldest[1]), "1"}; !slices.Equal(got, want) {
			t.Errorf("Go %q, want %q", got, want)
		}
		if last := check.Steps[len(check.Steps)-1]; last.Run != ".ci/run" {
			t.Errorf("the last step runs %q", last.Run)
		}
	})
	t.Run("a release runs the checks of CI", func(t *testing.T) {
		if uses := readWorkflow(t, "release.yml").Jobs["check"].Uses; uses != "./.github/workflows/ci.yml" {
			t.Errorf("the job check uses %q", uses)
		}
	})
	t.Run("a release publishes the names in the chart, the compose file and the docs", func(t *testing.T) {
		var values struct{ Image struct{ Repository string } }
		testutil.ReadYAML(t, chart+"/values.yaml", &values)
		image := values.Image.Repository
		release := string(testutil.ReadFile(t, github+"/workflows/release.yml"))
		release = strings.ReplaceAll(release, "${{ github.repository }}", "oms-exporter/oms_exporter")
		release = strings.ReplaceAll(release, "${{ github.repository_owner }}", "oms-exporter")
		for _, line := range []string{"IMAGE: " + image + "\n", "CHARTS: ghcr.io/oms-exporter/charts\n"} {
			if !strings.Contains(release, line) {
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
		helm := regexp.MustCompile(`install_tool helm (\S+)`).FindSubmatch(testutil.ReadFile(t, "../../.ci/run"))
		if helm == nil || !strings.Contains(release, "version: "+string(helm[1])+"\n") {
			t.Errorf("the release does not package the chart with helm %s, which tests it", helm)
		}
	})
}

// TestIssueForms checks the forms for issues. GitHub ignores a form with an unknown key or two equal ids.
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
		readStrict(t, github+"/ISSUE_TEMPLATE/"+name+".yml", &form)
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
