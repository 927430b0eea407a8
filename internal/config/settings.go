package config

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// configSettings returns the keys of the file.
func configSettings() settings[Config] {
	return settings[Config]{{key: "targets", read: readTargets, schema: func() schema {
		return schema{"type": "array", "minItems": 1, "items": targetSettings().schema("name", "url")}
	}}}
}

// targetSettings returns the keys of a target.
func targetSettings() settings[Target] {
	return settings[Target]{
		{
			key: "name", read: readName,
			show:   func(t *Target) any { return t.Name },
			schema: func() schema { return textSchema(namePattern.String()) },
		},
		{key: "url", read: readURL, show: func(t *Target) any { return t.URL }, schema: targetURLSchema},
		{
			key: "http_client", read: readHTTPClient,
			show:   func(t *Target) any { return showHTTPClient(&t.HTTPClient) },
			schema: func() schema { return orNull(typeSchema("", httpClientType)) },
		},
		duration("timeout", func(t *Target) *time.Duration { return &t.Timeout }, minTimeout, maxTimeout),
		number("page_size", func(t *Target) *int { return &t.PageSize }, maxPageSize),
		number("concurrency", func(t *Target) *int { return &t.Concurrency }, maxConcurrency),
		number("max_pages", func(t *Target) *int { return &t.MaxPages }, maxMaxPages),
		size("max_response_size", func(t *Target) *int64 { return &t.MaxResponseSize }, maxResponseSize),
		duration("auth_retry_interval", func(t *Target) *time.Duration { return &t.AuthRetryInterval }, 0,
			maxAuthRetryInterval),
		duration("min_interval", func(t *Target) *time.Duration { return &t.MinInterval }, 0, maxMinInterval),
		duration("finished_detail", func(t *Target) *time.Duration { return &t.FinishedDetail }, 0, maxDuration),
		duration("pause_limit", func(t *Target) *time.Duration { return &t.PauseLimit }, 0, maxDuration),
		duration("log_retention", func(t *Target) *time.Duration { return &t.LogRetention }, 0, maxDuration),
		block("filter", func(t *Target) *Filter { return &t.Filter }, filterSettings()),
		block("sync_delay_thresholds",
			func(t *Target) *map[string]time.Duration { return &t.SyncDelayThresholds }, thresholdSettings()),
	}
}

// filterSettings returns the keys of filter.
func filterSettings() settings[Filter] {
	endpointTypes := textSchema(endpointTypePattern.String())
	return settings[Filter]{
		{
			key:    "search_key",
			read:   func(f *Filter, v value) (err error) { f.SearchKey, err = v.text(); return err },
			show:   func(f *Filter) any { return f.SearchKey },
			schema: func() schema { return textSchema("") },
		},
		{
			key: "type", read: readType,
			show:   func(f *Filter) any { return f.Type },
			schema: func() schema { return enumSchema(append([]string{""}, types...)) },
		},
		texts("statuses", func(f *Filter) *[]string { return &f.Statuses }, checkStatus, enumSchema(statuses), 0),
		texts("label_ids", func(f *Filter) *[]string { return &f.TagIDs }, checkTagID, textSchema("."), maxTagIDs),
		texts("source_types", func(f *Filter) *[]string { return &f.SourceTypes }, checkEndpointType, endpointTypes, 0),
		texts("sink_types", func(f *Filter) *[]string { return &f.SinkTypes }, checkEndpointType, endpointTypes, 0),
		{
			key:    "subtasks",
			read:   func(f *Filter, v value) (err error) { f.Subtasks, err = v.boolean(); return err },
			show:   func(f *Filter) any { return f.Subtasks },
			schema: func() schema { return schema{"type": "boolean"} },
		},
	}
}

// thresholdSettings returns the keys of sync_delay_thresholds.
func thresholdSettings() settings[map[string]time.Duration] {
	var all settings[map[string]time.Duration]
	for _, importance := range importances {
		all = append(all, setting[map[string]time.Duration]{
			key: importance,
			read: func(thresholds *map[string]time.Duration, v value) (err error) {
				(*thresholds)[importance], err = v.duration(0, maxDuration)
				return err
			},
			show: func(thresholds *map[string]time.Duration) any {
				return formatDuration((*thresholds)[importance])
			},
			schema: func() schema { return durationSchema(0) },
		})
	}
	return all
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
		return v.errorf("invalid name: it must match [a-zA-Z0-9_.-]+")
	}
	return nil
}

func readType(f *Filter, v value) (err error) {
	if f.Type, err = v.text(); err != nil {
		return err
	}
	if f.Type != "" && !slices.Contains(types, f.Type) {
		return v.errorf("%s is not a task type: use %s, or \"\" for all", quoted(f.Type), strings.Join(types, ", "))
	}
	return nil
}

func checkStatus(v value, text string, _ int) error {
	if !slices.Contains(statuses, text) {
		return v.errorf("%s is not a task status: use %s", quoted(text), strings.Join(statuses, ", "))
	}
	return nil
}

func checkTagID(v value, text string, i int) error {
	if i >= maxTagIDs {
		return v.errorf("too many tags: OMS accepts at most %d", maxTagIDs)
	}
	if text == "" {
		return v.errorf("is empty: a tag id has at least one character")
	}
	return nil
}

func checkEndpointType(v value, text string, _ int) error {
	if !endpointTypePattern.MatchString(text) {
		return v.errorf("%s is not an endpoint type: it must match [A-Z0-9_]+", quoted(text))
	}
	return nil
}
