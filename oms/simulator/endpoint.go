package simulator

import (
	"fmt"
	"strings"
)

// endpoint is the source or the sink of a task.
type endpoint struct {
	kind string // endpoint type
	n    int    // number within the type: several tasks use the same endpoint
	none bool   // no connect info
}

func newEndpoint(kind string, n int) endpoint { return endpoint{kind: kind, n: n} }

// engine has the connect info of an endpoint type.
type engine struct {
	name, version string
	port          int
	attributes    func(e endpoint) any
}

var engines = map[string]engine{
	"MYSQL":        {"MYSQL_PUBLIC", "5.7.27-log", 3306, nil},
	"OB_MYSQL":     {"OB_MYSQL_PUBLIC", "4.2.1.8", 2883, oceanBase},
	"OB_ORACLE":    {"OB_ORACLE", "4.2.5.1", 2883, oceanBase},
	"ORACLE":       {"ORACLE", "19.3.0.0.0", 1521, nil},
	"TIDB":         {"TIDB", "6.5.3", 4000, tidb},
	"DB2_LUW":      {"DB2_LUW", "11.5", 50000, nil},
	"POSTGRESQL":   {"POSTGRESQL", "14.9", 5432, nil},
	"IDB":          {"IDB", "", 0, nil},
	"DBP_OP_ROUTE": {"DBP_OP_ROUTE", "", 0, nil},
	"KAFKA":        {"KAFKA", "2.8.1", 9092, kafka},
	"DATAHUB":      {"DATAHUB", "", 443, dataHub},
	"ROCKETMQ":     {"ROCKETMQ", "4.9.4", 9876, rocketMQ},
	"ADB":          {"ADB", "3.1.9", 3306, nil},
	"SYBASE":       {"SYBASE", "15.7", 5000, nil},
}

func oceanBase(e endpoint) any {
	return object{member("cluster", fmt.Sprintf("obcluster%02d", e.n%3+1)),
		member("tenant", fmt.Sprintf("tenant_%02d", e.n)), unusedMember("isLogicSource", false),
		unusedMember("useLogProxy", false), unusedMember("drcUser", "drc"),
		unusedMember("configUrl", "http://192.0.2.20:8080/services"),
		unusedMember("logProxyIp", nil), unusedMember("logProxyPort", nil), unusedMember("noUserAuth", false)}
}

func kafka(e endpoint) any {
	return object{unusedMember("endpoint", fmt.Sprintf("192.0.2.%d:9092", 60+e.n)), unusedMember("username", nil),
		unusedMember("enableSSL", nil), unusedMember("enableSASL", nil),
		unusedMember("saslMechanism", nil), unusedMember("disableIdentificationAlgorithm", false)}
}

func dataHub(e endpoint) any {
	return object{unusedMember("endpoint", fmt.Sprintf("192.0.2.%d:443", 80+e.n)),
		unusedMember("project", "datahub_prod")}
}

func rocketMQ(e endpoint) any {
	return object{unusedMember("endpoint", fmt.Sprintf("192.0.2.%d:9876", 90+e.n)), unusedMember("endpointType", nil),
		unusedMember("version", nil)}
}

func tidb(endpoint) any {
	return object{unusedMember("kafkaId", "e_kafka_tidb"), unusedMember("kafkaTopic", "tidb_cdc"),
		unusedMember("kafkaName", "kafka_tidb")}
}

var regions = []string{"cn-hangzhou", "cn-beijing", "cn-shanghai"}

// object returns the connect info. Its hosts are addresses of documentation networks.
func (e endpoint) object() any {
	if e.none {
		return nil
	}
	known, ok := engines[e.kind]
	if !ok {
		known = engine{name: e.kind}
	}
	attributes, port := any(nil), any(nil)
	if known.attributes != nil {
		attributes = known.attributes(e)
	}
	if known.port > 0 {
		port = known.port
	}
	name := fmt.Sprintf("%s_%02d", strings.ToLower(e.kind), e.n)
	return object{
		unusedMember("id", "c_"+name), member("endpointName", "ds_"+name), member("endpointId", "e_"+name),
		unusedMember("endpointSide", nil), member("dbEngine", known.name), unusedMember("connectionInfo", nil),
		unusedMember("username", "oms_user"), member("version", textOrNull(known.version)),
		unusedMember("timezone", "+08:00"), unusedMember("charset", "utf8mb4"), unusedMember("nlsLengthSemantics", nil),
		unusedMember("operatingSystem", nil), member("region", regions[e.n%len(regions)]), unusedMember("ocpName", ""),
		member("connExtraAttributes", attributes), unusedMember("owner", "admin"),
		unusedMember("host", fmt.Sprintf("192.0.2.%d", 10+e.n)), unusedMember("port", port),
	}
}

// stepDescription returns the description of a step, in one of the languages of OMS.
func stepDescription(step string) string {
	if known, ok := descriptions[step]; ok {
		return known
	}
	return strings.ToLower(strings.ReplaceAll(step, "_", " "))
}

var descriptions = map[string]string{
	"TRANSFER_PRECHECK":      "Precheck",
	"STRUCT_TRANSFER":        "Schema migration",
	"TRANSFER_INCR_LOG_PULL": "Incremental log pull",
	"FULL_TRANSFER":          "Full migration",
	"INDEX_TRANSFER":         "Index migration",
	"INCR_TRANSFER":          "Incremental synchronization",
	"FULL_VERIFIER":          "Full verification",
	"INCR_VERIFIER":          "Incremental verification",
	"TRANSFER_APP_SWITCH":    "Forward switchover",
	"REVERSE_INCR_TRANSFER":  "Reverse increment",
	"PRE_CHECK":              "预检查",
	"STRUCT_MIGRATION":       "结构迁移",
	"FULL_MIGRATION":         "全量迁移",
	"INCR_LOG_PULL":          "增量日志拉取",
	"INCR_SYNC":              "增量同步",
	"FULL_VALIDATION":        "全量校验",
	"APP_SWITCH":             "正向切换",
	"REVERSE_INCR_SYNC":      "反向增量",
}
