package oms

import "time"

// Task is one row of ListProjects: a data migration, synchronization or verification task, which OMS itself also calls a project.
// A member that OMS left out, sent as null or sent in a form that does not fit is missing: an empty string, a zero time, an Opt
// that is not Valid, a nil pointer or slice. Strings are valid UTF-8; unknown values of type, status and the like stay as OMS sent them.
// Tasks share what they have in common, such as endpoints: nothing that they point to is to be changed.
type Task struct {
	ID         string
	Type       string // MIGRATION, SYNC, VERIFY
	Name       string
	Tags       []Tag
	Owner      string
	Importance string // HIGH, MEDIUM, LOW, IGNORE
	Status     string // INIT, RUNNING, SUSPEND, FAILED, FINISHED, ...

	Created  time.Time // gmtCreate
	Modified time.Time // gmtModified: moves on a healthy running task by itself
	Started  time.Time // gmtStart
	Finished time.Time // gmtFinish

	Merging   Opt[bool]
	Modifying Opt[bool]
	Subtask   Opt[bool]

	SourceType string // sourceEndpointType
	SinkType   string // sinkEndpointType

	StructTransfer      Opt[bool] // enableStructTransfer, and so on
	FullTransfer        Opt[bool]
	FullVerify          Opt[bool]
	IncrTransfer        Opt[bool]
	IncrVerify          Opt[bool]
	ReverseIncrTransfer Opt[bool]

	StoreLogKeptHour Opt[float64] // incrTransferConfig.storeLogKeptHour: hours; deprecated in ListProjects, null on current versions

	Source *Endpoint // sourceConnectInfo
	Sink   *Endpoint // sinkConnectInfo

	Steps []Step // none where Options.SkipSteps says so

	ExtraInfo *ExtraInfo // deprecated in ListProjects, null on current versions
	Alarms    *AlarmStats

	Received time.Time // when the answer with this row began to arrive, by the clock of this host
}

// Label is a tag of a task.
type Tag struct {
	ID, Name string
}

// Endpoint is the connection of a task to its source or sink, without hosts, users and connection strings: those belong in no memory dump.
type Endpoint struct {
	Name    string // endpointName
	ID      string
	Engine  string // dbEngine
	Version string
	Region  string
	Cluster string // connExtraAttributes.cluster, of OceanBase only
	Tenant  string // connExtraAttributes.tenant, of OceanBase only
}

// ExtraInfo is the extraInfo of a task. It comes in two shapes, one with the task's progress and one with its failure, or as null.
type ExtraInfo struct {
	Failure
	SourceStoreKeptHour      Opt[float64] // hours
	SyncDelay                Opt[float64] // seconds; negative under clock skew
	SyncDelaySampleTimestamp time.Time
	IncrSyncTimestamp        time.Time // the checkpoint
}

// AlarmStats is what OMS' own alarms say about a task.
type AlarmStats struct {
	Alarming Opt[bool]
	Recent   Opt[float64] // recentlyTriggerCount
	ByRule   []RuleCount  // ruleToRecentlyTriggerCount, in OMS' order; a rule can stand there twice
	Content  string       // alarmContent: localized, cut
}

// RuleCount says how often one alarm rule fired of late.
type RuleCount struct {
	Rule  string
	Count float64
}
