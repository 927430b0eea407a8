//go:build slow

package boards

import (
	"path/filepath"
	"testing"
)

func TestStories(t *testing.T) {
	t.Parallel()
	for _, file := range readStories(t) {
		t.Run(filepath.Base(file.path), func(t *testing.T) {
			t.Parallel()
			eachVersion(t, "promtool", func(t *testing.T, promtool string) {
				if out, err := runTool(t, "", promtool, "test", "rules", file.path); err != nil {
					t.Errorf("promtool test rules: %v\n%s", err, out)
				}
			})
		})
	}
}
