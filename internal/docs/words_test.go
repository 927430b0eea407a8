package docs

import (
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

// retiredWords are the words that texts and comments replaced by plainer ones.
var retiredWords = regexp.MustCompile(`(?i)\b(` +
	`whoever|so that|for as long as|tells|anew|of late|to be had|is told|no valid|beyond all use|lets? go of)\b`)

// TestRetiredWords checks code, comments and pages. It skips testdata, which has answers of OMS and expected outputs.
func TestRetiredWords(t *testing.T) {
	extensions := []string{".go", ".md", ".yml", ".yaml", ".html", ".json"}
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
			if found := retiredWords.FindString(line); found != "" {
				t.Errorf("%s:%d: %q: use a plainer word", path, number+1, found)
			}
		}
		return nil
	})
	if err != nil || read < 300 {
		t.Errorf("%d files, error %v", read, err)
	}
}
