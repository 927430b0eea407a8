// Package config reads the exporter's YAML file: which OMS to walk, with which
// credentials and limits. It knows the types, their defaults and bounds, what
// is secret in them, and how a running configuration is replaced by another.
// It knows nothing of metrics.
package config

import (
	"fmt"
	"io"
	"maps"
	"reflect"
	"time"

	promconfig "github.com/prometheus/common/config"
)

// Bounds of the settings. The lower bound of the settings that are not listed
// here is 1, or 0 where the setting may be switched off. The upper ones only
// stop values that would break the process or mean nothing.
const (
	maxTimeout      = time.Hour
	maxPageSize     = 150 // OMS refuses more
	maxConcurrency  = 256
	maxMaxPages     = 1_000_000
	maxResponseSize = 64 << 30
	maxMinInterval  = 24 * time.Hour
	maxAuthRetry    = 24 * time.Hour
	maxDuration     = 10 * 365 * 24 * time.Hour
	maxLabelIDs     = 5 // OMS refuses more
	shortest        = time.Millisecond
)

// Config is one valid configuration file. It is not changed after Load.
type Config struct {
	Targets []Target `yaml:"targets"`
}

// Target is one OMS, or one part of a large OMS that is read through a filter.
type Target struct {
	// Name is unique and consists of letters, digits, "_", "." and "-". It is
	// the value of the label oms.
	Name string `yaml:"name"`
	// URL is the base of the OMS: http or https, a host, perhaps a path
	// prefix, no trailing slash, no user info, query or fragment.
	URL string `yaml:"url"`
	// HTTPClient says how OMS is reached. Its file names are joined with the
	// folder of the config file.
	HTTPClient promconfig.HTTPClientConfig `yaml:"http_client"`
	// Timeout bounds a whole walk.
	Timeout time.Duration `yaml:"timeout"`
	// PageSize is the number of tasks asked for per page, 1 to 150.
	PageSize int `yaml:"page_size"`
	// Concurrency is the number of pages in flight.
	Concurrency int `yaml:"concurrency"`
	// MaxPages ends a walk that would read more pages.
	MaxPages int `yaml:"max_pages"`
	// MaxResponseSize bounds one answer, in bytes after decompression.
	MaxResponseSize int64 `yaml:"max_response_size"`
	// AuthRetryInterval is how long no request is sent after OMS refused the
	// credentials once; 0: refusals withhold no request.
	AuthRetryInterval time.Duration `yaml:"auth_retry_interval"`
	// MinInterval is how long a complete walk is shown again; 0: never.
	MinInterval time.Duration `yaml:"min_interval"`
	// FinishedDetail is how long a finished task keeps all its series; 0: not
	// at all.
	FinishedDetail time.Duration `yaml:"finished_detail"`
	// PauseLimit is how long a task may be paused before OMS can no longer resume
	// it; 0: unknown.
	PauseLimit time.Duration `yaml:"pause_limit"`
	// LogRetention is assumed where OMS does not tell; 0: nothing is assumed.
	LogRetention time.Duration `yaml:"log_retention"`
	// Filter is what ListProjects is asked for.
	Filter Filter `yaml:"filter"`
	// SyncDelayThresholds has the keys HIGH, MEDIUM and LOW; 0: no threshold.
	SyncDelayThresholds map[string]time.Duration `yaml:"sync_delay_thresholds"`

	// httpClient is where http_client stands in the file, for errors that are
	// found later. It has no node in a target without http_client.
	httpClient value
}

// Filter holds ListProjects' own request parameters. An empty one is not sent
// and means all.
type Filter struct {
	SearchKey   string   `yaml:"search_key"`
	Type        string   `yaml:"type"`
	Statuses    []string `yaml:"statuses"`
	LabelIDs    []string `yaml:"label_ids"`
	SourceTypes []string `yaml:"source_types"`
	SinkTypes   []string `yaml:"sink_types"`
	// Subtasks asks for subtasks too.
	Subtasks bool `yaml:"subtasks"`
}

// DefaultTarget returns a target that has every default, and neither name nor
// URL.
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

// Equal reports whether both targets say the same, secrets included. What
// secret files hold is not compared: each walk reads them.
func (t *Target) Equal(other *Target) bool {
	a, b := *t, *other
	a.httpClient, b.httpClient = value{}, value{}
	if !maps.Equal(a.SyncDelayThresholds, b.SyncDelayThresholds) {
		return false
	}
	a.SyncDelayThresholds, b.SyncDelayThresholds = nil, nil
	return reflect.DeepEqual(a, b)
}

// Format prints the target's name, whatever the verb: a Secret of
// prometheus/common prints in clear, so that a target in a log line would
// give its password away.
func (t Target) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, t.Name)
}
