package docs

import (
	"path/filepath"
	"regexp"
	"testing"

	"github.com/oms-exporter/oms_exporter/internal/config"
	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

// TestExampleConfig checks the config of "A real OMS in five minutes" as a user would.
func TestExampleConfig(t *testing.T) {
	text := testutil.ReadFile(t, readme)
	block := regexp.MustCompile("(?s)```yaml\n(   targets:.*?)```").FindSubmatch(text)
	if block == nil {
		t.Fatal("README has no config")
	}
	folder := t.TempDir()
	yaml := regexp.MustCompile(`(?m)^   `).ReplaceAll(block[1], nil)
	for name, content := range map[string][]byte{"config.yml": yaml, "oms-password": []byte("Secret-1234\n")} {
		testutil.WriteFile(t, filepath.Join(folder, name), string(content))
	}
	c, err := config.Load(filepath.Join(folder, "config.yml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.CheckFiles(); err != nil {
		t.Fatal(err)
	}
}
