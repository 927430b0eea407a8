package collector

import (
	"strings"
	"time"

	"github.com/oms-exporter/oms_exporter/oms"
)

// Rules of OMS that the metrics and the pages share.

// UnknownStatus stands for the status of a task that has none.
const UnknownStatus = "UNKNOWN"

// MaxClockOffset is the difference between the clock of the OMS and that of the exporter's host above which delays are
// wrong.
const MaxClockOffset = 30 * time.Second

// StatusOf returns the status of a task, or UnknownStatus.
func StatusOf(t *oms.Task) string {
	if t.Status == "" {
		return UnknownStatus
	}
	return t.Status
}

// Running reports whether OMS works on a task: its status is RUNNING, or begins with that, such as RUNNING_MODIFYING.
func Running(t *oms.Task) bool {
	return t.Status == "RUNNING" || strings.HasPrefix(t.Status, "RUNNING_")
}

// IsIncremental reports whether a step synchronizes increments, in either direction.
func IsIncremental(step string) bool { return incrementalSteps[step] != "" }

// IsSwitchover reports whether a step waits for the switchover of the application to the sink. Its progress can stay at
// 0 for days.
func IsSwitchover(step string) bool { return strings.HasSuffix(step, "APP_SWITCH") }
