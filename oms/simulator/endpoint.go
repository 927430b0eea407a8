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
}

var engines = map[string]engine{
	"MYSQL":        {"MYSQL_PUBLIC", "5.7.27-log", 3306},
	"OB_MYSQL":     {"OB_MYSQL_PUBLIC", "4.2.1.8", 2883},
	"OB_ORACLE":    {"OB_ORACLE", "4.2.5.1", 2883},
	"ORACLE":       {"ORACLE", "19.3.0.0.0", 1521},
	"TIDB":         {"TIDB", "6.5.3", 4000},
	"DB2_LUW":      {"DB2_LUW", "11.5", 50000},
	"POSTGRESQL":   {"POSTGRESQL", "14.9", 5432},
	"IDB":          {"IDB", "", 0},
	"DBP_OP_ROUTE": {"DBP_OP_ROUTE", "", 0},
	"KAFKA":        {"KAFKA", "2.8.1", 9092},
	"DATAHUB":      {"DATAHUB", "", 443},
	"ROCKETMQ":     {"ROCKETMQ", "4.9.4", 9876},
	"ADB":          {"ADB", "3.1.9", 3306},
	"SYBASE":       {"SYBASE", "15.7", 5000},
}

// attributes returns connExtraAttributes. Those of other endpoints than OceanBase have no member that a monitor uses.
func (e endpoint) attributes() any {
	if !strings.HasPrefix(e.kind, "OB_") {
		return nil
	}
	return object{member("cluster", fmt.Sprintf("obcluster%02d", e.n%3+1)),
		member("tenant", fmt.Sprintf("tenant_%02d", e.n)), unusedMember("isLogicSource", false),
		unusedMember("useLogProxy", false), unusedMember("drcUser", "drc"),
		unusedMember("configUrl", "http://192.0.2.20:8080/services"),
		unusedMember("logProxyIp", nil), unusedMember("logProxyPort", nil), unusedMember("noUserAuth", false)}
}

var regions = []string{"cn-hangzhou", "cn-beijing", "cn-shanghai"}

// object returns the connect info. Its hosts are addresses of documentation networks.
func (e endpoint) object() any {
	if e.none {
		return nil
	}
	database, ok := engines[e.kind]
	if !ok {
		database = engine{name: e.kind}
	}
	port := any(nil)
	if database.port > 0 {
		port = database.port
	}
	name := fmt.Sprintf("%s_%02d", strings.ToLower(e.kind), e.n)
	return object{
		unusedMember("id", "c_"+name), member("endpointName", "ds_"+name), member("endpointId", "e_"+name),
		unusedMember("endpointSide", nil), member("dbEngine", database.name), unusedMember("connectionInfo", nil),
		unusedMember("username", "oms_user"), member("version", textOrNull(database.version)),
		unusedMember("timezone", "+08:00"), unusedMember("charset", "utf8mb4"), unusedMember("nlsLengthSemantics", nil),
		unusedMember("operatingSystem", nil), member("region", regions[e.n%len(regions)]), unusedMember("ocpName", ""),
		member("connExtraAttributes", e.attributes()), unusedMember("owner", "admin"),
		unusedMember("host", fmt.Sprintf("192.0.2.%d", 10+e.n)), unusedMember("port", port),
	}
}
