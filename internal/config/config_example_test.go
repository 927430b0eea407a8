package config

import (
	"reflect"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	promconfig "github.com/prometheus/common/config"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

const exampleFile = "../../config.example.yml"

func TestExample(t *testing.T) {
	c, err := Load(exampleFile)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.CheckFiles(); err != nil {
		t.Error(err)
	}
	want := []Target{target(func(t *Target) {
		t.Name, t.URL = "prod", "https://oms.example.com:8089"
		t.HTTPClient.BasicAuth = &promconfig.BasicAuth{Username: "monitor", Password: "change-me"}
	})}
	if diff := cmp.Diff(want, c.Targets, ignorePosition); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestExampleComments(t *testing.T) {
	data := testutil.ReadFile(t, exampleFile)
	lines := regexp.MustCompile(`(?m)^ +(\w+): (\S+) # default: ([^;\n]+)`).FindAllStringSubmatch(string(data), -1)
	if len(lines) < 20 {
		t.Errorf("%d lines have a default", len(lines))
	}
	for _, line := range lines {
		if line[2] != line[3] {
			t.Errorf("%s is %s, and its comment has the default %s", line[1], line[2], line[3])
		}
	}
}

func TestExampleKeys(t *testing.T) {
	data := testutil.ReadFile(t, exampleFile)
	for _, key := range ownKeys() {
		if !regexp.MustCompile(`(?m)^[ -]*` + key + `:`).Match(data) {
			t.Errorf("%s is missing", key)
		}
	}
}

func ownKeys() []string {
	return slices.Concat(tags(reflect.TypeFor[Config]()), tags(reflect.TypeFor[Target]()), tags(reflect.TypeFor[Filter]()))
}
