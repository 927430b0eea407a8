package oms

import "time"

// Step is one step of a task, such as FULL_TRANSFER.
type Step struct {
	Order    Opt[int64] // may have gaps
	Name     string
	Status   string // INIT, RUNNING, FAILED, FINISHED, SUSPEND, MONITORING, ...
	Failure  *Failure
	Started  time.Time
	Finished time.Time
	Progress Opt[float64] // percent
	Info     *StepInfo
}

// StepInfo has the progress of a step. Its members depend on the step.
type StepInfo struct {
	ProcessedRecords Opt[float64]
	Capacity         Opt[float64] // estimate of the records

	SrcRPS, DstRPS   Opt[float64] // records per second
	SrcRT, DstRT     Opt[float64] // milliseconds per record
	SrcIOPS, DstIOPS Opt[float64] // bytes per second

	Checkpoint        time.Time // incrTimestampCheckpoint
	CheckpointSampled time.Time // checkpointSampleTimestamp
}

// Failure is the failure in the extraInfo of a step or a task.
type Failure struct {
	Details []ErrorDetail
	Code    string
	Message string    // localized, cut
	Time    time.Time // failedTime
}

// ErrorDetail is one of the errors of a failure. If OMS sends a text in place of an object, only Message is set.
type ErrorDetail struct {
	Code     string
	Level    string // FATAL, ERROR, WARNING, CRITICAL
	Message  string // localized and cut, like reason and proposal
	Reason   string
	Proposal string
}

// ErrorCode returns errorCode, or the first code among the details, or "".
func (f *Failure) ErrorCode() string {
	if f == nil {
		return ""
	}
	if f.Code != "" {
		return f.Code
	}
	for i := range f.Details {
		if f.Details[i].Code != "" {
			return f.Details[i].Code
		}
	}
	return ""
}

// empty reports whether all members are missing, as for every step without a failure.
func (f *Failure) empty() bool {
	return len(f.Details) == 0 && f.Code == "" && f.Message == "" && f.Time.IsZero()
}
