// Package e2e tests the exporter as users run it: the binary on loopback ports, against a simulated OMS in the process of the test.
package e2e

import (
	"testing"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

func TestMain(m *testing.M) { testutil.Main(m) }
