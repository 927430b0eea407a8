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

// TestContributingGauge adds two gauges to a copy of the tree, as CONTRIBUTING.md describes: one from a field that the decoder reads already,
// and one from a member that it skips. At most five files are changed by hand. Regeneration does the rest, and the tests pass.
func TestContributingGauge(t *testing.T) {
	root := copyTree(t)
	changed := make(map[string]bool)
	for _, c := range []struct{ folder, before, insert string }{
		{"collector", "\t{name: \"oms_task_modifying\"", "\t{name: \"oms_task_subtask\", task: func(v *TaskView, s *samples) { s.flag(v.Subtask) },\n" +
			"\t\thelp: \"1 for a subtask, 0 for any other task.\"},\n"},
		{"collector", "\t{name: \"oms_task_step_records_per_second\"", "\t{name: \"oms_task_step_reference_records_per_second\", labels: []string{\"step\"}, " +
			"group: ofSteps,\n\t\ttask: eachStepInfo(addReferenceRate),\n\t\thelp: \"Records per second that the OMS expects of a step.\"},\n"},
		{"collector", "func addRecordRates(", `func addReferenceRate(step string, i *oms.StepInfo, s *samples) {
	s.amount(i.SrcRPSRef, step)
}

`},
		{"oms", "\tSrcRPS, DstRPS ", "\tSrcRPSRef Opt[float64]\n"},
		{"oms", "\t\tcase \"srcrps\":", "\t\tcase \"srcrpsref\":\n\t\t\treturn readFloat(d, &i.SrcRPSRef)\n"},
		{"oms", "SrcRPS: Some(3.0),", "SrcRPSRef: Some(4.0), "},
	} {
		file := fileWith(t, filepath.Join(root, c.folder), c.before)
		text := string(testutil.ReadFile(t, file))
		testutil.WriteFile(t, file, strings.Replace(text, c.before, c.insert+c.before, 1))
		changed[file] = true
	}
	if len(changed) > 5 {
		t.Errorf("%d files are changed by hand, the limit is 5: %v", len(changed), changed)
	}
	goTest := func(args ...string) {
		command := exec.CommandContext(t.Context(), "go", append([]string{"test"}, args...)...)
		command.Dir = root
		if output, err := command.CombinedOutput(); err != nil {
			t.Errorf("go test %s: %v\n%s", strings.Join(args, " "), err, output)
		}
	}
	goTest("./collector", "./internal/docs", "-update")
	goTest("-run=^TestExposition$", "./internal/e2e", "-update")
	goTest("./collector", "./oms/...", "./internal/bench", "./internal/boards", "./internal/docs")
	goTest("-run=^TestExposition$", "./internal/e2e")
	for _, generated := range []string{"docs/metrics.md", "testdata/e2e/probe.txt", "testdata/answers/example-projects.golden"} {
		text := string(testutil.ReadFile(t, filepath.Join(root, generated)))
		for _, name := range []string{"oms_task_subtask", "oms_task_step_reference_records_per_second"} {
			if !strings.Contains(text, name) {
				t.Errorf("%s does not have %s", generated, name)
			}
		}
	}
}

// copyTree copies the repository without its hidden folders and returns the path of the copy.
func copyTree(t *testing.T) string {
	t.Helper()
	root, to := testutil.Root(t), t.TempDir()
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if path != root && strings.HasPrefix(entry.Name(), ".") {
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

// fileWith returns the Go file below folder that contains text.
func fileWith(t *testing.T, folder, text string) string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".go" {
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
