package collector

import (
	"path/filepath"
	"testing"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

const answersFolder = "../testdata/answers"

func TestMain(m *testing.M) { testutil.Main(m) }

// compareGolden compares got with a file of testdata/answers.
func compareGolden(t *testing.T, name, got string) {
	t.Helper()
	testutil.Golden(t, filepath.Join(answersFolder, name), got)
}

func readAnswer(t *testing.T, name string) []byte {
	t.Helper()
	return testutil.ReadFile(t, filepath.Join(answersFolder, name))
}
