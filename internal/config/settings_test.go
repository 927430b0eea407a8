package config

import (
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestSettings compares the tables of the keys with the fields of the types.
func TestSettings(t *testing.T) {
	if diff := cmp.Diff(tags(reflect.TypeFor[Target]()), targetSettings().keys()); diff != "" {
		t.Errorf("target (-type +table)\n%s", diff)
	}
	if diff := cmp.Diff(tags(reflect.TypeFor[Filter]()), filterSettings().keys()); diff != "" {
		t.Errorf("filter (-type +table)\n%s", diff)
	}
}

// tags returns the YAML keys of the exported fields of a type.
func tags(t reflect.Type) []string {
	var all []string
	for f := range t.Fields() {
		if f.IsExported() {
			all = append(all, f.Tag.Get("yaml"))
		}
	}
	return all
}
