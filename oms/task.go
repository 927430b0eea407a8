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
	Labels     []Label
	Owner      string
	Importance string // HIGH, MEDIUM, LOW, IGNORE
	Status     string // INIT, RUNNING, SUSPEND, FAILED, FINISHED, ...

	Created  time.Time // gmtCreate
	Modified time.Time // gmtModified: moves on a healthy running task by itself
	Started  time.Time // gmtStart
	Finished time.Time // gmtFinish

	DestConnID string
	Merging    Opt[bool]
	Modifying  Opt[bool]
	SubProject Opt[bool]

	SourceType string // sourceEndpointType
	SinkType   string // sinkEndpointType

	StructTransfer      Opt[bool] // enableStructTransfer, and so on
	FullTransfer        Opt[bool]
	FullVerify          Opt[bool]
	IncrTransfer        Opt[bool]
	IncrVerify          Opt[bool]
	ReverseIncrTransfer Opt[bool]

	IncrTransferConfig        *IncrConfig // deprecated in ListProjects, null on current versions
	ReverseIncrTransferConfig *IncrConfig

	Source *Endpoint // sourceConnectInfo
	Sink   *Endpoint // sinkConnectInfo

	Steps []Step // none where Options.SkipSteps says so

	ExtraInfo *ExtraInfo // deprecated in ListProjects, null on current versions
	Alarms    *AlarmStats

	Received time.Time // when the answer with this row began to arrive, by the clock of this host
}

// Label is a tag of a task.
type Label struct {
	ID, Name string
}

// Endpoint is the connection of a task to its source or sink.
type Endpoint struct {
	ID                  string
	Name                string // endpointName
	EndpointID          string
	Side                string // endpointSide: source or dest; null in practice
	Engine              string // dbEngine
	ConnectionInfo      string
	Username            string
	Version             string
	Timezone            string
	Charset             string
	NLSLengthSemantics  string
	OperatingSystem     string
	Region              string
	OCPName             string
	Owner               string
	Host                string
	Port                Opt[int64]
	ConnExtraAttributes *ConnExtraAttributes
}

// ConnExtraAttributes are the attributes that only some kinds of endpoints have; a member stands for all kinds that use its name.
type ConnExtraAttributes struct {
	// OceanBase
	Cluster, Tenant, DRCUser, ConfigURL, LogProxyIP       string
	LogicSource, UseLogProxy, NoUserAuth                  Opt[bool]
	LogProxyPort                                          Opt[int64]
	Endpoint, Username, SASLMechanism                     string // Kafka; DataHub and RocketMQ too have an endpoint
	EnableSSL, EnableSASL, DisableIdentificationAlgorithm Opt[bool]
	Project                                               string // DataHub
	EndpointType, Version                                 string // RocketMQ
	KafkaID, KafkaTopic, KafkaName                        string // TiDB
}

// IncrConfig is incrTransferConfig or reverseIncrTransferConfig: how increments are transferred.
type IncrConfig struct {
	StartTimestamp            time.Time
	RecordTypeWhiteList       []string
	StoreLogKeptHour          Opt[float64] // hours; for the reverse direction the document contradicts itself about the unit
	EnableSequencingWithinTxn Opt[bool]
	EnableIncrSyncStatistics  Opt[bool]
	IncrOnlineDDLConfig       []string
	IncrSyncConcurrency       Opt[int64]
	LogPullSpeedMode          string // incrLogPullSpeedMode
	LogPullMemory             Opt[int64]
	LogSyncSpeedMode          string // incrLogSyncSpeedMode
	LogSyncMemory             Opt[int64]
	LogSyncWriters            Opt[int64]   // incrLogSyncSpeedConfig.writerWorkerNum
	ThrottleRPS               Opt[float64] // records per second
	ThrottleIOPS              Opt[float64] // bytes per second
	SupportDDLTypes           []string
}

// ExtraInfo is the extraInfo of a task. It comes in two shapes, one with the task's progress and one with its failure, or as null.
type ExtraInfo struct {
	Failure
	RunningStep              string
	RunningProgress          Opt[float64] // percent
	MonitoringIncr           Opt[bool]
	SourceStoreKeptHour      Opt[float64] // hours
	SyncDelay                Opt[float64] // seconds; negative under clock skew
	SyncDelaySampleTimestamp time.Time
	IncrSyncTimestamp        time.Time // the checkpoint
}

// AlarmStats is what OMS' own alarms say about a task.
type AlarmStats struct {
	Target   string
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
