package readme

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/oms-exporter/oms_exporter/internal/config"
)

// TestLinks follows the links to places of this repository.
func TestLinks(t *testing.T) {
	text := read(t, readme)
	anchors := map[string]bool{}
	for _, heading := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllSubmatch(text, -1) {
		anchor := strings.ToLower(string(heading[1]))
		anchor = regexp.MustCompile("[^a-z0-9_ -]").ReplaceAllString(anchor, "")
		anchors["#"+strings.ReplaceAll(anchor, " ", "-")] = true
	}
	links := regexp.MustCompile(`\]\(([^)\s]+)\)`).FindAllSubmatch(text, -1)
	if len(links) == 0 {
		t.Fatal("no links found")
	}
	for _, link := range links {
		to := string(link[1])
		switch {
		case strings.HasPrefix(to, "https://"):
		case strings.HasPrefix(to, "#"):
			if !anchors[to] {
				t.Errorf("no heading for %s", to)
			}
		default:
			path, _, _ := strings.Cut(to, "#")
			if _, err := os.Stat(filepath.Join(filepath.Dir(readme), path)); err != nil {
				t.Errorf("link %s: %v", to, err)
			}
		}
	}
}

// TestExampleConfig checks the config of "A real OMS in five minutes" as a user would.
func TestExampleConfig(t *testing.T) {
	text := read(t, readme)
	block := regexp.MustCompile("(?s)```yaml\n(   targets:.*?)```").FindSubmatch(text)
	if block == nil {
		t.Fatal("README has no config")
	}
	folder := t.TempDir()
	yaml := regexp.MustCompile(`(?m)^   `).ReplaceAll(block[1], nil)
	for name, content := range map[string][]byte{"config.yml": yaml, "oms-password": []byte("Secret-1234\n")} {
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c, err := config.Load(filepath.Join(folder, "config.yml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.CheckFiles(); err != nil {
		t.Fatal(err)
	}
}
