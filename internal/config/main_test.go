package config

import (
	"testing"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

const (
	invalidFolder = "../../testdata/config/invalid"
	validFolder   = "../../testdata/config/valid"
)

func TestMain(m *testing.M) { testutil.Main(m) }
