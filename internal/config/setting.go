package config

import (
	"slices"
	"time"

	"go.yaml.in/yaml/v4"
)

// setting is a key of the file, with functions that read its value into a T, show the value of a T, and return the JSON
// schema of the value.
type setting[T any] struct {
	key    string
	read   func(*T, value) error
	show   func(*T) any
	schema func() schema
}

// settings are the keys of a mapping.
type settings[T any] []setting[T]

// read reads a mapping into a T. A field whose key is missing keeps its value.
func (all settings[T]) read(to *T, v value) error {
	entries, err := v.entries()
	if err != nil {
		return err
	}
	for _, e := range entries {
		i := slices.IndexFunc(all, func(s setting[T]) bool { return s.key == e.name })
		if i < 0 {
			return e.unknownKey(all.keys())
		}
		if err := all[i].read(to, e.value); err != nil {
			return err
		}
	}
	return nil
}

func (all settings[T]) keys() []string {
	keys := make([]string, len(all))
	for i, s := range all {
		keys[i] = s.key
	}
	return keys
}

// show returns a mapping with all settings, in the order of the table.
func (all settings[T]) show(from *T) *yaml.Node {
	mapping := &yaml.Node{Kind: yaml.MappingNode}
	for _, s := range all {
		mapping.Content = append(mapping.Content, encode(s.key), encode(s.show(from)))
	}
	return mapping
}

func duration[T any](key string, field func(*T) *time.Duration, lowest, highest time.Duration) setting[T] {
	return setting[T]{
		key:    key,
		read:   func(t *T, v value) (err error) { *field(t), err = v.duration(lowest, highest); return err },
		show:   func(t *T) any { return formatDuration(*field(t)) },
		schema: func() schema { return durationSchema(lowest) },
	}
}

func number[T any](key string, field func(*T) *int, highest int) setting[T] {
	return setting[T]{
		key:    key,
		read:   func(t *T, v value) (err error) { *field(t), err = v.number(1, highest); return err },
		show:   func(t *T) any { return *field(t) },
		schema: func() schema { return schema{"type": "integer", "minimum": 1, "maximum": highest} },
	}
}

func size[T any](key string, field func(*T) *int64, highest int64) setting[T] {
	return setting[T]{
		key:    key,
		read:   func(t *T, v value) (err error) { *field(t), err = v.size(1, highest); return err },
		show:   func(t *T) any { return formatSize(*field(t)) },
		schema: func() schema { return sizeSchema(highest) },
	}
}

// texts returns a setting with a list of texts. check receives each text and its index. maxItems 0 allows any number.
func texts[T any](
	key string, field func(*T) *[]string, check func(value, string, int) error, item schema, maxItems int,
) setting[T] {
	return setting[T]{
		key: key,
		read: func(t *T, v value) error {
			items, err := v.items()
			if err != nil {
				return err
			}
			var all []string
			for i, item := range items {
				text, err := item.text()
				if err != nil {
					return err
				}
				if err := check(item, text, i); err != nil {
					return err
				}
				all = append(all, text)
			}
			*field(t) = all
			return nil
		},
		show:   func(t *T) any { return *field(t) },
		schema: func() schema { return listSchema(item, maxItems) },
	}
}

// block returns a setting that is a mapping. Its value can be empty: all lines below the key can be comments.
func block[T, B any](key string, field func(*T) *B, keys settings[B]) setting[T] {
	return setting[T]{
		key: key,
		read: func(t *T, v value) error {
			if v.isNull() {
				return nil
			}
			return keys.read(field(t), v)
		},
		show:   func(t *T) any { return keys.show(field(t)) },
		schema: func() schema { return orNull(keys.schema()) },
	}
}
