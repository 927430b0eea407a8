package oms

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

func TestMain(m *testing.M) { testutil.Main(m) }

func TestDependencies(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", ".").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	deps := strings.Fields(string(out))
	for _, dep := range deps {
		if strings.HasPrefix(dep, "github.com/prometheus") || strings.Contains(dep, "oms_exporter/") &&
			!strings.HasSuffix(dep, "/oms") && !strings.HasSuffix(dep, "/internal/textutil") {
			t.Errorf("depends on %s", dep)
		}
	}
	if len(deps) < 50 {
		t.Errorf("these are not all: %s", deps)
	}
}
