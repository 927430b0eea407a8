// Package e2e tests the exporter as users run it: the binary on loopback ports, against a simulated OMS in the process
// of the test.
package e2e

import (
	"flag"
	"testing"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

func TestMain(m *testing.M) {
	// A test is parallel if it waits, for example for a timeout, more than it computes. By default only as many parallel
	// tests run at once as there are CPUs.
	_ = flag.Set("test.parallel", "8")
	testutil.Main(m)
}
