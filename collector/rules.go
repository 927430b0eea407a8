package collector

import (
	"strings"
	"time"

	"github.com/oms-exporter/oms_exporter/oms"
)

// Rules of OMS that the metrics and the pages share.

// UnknownStatus is the status that a task without one counts as.
const UnknownStatus = "UNKNOWN"

// MaxClockOffset is how far the clocks of the OMS and of the exporter's host may differ before that falsifies delays.
const MaxClockOffset = 30 * time.Second

// StatusOf returns the status of a task, or UnknownStatus.
func StatusOf(t *oms.Task) string {
	if t.Status == "" {
		return UnknownStatus
	}
	return t.Status
}

// Running reports whether OMS works on a task: rows say RUNNING, or RUNNING_MODIFYING and the like.
func Running(t *oms.Task) bool {
	return t.Status == "RUNNING" || strings.HasPrefix(t.Status, "RUNNING_")
}

// IsIncremental reports whether a step synchronizes increments, in either direction.
func IsIncremental(step string) bool { return incrementalSteps[step] != "" }

// IsSwitchover reports whether a step waits for a person to switch the application over to the sink. It stays RUNNING at 0 for days.
func IsSwitchover(step string) bool { return strings.HasSuffix(step, "APP_SWITCH") }
