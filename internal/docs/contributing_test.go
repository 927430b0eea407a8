//go:build slow

package docs

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

// edit inserts lines into a file, or into a Go file of a folder: before the only line that begins with before, apart
// from white space. Without before it appends the lines to a file.
type edit struct{ in, before, insert string }

// readEdits reads a file of edits. An edit begins with "=== FILE OR FOLDER: BEGINNING OF A LINE" or with "=== FILE".
func readEdits(t *testing.T, file string) (edits []edit) {
	t.Helper()
	for _, text := range strings.Split(string(testutil.ReadFile(t, file)), "=== ")[1:] {
		head, insert, _ := strings.Cut(text, "\n")
		in, before, _ := strings.Cut(head, ": ")
		edits = append(edits, edit{in, before, insert})
	}
	return edits
}

// apply makes the edit in a copy of the repository and returns the path of the edited file.
func (e edit) apply(t *testing.T, root string) string {
	t.Helper()
	place := regexp.MustCompile(`\z`)
	if e.before != "" {
		words := strings.Fields(regexp.QuoteMeta(e.before))
		place = regexp.MustCompile(`(?m)^[ \t]*` + strings.Join(words, `[ \t]+`))
	}
	in := filepath.Join(root, e.in)
	var files []string
	var edited string
	err := filepath.WalkDir(in, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path != in && filepath.Ext(path) != ".go" {
			return err
		}
		text := string(testutil.ReadFile(t, path))
		for _, at := range place.FindAllStringIndex(text, -1) {
			files = append(files, path)
			edited = text[:at[0]] + e.insert + text[at[0]:]
		}
		return nil
	})
	if err != nil || len(files) != 1 {
		t.Fatalf("%s: error %v, lines that begin with %q are in files %q, want one line", e.in, err, e.before, files)
	}
	return testutil.WriteFile(t, files[0], edited)
}

// goTest runs go test in a copy of the repository and returns its output.
func goTest(t *testing.T, root string, args ...string) string {
	t.Helper()
	stdout, stderr, err := testutil.Run(t, root, "go", append([]string{"test"}, args...)...)
	if err != nil || strings.Contains(stdout, "[no tests to run]") {
		t.Errorf("go test %s: %v\n%s%s", strings.Join(args, " "), err, stdout, stderr)
	}
	return stdout
}

// TestContributing makes each kind of change that CONTRIBUTING.md describes in one copy of the repository.
// testdata/contributing has the edits by hand.
func TestContributing(t *testing.T) {
	const limit = 5
	root := t.TempDir()
	if err := os.CopyFS(root, os.DirFS(testutil.Root(t))); err != nil {
		t.Fatal(err)
	}
	for _, file := range testutil.Glob(t, "testdata/contributing/*.txt") {
		t.Run(filepath.Base(file)+" edits at most five files", func(t *testing.T) {
			files := map[string]bool{}
			for _, edit := range readEdits(t, file) {
				if path := edit.apply(t, root); !strings.HasSuffix(path, ".zh-CN.md") {
					files[path] = true
				}
			}
			if len(files) == 0 || len(files) > limit {
				t.Errorf("%d files: %v", len(files), files)
			}
		})
	}
	t.Run("the tests pass after the regeneration", func(t *testing.T) {
		goTest(t, root, "./collector", "./internal/config", "-update")
		goTest(t, root, "./internal/docs", "./internal/deploytest", "-update")
		goTest(t, root, "-run=^TestExposition$", "./internal/e2e", "-update")
		goTest(t, root, "./collector", "./oms/...", "./internal/bench", "./internal/boards", "./internal/command",
			"./internal/config", "./internal/docs", "./internal/web/...")
		goTest(t, root, "-run=^TestExposition$", "./internal/e2e")
	})
	t.Run("the regeneration writes the other files", func(t *testing.T) {
		for file, texts := range map[string][]string{
			"docs/metrics.md":                             {"oms_task_subtask", "oms_task_step_reference_records_per_second"},
			"testdata/answers/example-projects.golden":    {"oms_task_subtask"},
			"docs/config.schema.json":                     {"stale_after"},
			"deploy/helm/oms-exporter/values.schema.json": {"stale_after"},
			"docs/configure.md":                           {"--web.banner"},
			"deploy/package/oms_exporter.1":               {"--web.banner"},
			"deploy/kubernetes/prometheusrule.yaml":       {"OMSListInvalid"},
			"deploy/helm/oms-exporter/files/alerts.yml":   {"OMSListInvalid"},
			"testdata/e2e/probe.txt":                      {"verify_stock"},
		} {
			for _, text := range texts {
				if !strings.Contains(string(testutil.ReadFile(t, filepath.Join(root, file))), text) {
					t.Errorf("%s does not have %s", file, text)
				}
			}
		}
	})
	t.Run("the story of the alert passes, and fails with its naive version", func(t *testing.T) {
		testutil.LookPath(t, "install the Debian package prometheus", "promtool")
		output := goTest(t, root, "-v", "-tags=slow", "./internal/boards",
			"-run=^(TestStories|TestNaiveRules)$/^(alerts_texts_test.yml|OMSListInvalid)$/^promtool$")
		for _, test := range []string{"TestStories/alerts_texts_test.yml/promtool", "TestNaiveRules/OMSListInvalid"} {
			if !strings.Contains(output, "--- PASS: "+test+" (") {
				t.Errorf("%s did not run", test)
			}
		}
	})
}
