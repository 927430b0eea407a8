//go:build slow

package docs

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

// edit inserts a text before another one, which stands in one Go file of a folder or in the named file.
type edit struct{ in, before, insert string }

// edits are the changes by hand that CONTRIBUTING.md describes for each kind of change.
var edits = []struct {
	kind  string
	edits []edit
}{
	{
		"two gauges, one from a field that the decoder reads and one from a member that it skips",
		[]edit{
			{"collector", "\t{name: \"oms_task_modifying\"", "\t{name: \"oms_task_subtask\", " +
				"task: func(v *TaskView, s *samples) { s.flag(v.Subtask) },\n\t\thelp: \"1 for a subtask, 0 for any other task.\"},\n"},
			{
				"collector",
				"\t{name: \"oms_task_step_records_per_second\"",
				"\t{name: \"oms_task_step_reference_records_per_second\", " +
					"labels: []string{\"step\"}, group: ofSteps,\n\t\ttask: eachStepInfo(addReferenceRate),\n" +
					"\t\thelp: \"Records per second that the OMS expects of a step.\"},\n",
			},
			{"collector", "func addRecordRates(", "func addReferenceRate(step string, i *oms.StepInfo, s *samples) {\n" +
				"\ts.amount(i.SrcRPSRef, step)\n}\n\n"},
			{"oms", "\tSrcRPS, DstRPS ", "\tSrcRPSRef Opt[float64]\n"},
			{"oms", "\t\tcase \"srcrps\":", "\t\tcase \"srcrpsref\":\n\t\t\treturn readFloat(d, &i.SrcRPSRef)\n"},
			{"oms", "SrcRPS: Some(3.0),", "SrcRPSRef: Some(4.0), "},
		},
	},
	{
		"a setting",
		[]edit{
			{
				"internal/config",
				"\t// LogRetention is the log",
				"\t// StaleAfter is the age above which a measured delay is old; 0: never.\n" +
					"\tStaleAfter time.Duration `yaml:\"stale_after\"`\n",
			},
			{"internal/config/config.go", "\t\tLogRetention:      7", "\t\tStaleAfter: 5 * time.Minute,\n"},
			{"internal/config", "\t\tduration(\"log_retention\"", "\t\tduration(\"stale_after\", " +
				"func(t *Target) *time.Duration { return &t.StaleAfter }, 0, maxDuration),\n"},
			{"config.example.yml", "    log_retention:", "    stale_after: 5m # default: 5m; up to 3650d\n"},
			{"internal/web", "\t\tLogRetention:   c.LogRetention,", "\t\tStaleAfter: c.StaleAfter,\n"},
			{"collector", "\tLogRetention   time.Duration", "\tStaleAfter time.Duration\n"},
		},
	},
	{
		"a flag",
		[]edit{
			{"internal/command", "\tEnablePprof        bool", "\tBanner string\n"},
			{
				"internal/command",
				"\tapp.Flag(\"web.enable-pprof\"",
				"\tapp.Flag(\"web.banner\", \"Text at the top of every page.\")." +
					"StringVar(&f.Banner)\n",
			},
			{"internal/command", "\t{\"web.enable-pprof\", \"true\"},", "\t{\"web.banner\", \"production\"},\n"},
			{"main.go", "\t\tEnablePprof:    flags.EnablePprof,", "\t\tBanner: flags.Banner,\n"},
			{"internal/web", "\tEnablePprof    bool ", "\tBanner string\n"},
			{"internal/web/pages.go", "\n// ", "\nfunc (s *Server) banner() string { return s.options.Banner }\n"},
		},
	},
	{"a simulated task", []edit{
		{"oms/simulator", "\t\t{id: \"v03\"", "\t\t{id: \"v04\", name: \"verify_stock\", kind: \"VERIFY\", " +
			"source: newEndpoint(\"DB2_LUW\", 2), sink: newEndpoint(\"OB_ORACLE\", 4),\n" +
			"\t\t\tplan: repeat(2*day, 7*hrs, precheck(8*secs), verify(3*hrs, 22*million, 400))},\n"},
	}},
}

// TestContributing makes each kind of change in a copy of the tree. At most five files are changed by hand.
// Regeneration does the rest, and the tests pass.
func TestContributing(t *testing.T) {
	const limit = 5
	root := copyTree(t)
	for _, c := range edits {
		t.Run(c.kind+" changes at most five files", func(t *testing.T) {
			changed := make(map[string]bool)
			for _, edit := range c.edits {
				file := fileWith(t, filepath.Join(root, edit.in), edit.before)
				text := string(testutil.ReadFile(t, file))
				testutil.WriteFile(t, file, strings.Replace(text, edit.before, edit.insert+edit.before, 1))
				changed[file] = true
			}
			if len(changed) > limit {
				t.Errorf("%d files: %v", len(changed), changed)
			}
		})
	}
	goTest := func(args ...string) {
		command := exec.CommandContext(t.Context(), "go", append([]string{"test"}, args...)...)
		command.Dir = root
		if output, err := command.CombinedOutput(); err != nil {
			t.Errorf("go test %s: %v\n%s", strings.Join(args, " "), err, output)
		}
	}
	goTest("./collector", "./internal/config", "-update")
	goTest("./internal/docs", "-update")
	goTest("-run=^TestExposition$", "./internal/e2e", "-update")
	goTest("./collector", "./oms/...", "./internal/bench", "./internal/boards", "./internal/command", "./internal/config",
		"./internal/docs", "./internal/web/...")
	goTest("-run=^TestExposition$", "./internal/e2e")
	for _, c := range []struct{ generated, name string }{
		{"docs/metrics.md", "oms_task_subtask"},
		{"docs/metrics.md", "oms_task_step_reference_records_per_second"},
		{"docs/config.schema.json", "stale_after"},
		{"docs/configure.md", "--web.banner"},
		{"testdata/e2e/probe.txt", "verify_stock"},
		{"testdata/answers/example-projects.golden", "oms_task_subtask"},
	} {
		if text := string(testutil.ReadFile(t, filepath.Join(root, c.generated))); !strings.Contains(text, c.name) {
			t.Errorf("%s does not have %s", c.generated, c.name)
		}
	}
}

// copyTree copies the repository without its history and returns the path of the copy.
func copyTree(t *testing.T) string {
	t.Helper()
	root, to := testutil.Root(t), t.TempDir()
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if entry.Name() == ".git" {
				return filepath.SkipDir
			}
			return nil
		}
		relative, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		testutil.WriteFile(t, filepath.Join(to, relative), string(testutil.ReadFile(t, path)))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return to
}

// fileWith returns the Go file in a folder and its subfolders that contains text, or the file itself.
func fileWith(t *testing.T, folder, text string) string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".go" && path != folder {
			return err
		}
		if info, err := os.Stat(path); err != nil || info.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if strings.Contains(string(content), text) {
			found = append(found, path)
		}
		return err
	})
	if err != nil || len(found) != 1 {
		t.Fatalf("%q: error %v, files %q, want one file", text, err, found)
	}
	return found[0]
}
