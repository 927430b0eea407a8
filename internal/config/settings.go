package config

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

// setting is one key of the file: how it is read into a T, how a T's is
// shown, and what a JSON schema says of it.
type setting[T any] struct {
	key    string
	read   func(*T, value) error
	show   func(*T) any
	schema func() schema
}

type settings[T any] []setting[T]

// read reads a mapping; keys that are not there leave what the T has.
func (all settings[T]) read(to *T, v value) error {
	entries, err := v.entries()
	if err != nil {
		return err
	}
	for _, e := range entries {
		i := slices.IndexFunc(all, func(s setting[T]) bool { return s.key == e.name })
		if i < 0 {
			return e.unknown(all.keys())
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

// show returns a mapping of all settings, in the order of the table.
func (all settings[T]) show(from *T) *yaml.Node {
	mapping := &yaml.Node{Kind: yaml.MappingNode}
	for _, s := range all {
		mapping.Content = append(mapping.Content, encode(s.key), encode(s.show(from)))
	}
	return mapping
}

// configSettings is every key at the top.
func configSettings() settings[Config] {
	return settings[Config]{{key: "targets", read: readTargets, schema: func() schema {
		return schema{"type": "array", "minItems": 1, "items": targetSettings().schema("name", "url")}
	}}}
}

// targetSettings is every key of a target.
func targetSettings() settings[Target] {
	return settings[Target]{
		{"name", readName, func(t *Target) any { return t.Name }, func() schema { return textSchema(namePattern.String()) }},
		{"url", readURL, func(t *Target) any { return t.URL }, targetURLSchema},
		{"http_client", readHTTPClient, func(t *Target) any { return showHTTPClient(&t.HTTPClient) }, func() schema { return orNull(typeSchema("", httpClientType)) }},
		duration("timeout", func(t *Target) *time.Duration { return &t.Timeout }, shortest, maxTimeout),
		number("page_size", func(t *Target) *int { return &t.PageSize }, maxPageSize),
		number("concurrency", func(t *Target) *int { return &t.Concurrency }, maxConcurrency),
		number("max_pages", func(t *Target) *int { return &t.MaxPages }, maxMaxPages),
		size("max_response_size", func(t *Target) *int64 { return &t.MaxResponseSize }, maxResponseSize),
		duration("auth_retry_interval", func(t *Target) *time.Duration { return &t.AuthRetryInterval }, 0, maxAuthRetry),
		duration("min_interval", func(t *Target) *time.Duration { return &t.MinInterval }, 0, maxMinInterval),
		duration("finished_detail", func(t *Target) *time.Duration { return &t.FinishedDetail }, 0, maxDuration),
		duration("pause_limit", func(t *Target) *time.Duration { return &t.PauseLimit }, 0, maxDuration),
		duration("log_retention", func(t *Target) *time.Duration { return &t.LogRetention }, 0, maxDuration),
		{"filter", readFilter, func(t *Target) any { return filterSettings().show(&t.Filter) }, func() schema { return orNull(filterSettings().schema()) }},
		{"sync_delay_thresholds", readThresholds, showThresholds, thresholdsSchema},
	}
}

// filterSettings is every key of a filter.
func filterSettings() settings[Filter] {
	return settings[Filter]{
		{"search_key",
			func(f *Filter, v value) (err error) { f.SearchKey, err = v.text(); return err },
			func(f *Filter) any { return f.SearchKey }, func() schema { return textSchema("") }},
		{"type", readType, func(f *Filter) any { return f.Type }, func() schema { return enumSchema(append([]string{""}, types...)) }},
		texts("statuses", func(f *Filter) *[]string { return &f.Statuses }, knownStatus, enumSchema(statuses), 0),
		texts("label_ids", func(f *Filter) *[]string { return &f.LabelIDs }, knownLabelID, textSchema("."), maxLabelIDs),
		texts("source_types", func(f *Filter) *[]string { return &f.SourceTypes }, endpointType, textSchema(endpointTypePattern.String()), 0),
		texts("sink_types", func(f *Filter) *[]string { return &f.SinkTypes }, endpointType, textSchema(endpointTypePattern.String()), 0),
		{"subtasks",
			func(f *Filter, v value) (err error) { f.Subtasks, err = v.boolean(); return err },
			func(f *Filter) any { return f.Subtasks }, func() schema { return schema{"type": "boolean"} }},
	}
}

func duration[T any](key string, of func(*T) *time.Duration, lowest, highest time.Duration) setting[T] {
	return setting[T]{key,
		func(t *T, v value) (err error) { *of(t), err = v.duration(lowest, highest); return err },
		func(t *T) any { return formatDuration(*of(t)) }, func() schema { return durationSchema(lowest) }}
}

func number[T any](key string, of func(*T) *int, highest int) setting[T] {
	return setting[T]{key,
		func(t *T, v value) (err error) { *of(t), err = v.number(1, highest); return err },
		func(t *T) any { return *of(t) }, func() schema { return schema{"type": "integer", "minimum": 1, "maximum": highest} }}
}

func size[T any](key string, of func(*T) *int64, highest int64) setting[T] {
	return setting[T]{key,
		func(t *T, v value) (err error) { *of(t), err = v.size(1, highest); return err },
		func(t *T) any { return formatSize(*of(t)) }, func() schema { return sizeSchema(highest) }}
}

// texts is a list of texts, each of which passes the check; the check is given
// the text and its index.
func texts[T any](key string, of func(*T) *[]string, check func(value, string, int) error, item schema, most int) setting[T] {
	return setting[T]{key,
		func(t *T, v value) error {
			all, err := v.texts()
			if err != nil {
				return err
			}
			items, _ := v.items()
			for i, text := range all {
				if err := check(items[i], text, i); err != nil {
					return err
				}
			}
			*of(t) = all
			return nil
		},
		func(t *T) any { return *of(t) }, func() schema { return listSchema(item, most) }}
}

var (
	types    = []string{"MIGRATION", "SYNC", "VERIFY"}
	statuses = []string{"INIT", "RUNNING", "SUSPEND", "FAILED", "FINISHED", "RELEASING", "RELEASED", "DELETED",
		"RUNNING_MODIFYING", "RUNNING_MERGING", "RUNNING_ALARMING"}
	importances = []string{"HIGH", "MEDIUM", "LOW"}

	namePattern         = regexp.MustCompile(`^[a-zA-Z0-9_.-]+$`)
	endpointTypePattern = regexp.MustCompile(`^[A-Z0-9_]+$`)
)

func readName(t *Target, v value) (err error) {
	if t.Name, err = v.text(); err != nil {
		return err
	}
	if !namePattern.MatchString(t.Name) {
		return v.errorf("no valid name: allowed is [a-zA-Z0-9_.-]+")
	}
	return nil
}

func readType(f *Filter, v value) (err error) {
	if f.Type, err = v.text(); err != nil {
		return err
	}
	if f.Type != "" && !slices.Contains(types, f.Type) {
		return v.errorf("%s is no task type: allowed is one of %s, or \"\" for all", quoted(f.Type, "text"), strings.Join(types, ", "))
	}
	return nil
}

func knownStatus(v value, text string, _ int) error {
	if !slices.Contains(statuses, text) {
		return v.errorf("%s is no task status: allowed are %s", quoted(text, "text"), strings.Join(statuses, ", "))
	}
	return nil
}

func knownLabelID(v value, text string, i int) error {
	if i >= maxLabelIDs {
		return v.errorf("too many tags: allowed are %d", maxLabelIDs)
	}
	if text == "" {
		return v.errorf("no tag id: allowed is any text but the empty one")
	}
	return nil
}

func endpointType(v value, text string, _ int) error {
	if !endpointTypePattern.MatchString(text) {
		return v.errorf("%s is no endpoint type: allowed is [A-Z0-9_]+", quoted(text, "text"))
	}
	return nil
}

// readFilter and readThresholds take a key whose lines are all commented out
// for a key that is not there.
func readFilter(t *Target, v value) error {
	if v.isNull() {
		return nil
	}
	return filterSettings().read(&t.Filter, v)
}

func readThresholds(t *Target, v value) error {
	if v.isNull() {
		return nil
	}
	entries, err := v.entries()
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !slices.Contains(importances, e.name) {
			return e.unknown(importances)
		}
		if t.SyncDelayThresholds[e.name], err = e.duration(0, maxDuration); err != nil {
			return err
		}
	}
	return nil
}

func showThresholds(t *Target) any {
	mapping := &yaml.Node{Kind: yaml.MappingNode}
	for _, importance := range importances {
		mapping.Content = append(mapping.Content, encode(importance), encode(formatDuration(t.SyncDelayThresholds[importance])))
	}
	return mapping
}
