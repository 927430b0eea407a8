package docs

import (
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

// retiredWords are words that plainer words have replaced, with these words.
var retiredWords = map[string]string{
	"whoever":        "users who",
	"so that":        "to",
	"for as long as": "while",
	"tells":          "reports",
	"anew":           "again",
	"of late":        "recently",
	"to be had":      "available",
	"is told":        "receives",
	"no valid":       "an invalid",
	"beyond all use": "unbounded",
	"let go of":      "release",
	"lets go of":     "releases",
}

// TestRetiredWords checks code, comments and pages. It skips testdata, which has answers of OMS and expected outputs.
func TestRetiredWords(t *testing.T) {
	extensions := []string{".go", ".md", ".yml", ".yaml", ".html", ".json"}
	words := strings.Join(slices.Collect(maps.Keys(retiredWords)), "|")
	retired := regexp.MustCompile(`(?i)\b(` + words + `)\b`)
	read := 0
	err := filepath.WalkDir(testutil.Root(t), func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == ".git" || entry.Name() == "testdata"):
			return filepath.SkipDir
		case entry.Name() == "words_test.go", !slices.Contains(extensions, filepath.Ext(path)):
			return nil
		}
		read++
		for number, line := range strings.Split(string(testutil.ReadFile(t, path)), "\n") {
			if found := retired.FindString(line); found != "" {
				t.Errorf("%s:%d: %q: use a plainer word, such as %q", path, number+1, found, retiredWords[strings.ToLower(found)])
			}
		}
		return nil
	})
	if err != nil || read < 300 {
		t.Errorf("%d files, error %v", read, err)
	}
}
