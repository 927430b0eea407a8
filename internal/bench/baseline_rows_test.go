package bench

// The answer of ListProjects as most would write it down: a struct for each object, with all of its members.

type answer struct {
	Success    bool    `json:"success"`
	Code       *string `json:"code"`
	Message    *string `json:"message"`
	Advice     *string `json:"advice"`
	RequestID  string  `json:"requestId"`
	PageNumber int     `json:"pageNumber"`
	PageSize   int     `json:"pageSize"`
	TotalCount int     `json:"totalCount"`
	Cost       string  `json:"cost"`
	Data       []row   `json:"data"`
}

type row struct {
	ID                        string           `json:"id"`
	Type                      string           `json:"type"`
	Name                      string           `json:"name"`
	Labels                    []tag            `json:"labels"`
	Owner                     string           `json:"owner"`
	Importance                string           `json:"importance"`
	Status                    string           `json:"status"`
	GmtCreate                 string           `json:"gmtCreate"`
	GmtModified               string           `json:"gmtModified"`
	GmtStart                  string           `json:"gmtStart"`
	GmtFinish                 string           `json:"gmtFinish"`
	DestConnID                string           `json:"destConnId"`
	IsMerging                 *bool            `json:"isMerging"`
	IsModifying               *bool            `json:"isModifying"`
	IsSubProject              *bool            `json:"isSubProject"`
	SourceEndpointType        string           `json:"sourceEndpointType"`
	SinkEndpointType          string           `json:"sinkEndpointType"`
	TransferMapping           *transferMapping `json:"transferMapping"`
	CommonTransferConfig      map[string]any   `json:"commonTransferConfig"`
	EnableStructTransfer      bool             `json:"enableStructTransfer"`
	StructTransferConfig      map[string]any   `json:"structTransferConfig"`
	EnableFullTransfer        bool             `json:"enableFullTransfer"`
	EnableFullVerify          bool             `json:"enableFullVerify"`
	FullTransferConfig        map[string]any   `json:"fullTransferConfig"`
	EnableIncrTransfer        bool             `json:"enableIncrTransfer"`
	EnableIncrVerify          bool             `json:"enableIncrVerify"`
	EnableReverseIncrTransfer bool             `json:"enableReverseIncrTransfer"`
	IncrTransferConfig        *incrConfig      `json:"incrTransferConfig"`
	ReverseIncrTransferConfig *incrConfig      `json:"reverseIncrTransferConfig"`
	SourceConnectInfo         *connectInfo     `json:"sourceConnectInfo"`
	SinkConnectInfo           *connectInfo     `json:"sinkConnectInfo"`
	Steps                     []step           `json:"steps"`
	ExtraInfo                 *extraInfo       `json:"extraInfo"`
	AlarmStats                *alarmStats      `json:"alarmStats"`
}

type tag struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type transferMapping struct {
	Mode      string `json:"mode"`
	Databases []struct {
		ID         string  `json:"id"`
		Name       string  `json:"name"`
		MappedName string  `json:"mappedName"`
		Tables     []table `json:"tables"`
		Views      []table `json:"views"`
	} `json:"databases"`
}

type table struct {
	ID            string   `json:"id"`
	Name          string   `json:"name"`
	MappedName    string   `json:"mappedName"`
	WhereClause   *string  `json:"whereClause"`
	FilterColumns []string `json:"filterColumns"`
	ShardColumns  []string `json:"shardColumns"`
	Columns       []struct {
		ColumnName      string  `json:"columnName"`
		MappedName      string  `json:"mappedName"`
		Position        int     `json:"position"`
		ColumnType      string  `json:"columnType"`
		RecordFieldType *string `json:"recordFieldType"`
		RawColumnType   string  `json:"rawColumnType"`
		ColumnKey       *string `json:"columnKey"`
		Nullable        bool    `json:"nullable"`
		DefaultValue    *string `json:"defaultValue"`
		DataLength      *int    `json:"dataLength"`
		DataPrecision   *int    `json:"dataPrecision"`
		DataScale       *int    `json:"dataScale"`
		Encoding        string  `json:"encoding"`
		ColumnComment   string  `json:"columnComment"`
		IsGenerateField bool    `json:"isGenerateField"`
	} `json:"columns"`
}

type incrConfig struct {
	StartTimestamp   int64    `json:"startTimestamp"`
	StoreLogKeptHour *float64 `json:"storeLogKeptHour"`
}

type connectInfo struct {
	ID                  string  `json:"id"`
	EndpointName        string  `json:"endpointName"`
	EndpointID          string  `json:"endpointId"`
	EndpointSide        *string `json:"endpointSide"`
	DBEngine            string  `json:"dbEngine"`
	ConnectionInfo      *string `json:"connectionInfo"`
	Username            string  `json:"username"`
	Version             string  `json:"version"`
	Timezone            string  `json:"timezone"`
	Charset             string  `json:"charset"`
	NLSLengthSemantics  *string `json:"nlsLengthSemantics"`
	OperatingSystem     *string `json:"operatingSystem"`
	Region              string  `json:"region"`
	OCPName             string  `json:"ocpName"`
	Owner               string  `json:"owner"`
	Host                string  `json:"host"`
	Port                int     `json:"port"`
	ConnExtraAttributes *struct {
		Cluster       string  `json:"cluster"`
		Tenant        string  `json:"tenant"`
		IsLogicSource bool    `json:"isLogicSource"`
		UseLogProxy   bool    `json:"useLogProxy"`
		DRCUser       string  `json:"drcUser"`
		ConfigURL     string  `json:"configUrl"`
		LogProxyIP    *string `json:"logProxyIp"`
		LogProxyPort  *int    `json:"logProxyPort"`
		NoUserAuth    bool    `json:"noUserAuth"`
	} `json:"connExtraAttributes"`
}

type step struct {
	Order       *int      `json:"order"`
	Name        string    `json:"name"`
	Description string    `json:"description"`
	Status      string    `json:"status"`
	ExtraInfo   *failure  `json:"extraInfo"`
	StartTime   string    `json:"startTime"`
	FinishTime  string    `json:"finishTime"`
	Progress    *float64  `json:"progress"`
	StepInfo    *stepInfo `json:"stepInfo"`
}

type failure struct {
	ErrorDetails []struct {
		Code     string `json:"code"`
		Level    string `json:"level"`
		Message  string `json:"message"`
		Reason   string `json:"reason"`
		Proposal string `json:"proposal"`
	} `json:"errorDetails"`
	ErrorCode  string         `json:"errorCode"`
	ErrorMsg   string         `json:"errorMsg"`
	ErrorParam map[string]any `json:"errorParam"`
	FailedTime string         `json:"failedTime"`
}

type stepInfo struct {
	ProcessedRecords          *float64 `json:"processedRecords"`
	Capacity                  *float64 `json:"capacity"`
	SrcRps                    *float64 `json:"srcRps"`
	SrcRt                     *float64 `json:"srcRt"`
	SrcIops                   *float64 `json:"srcIops"`
	DstRps                    *float64 `json:"dstRps"`
	DstRt                     *float64 `json:"dstRt"`
	DstIops                   *float64 `json:"dstIops"`
	SrcRpsRef                 *float64 `json:"srcRpsRef"`
	SrcRtRef                  *float64 `json:"srcRtRef"`
	DstRpsRef                 *float64 `json:"dstRpsRef"`
	DstRtRef                  *float64 `json:"dstRtRef"`
	SrcIopsRef                *float64 `json:"srcIopsRef"`
	IncrTimestampCheckpoint   *float64 `json:"incrTimestampCheckpoint"`
	CheckpointSampleTimestamp *float64 `json:"checkpointSampleTimestamp"`
	EnableIncrStatistics      *bool    `json:"enableIncrStatistics"`
}

type extraInfo struct {
	failure
	SourceStoreKeptHour      *float64 `json:"sourceStoreKeptHour"`
	SyncDelay                *float64 `json:"syncDelay"`
	SyncDelaySampleTimestamp *float64 `json:"syncDelaySampleTimestamp"`
	IncrSyncTimestamp        *float64 `json:"incrSyncTimestamp"`
}

type alarmStats struct {
	Target                     *string            `json:"target"`
	Alarming                   *bool              `json:"alarming"`
	RecentlyTriggerCount       *float64           `json:"recentlyTriggerCount"`
	RuleToRecentlyTriggerCount map[string]float64 `json:"ruleToRecentlyTriggerCount"`
	AlarmContent               *string            `json:"alarmContent"`
}
