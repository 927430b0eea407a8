// Package e2e tests the exporter as users run it: the binary on loopback ports, against a simulated OMS in the process of the test.
package e2e

import (
	"path/filepath"
	"testing"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

func TestMain(m *testing.M) { testutil.Main(m) }

// compareGolden compares got with a file of testdata/e2e.
func compareGolden(t *testing.T, name, got string) {
	t.Helper()
	testutil.Golden(t, filepath.Join(testutil.Root(t), "testdata", "e2e", name), got)
}
