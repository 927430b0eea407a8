package config

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"go.yaml.in/yaml/v4"
)

// FuzzLoad reads arbitrary bytes as a config file. It never panics. Each error is one bounded line without the secrets
// in testdata. A config that is accepted can be shown as YAML.
func FuzzLoad(f *testing.F) {
	for _, pattern := range []string{invalidFolder + "/*.yml", validFolder + "/*.yml", "../../config.example.yml"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			f.Fatalf("no seeds in %s: %v", pattern, err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := parse("config.yml", data)
		if err != nil {
			checkErrorText(t, err, "Pl4nted-S3cret")
			var positioned *Error
			if !errors.As(err, &positioned) || positioned.Line < 1 {
				t.Errorf("an error without a line: %v", err)
			}
			return
		}
		var shown struct{ Targets []map[string]any }
		if err := yaml.Unmarshal([]byte(c.Redacted()), &shown); err != nil || len(shown.Targets) != len(c.Targets) {
			t.Errorf("%v in\n%s", err, c.Redacted())
		}
		for i := range c.Targets {
			if !c.Targets[i].Equal(&c.Targets[i]) {
				t.Errorf("targets[%d] is not equal to itself", i)
			}
		}
	})
}
