//go:build slow

package boards

import (
	"path/filepath"
	"testing"
)

func TestAlertStories(t *testing.T) {
	t.Parallel()
	for _, file := range storyFiles(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			eachVersion(t, "promtool", func(t *testing.T, promtool string) {
				if out, err := run(t, "", promtool, "test", "rules", file); err != nil {
					t.Errorf("promtool test rules: %v\n%s", err, out)
				}
			})
		})
	}
}
