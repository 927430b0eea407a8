package oms

import "time"

// Task is one row of ListProjects: a data migration, synchronization or verification task. A member that OMS leaves
// out, sends as null or sends in a form that does not fit is missing: an empty string, a zero time, an Opt that is not
// Valid, a nil pointer or slice. Strings are valid UTF-8. Unknown values of type, status and the like stay unchanged.
// Tasks share objects such as endpoints: do not change an object that a Task points to.
type Task struct {
	ID         string
	Type       string // MIGRATION, SYNC, VERIFY
	Name       string
	Tags       []Tag
	Owner      string
	Importance string // HIGH, MEDIUM, LOW, IGNORE
	Status     string // INIT, RUNNING, SUSPEND, FAILED, FINISHED, ...

	Created  time.Time // gmtCreate
	Modified time.Time // gmtModified: changes on a healthy running task
	Started  time.Time // gmtStart
	Finished time.Time // gmtFinish

	Merging   Opt[bool]
	Modifying Opt[bool]
	Subtask   Opt[bool]

	SourceType string // sourceEndpointType
	SinkType   string // sinkEndpointType

	StructTransfer      Opt[bool] // enableStructTransfer and so on
	FullTransfer        Opt[bool]
	FullVerify          Opt[bool]
	IncrTransfer        Opt[bool]
	IncrVerify          Opt[bool]
	ReverseIncrTransfer Opt[bool]

	StoreLogKeptHour Opt[float64] // storeLogKeptHour, in hours; deprecated, null in current versions

	Source *Endpoint // sourceConnectInfo
	Sink   *Endpoint // sinkConnectInfo

	Steps []Step // none if Options.SkipSteps left them out

	ExtraInfo *ExtraInfo // deprecated, null in current versions
	Alarms    *AlarmStats

	Received time.Time // time of the first byte of the answer, by the local clock
}

// Tag is a tag of a task.
type Tag struct {
	ID, Name string
}

// Endpoint is the source or sink of a task. It has no host, user or connection string, so none appears in a memory
// dump.
type Endpoint struct {
	Name    string // endpointName
	ID      string
	Engine  string // dbEngine
	Version string
	Region  string
	Cluster string // connExtraAttributes.cluster; only of OceanBase
	Tenant  string // connExtraAttributes.tenant; only of OceanBase
}

// ExtraInfo is the extraInfo of a task. OMS sends the members about progress, or the failure, or null.
type ExtraInfo struct {
	Failure
	SourceStoreKeptHour      Opt[float64] // hours
	SyncDelay                Opt[float64] // seconds; negative under clock skew
	SyncDelaySampleTimestamp time.Time
	IncrSyncTimestamp        time.Time // the checkpoint
}

// AlarmStats has the alarms that OMS itself raised for a task.
type AlarmStats struct {
	Alarming Opt[bool]
	Recent   Opt[float64] // recentlyTriggerCount
	ByRule   []RuleCount  // ruleToRecentlyTriggerCount, in the order of OMS; a rule can occur twice
	Content  string       // alarmContent: localized, cut
}

// RuleCount is the number of times that an alarm rule was triggered recently.
type RuleCount struct {
	Rule  string
	Count float64
}
