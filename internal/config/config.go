// Package config reads the exporter's YAML file, checks it, and replaces the running configuration on a reload. It
// knows the types of the settings, their defaults, bounds and secrets. It knows nothing of metrics.
//
// To follow a file from its bytes to a walk, read in this order:
//
//  1. config.go: the settings, their defaults and bounds
//  2. load.go: from a file to a Config; variables.go: from environment variables to a Config
//  3. parse.go and resolve.go: from bytes to a tree of YAML nodes without aliases
//  4. value.go: a node with its place in the file, for errors; error.go: the error
//  5. settings.go: the table of all keys; setting.go: a key in it; scalar.go, units.go, url.go: the values
//  6. httpclient.go: the key http_client; httpclient_check.go: the same against the types of prometheus/common
//  7. store.go: the running configuration; changed.go: whether its files have changed
//  8. files.go: the credentials in http_client, and its files; credentials.go: the credentials of a walk; transport.go
//     and oauth2.go: the HTTP client that sends them
//  9. secrets.go and redact.go: hiding secrets in texts; show.go: the configuration with its secrets hidden
//  10. jsonschema.go: the table of all keys as a JSON schema
package config

import (
	"fmt"
	"io"
	"maps"
	"reflect"
	"time"

	promconfig "github.com/prometheus/common/config"
)

// Bounds of the settings. A lower bound that is not listed here is 1, or 0 for a setting that can be switched off. The
// upper bounds only refuse values that would break the process or have no meaning.
const (
	maxTimeout           = time.Hour
	maxPageSize          = 150 // OMS refuses more
	maxConcurrency       = 256
	maxMaxPages          = 1_000_000
	maxResponseSize      = 64 << 30
	maxMinInterval       = 24 * time.Hour
	maxAuthRetryInterval = 24 * time.Hour
	maxDuration          = 10 * 365 * 24 * time.Hour
	maxTagIDs            = 5 // OMS refuses more
	minTimeout           = time.Millisecond
)

// Config is a valid configuration. It is immutable after Load.
type Config struct {
	Targets []Target `yaml:"targets"`
}

// Target is an OMS, or the part of a large OMS that a filter selects.
type Target struct {
	// Name is unique and consists of letters, digits, "_", "." and "-". It is the value of the label oms.
	Name string `yaml:"name"`
	// URL is the base URL of the OMS: http or https, a host, an optional path prefix. It has no trailing slash, user
	// info, query or fragment.
	URL string `yaml:"url"`
	// HTTPClient configures the connection to OMS. Its file names are joined with the folder of the config file.
	HTTPClient promconfig.HTTPClientConfig `yaml:"http_client"`
	// Timeout bounds a whole walk.
	Timeout time.Duration `yaml:"timeout"`
	// PageSize is the number of tasks requested per page, 1 to 150.
	PageSize int `yaml:"page_size"`
	// Concurrency is the number of pages in flight.
	Concurrency int `yaml:"concurrency"`
	// MaxPages ends a walk that would read more pages.
	MaxPages int `yaml:"max_pages"`
	// MaxResponseSize bounds one answer, in bytes after decompression.
	MaxResponseSize int64 `yaml:"max_response_size"`
	// AuthRetryInterval is the time without requests after OMS refused the credentials once; 0: requests continue after
	// a refusal.
	AuthRetryInterval time.Duration `yaml:"auth_retry_interval"`
	// MinInterval is the maximum age of a complete walk that answers further scrapes; 0: every scrape walks.
	MinInterval time.Duration `yaml:"min_interval"`
	// FinishedDetail is the time for which a finished task keeps all its series; 0: not at all.
	FinishedDetail time.Duration `yaml:"finished_detail"`
	// PauseLimit is the longest pause after which OMS can resume a task; 0: unknown.
	PauseLimit time.Duration `yaml:"pause_limit"`
	// LogRetention is the log retention to assume if OMS does not report it; 0: none.
	LogRetention time.Duration `yaml:"log_retention"`
	// Filter selects the tasks that ListProjects returns.
	Filter Filter `yaml:"filter"`
	// SyncDelayThresholds has the keys HIGH, MEDIUM and LOW; 0: no threshold.
	SyncDelayThresholds map[string]time.Duration `yaml:"sync_delay_thresholds"`

	// httpClient is the place of http_client in the file, for errors that are found later. It has no node if the target
	// has no http_client.
	httpClient value
}

// Filter holds the request parameters of ListProjects. An empty one is not sent and selects all tasks. Its fields are
// those of oms.Filter.
type Filter struct {
	SearchKey   string   `yaml:"search_key"`
	Type        string   `yaml:"type"`
	Statuses    []string `yaml:"statuses"`
	TagIDs      []string `yaml:"label_ids"`
	SourceTypes []string `yaml:"source_types"`
	SinkTypes   []string `yaml:"sink_types"`
	// Subtasks selects subtasks, too.
	Subtasks bool `yaml:"subtasks"`
}

// DefaultTarget returns a target with every default, without a name and a URL.
func DefaultTarget() Target {
	return Target{
		HTTPClient:        promconfig.DefaultHTTPClientConfig,
		Timeout:           30 * time.Second,
		PageSize:          150,
		Concurrency:       4,
		MaxPages:          10_000,
		MaxResponseSize:   256 << 20,
		AuthRetryInterval: 5 * time.Minute,
		FinishedDetail:    7 * 24 * time.Hour,
		PauseLimit:        12 * time.Hour,
		LogRetention:      7 * 24 * time.Hour,
		SyncDelayThresholds: map[string]time.Duration{
			"HIGH":   time.Minute,
			"MEDIUM": 5 * time.Minute,
			"LOW":    15 * time.Minute,
		},
	}
}

// Equal reports whether both targets have the same settings, secrets included. It does not compare the content of
// secret files, which each walk reads.
func (t *Target) Equal(other *Target) bool {
	a, b := *t, *other
	a.httpClient, b.httpClient = value{}, value{}
	if !maps.Equal(a.SyncDelayThresholds, b.SyncDelayThresholds) {
		return false
	}
	a.SyncDelayThresholds, b.SyncDelayThresholds = nil, nil
	return reflect.DeepEqual(a, b)
}

// Format prints the target's name for every verb. Printing the fields would disclose secrets: a Secret of
// prometheus/common prints in clear.
func (t Target) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, t.Name)
}
