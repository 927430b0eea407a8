package config

import (
	"flag"
	"testing"

	"go.uber.org/goleak"
)

var update = flag.Bool("update", false, "write the golden errors of testdata/config/invalid anew")

const (
	invalidFolder = "../../testdata/config/invalid"
	validFolder   = "../../testdata/config/valid"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
