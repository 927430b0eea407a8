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

// StepInfo tells how a step gets on; which members there are depends on the step.
type StepInfo struct {
	ProcessedRecords Opt[float64]
	Capacity         Opt[float64] // estimated records

	SrcRPS, DstRPS   Opt[float64] // records per second
	SrcRT, DstRT     Opt[float64] // milliseconds per record
	SrcIOPS, DstIOPS Opt[float64] // bytes per second

	Checkpoint        time.Time // incrTimestampCheckpoint
	CheckpointSampled time.Time // checkpointSampleTimestamp
}

// Failure is what extraInfo says of a step or a task that failed.
type Failure struct {
	Details []ErrorDetail
	Code    string
	Message string    // localized, cut
	Time    time.Time // failedTime
}

// ErrorDetail is one of the errors behind a failure. An OMS that sends texts instead of objects fills Message alone.
type ErrorDetail struct {
	Code     string
	Level    string // FATAL, ERROR, WARNING, CRITICAL
	Message  string // localized and cut, like reason and proposal
	Reason   string
	Proposal string
}

// ErrorCode is the code of the failure: errorCode, else the first one among its details; empty if there is none.
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

// empty says that OMS sent a failure in which nothing stands, as it does for every step that is well.
func (f *Failure) empty() bool {
	return len(f.Details) == 0 && f.Code == "" && f.Message == "" && f.Time.IsZero()
}
