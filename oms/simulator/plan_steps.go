package simulator

import "time"

// The steps of the current generation of OMS.

func precheck(takes time.Duration) planStep { return planStep{name: "TRANSFER_PRECHECK", takes: takes} }

func structure(takes time.Duration) planStep { return planStep{name: "STRUCT_TRANSFER", takes: takes} }

func logPull(takes time.Duration) planStep {
	return planStep{name: "TRANSFER_INCR_LOG_PULL", takes: takes}
}

func full(takes time.Duration, rows, width int64, holds ...hold) planStep {
	return planStep{name: "FULL_TRANSFER", takes: takes, rows: rows, width: width, holds: holds}
}

// index starts before the full transfer ends.
func index(takes time.Duration) planStep {
	return planStep{name: "INDEX_TRANSFER", takes: takes, early: takes / 3}
}

// incr begins as far behind as the transfer before it took.
func incr(lag, base time.Duration, holds ...hold) planStep {
	return planStep{name: "INCR_TRANSFER", mode: monitoring, lag: lag, base: base, holds: holds}
}

// slowIncr works off so many seconds of backlog per second. With a negative gain the backlog grows.
func slowIncr(lag time.Duration, gain float64, holds ...hold) planStep {
	return planStep{name: "INCR_TRANSFER", mode: monitoring, lag: lag, gain: gain, base: 4 * time.Second, holds: holds}
}

func verify(takes time.Duration, rows, width int64, holds ...hold) planStep {
	return planStep{name: "FULL_VERIFIER", takes: takes, rows: rows, width: width, holds: holds}
}

func incrVerify() planStep { return planStep{name: "INCR_VERIFIER", mode: monitoring} }

// appSwitch waits for a person.
func appSwitch(waits time.Duration) planStep {
	return planStep{name: "TRANSFER_APP_SWITCH", mode: waiting, takes: waits}
}

func reverse(base time.Duration, holds ...hold) planStep {
	return planStep{name: "REVERSE_INCR_TRANSFER", mode: monitoring, base: base, holds: holds}
}

// begin is the steps before a full transfer with increment.
func migrationSteps(then ...planStep) []planStep {
	return append([]planStep{precheck(8 * time.Second), structure(40 * time.Second), logPull(45 * time.Second)}, then...)
}

// named gives a step another name: the older generation of steps.
func renamed(name string, s planStep) planStep {
	s.name = name
	return s
}

func changed(s planStep, change func(*planStep)) planStep {
	change(&s)
	return s
}
