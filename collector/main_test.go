package collector

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

var update = flag.Bool("update", false, "write the golden expositions of testdata/answers anew")

const answersFolder = "../testdata/answers"

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// compareGolden holds got against a file of testdata/answers.
func compareGolden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join(answersFolder, name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want := readAnswer(t, name)
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("not as in %s (- want, + got):\n%s", file, diff)
	}
}

func readAnswer(t *testing.T, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(answersFolder, name))
	if err != nil {
		t.Fatal(err)
	}
	return content
}
