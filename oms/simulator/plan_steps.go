package simulator

import (
	"slices"
	"time"
)

// The names of incremental steps, in all versions of OMS.
var (
	forwardSteps = []string{"INCR_TRANSFER", "INCR_SYNC", "CONNECTOR_INCR_SYNC"}
	reverseSteps = []string{"REVERSE_INCR_TRANSFER", "REVERSE_INCR_SYNC"}
)

// isIncremental reports whether a step has a checkpoint.
func isIncremental(step string) bool {
	return slices.Contains(forwardSteps, step) || slices.Contains(reverseSteps, step)
}

// The functions below return steps with the current names of OMS.

func precheck(takes time.Duration) planStep { return planStep{name: "TRANSFER_PRECHECK", takes: takes} }

func structure(takes time.Duration) planStep { return planStep{name: "STRUCT_TRANSFER", takes: takes} }

func logPull(takes time.Duration) planStep {
	return planStep{name: "TRANSFER_INCR_LOG_PULL", takes: takes}
}

func full(takes time.Duration, rows, width int64, holds ...hold) planStep {
	return planStep{name: "FULL_TRANSFER", takes: takes, rows: rows, width: width, holds: holds}
}

// index returns a step that begins before the full transfer ends.
func index(takes time.Duration) planStep {
	return planStep{name: "INDEX_TRANSFER", takes: takes, early: takes / 3}
}

// incr returns a step with a delay at the start: the duration of the steps before it.
func incr(lag, base time.Duration, holds ...hold) planStep {
	return planStep{name: "INCR_TRANSFER", mode: monitoring, lag: lag, base: base, holds: holds}
}

// slowIncr returns a step that reduces its backlog by gain seconds per second. With a negative gain the backlog grows.
func slowIncr(lag time.Duration, gain float64, holds ...hold) planStep {
	return planStep{name: "INCR_TRANSFER", mode: monitoring, lag: lag, gain: gain, base: 4 * time.Second, holds: holds}
}

func verify(takes time.Duration, rows, width int64, holds ...hold) planStep {
	return planStep{name: "FULL_VERIFIER", takes: takes, rows: rows, width: width, holds: holds}
}

func incrVerify() planStep { return planStep{name: "INCR_VERIFIER", mode: monitoring} }

// appSwitch returns a step that waits for a person.
func appSwitch(waits time.Duration) planStep {
	return planStep{name: "TRANSFER_APP_SWITCH", mode: waiting, takes: waits}
}

func reverse(base time.Duration, holds ...hold) planStep {
	return planStep{name: "REVERSE_INCR_TRANSFER", mode: monitoring, base: base, holds: holds}
}

// migrationSteps returns the steps of a migration with incremental transfer. then is the part from the full transfer
// on.
func migrationSteps(then ...planStep) []planStep {
	return append([]planStep{precheck(8 * time.Second), structure(40 * time.Second), logPull(45 * time.Second)},
		then...)
}

// renamed returns a step with another name, such as an older one.
func renamed(name string, s planStep) planStep {
	s.name = name
	return s
}

func changed(s planStep, change func(*planStep)) planStep {
	change(&s)
	return s
}
