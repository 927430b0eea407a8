package simulator

import (
	_ "embed"
	"slices"
	"strings"
	"testing"
)

// rowShape is each member that rows of the documents and of observed answers have, with its JSON types.
//
//go:embed testdata/row-shape.txt
var rowShape string

// furtherMembers are in the documentation and not in the rows that the shape was taken from: attributes of other
// endpoints, failures of tasks, filled configs, values in place of null.
var furtherMembers = map[string]string{
	"sourceConnectInfo.connExtraAttributes.cluster":       "string",
	"sourceConnectInfo.connExtraAttributes.configUrl":     "string",
	"sourceConnectInfo.connExtraAttributes.drcUser":       "string",
	"sourceConnectInfo.connExtraAttributes.isLogicSource": "boolean",
	"sourceConnectInfo.connExtraAttributes.logProxyIp":    "null",
	"sourceConnectInfo.connExtraAttributes.logProxyPort":  "null",
	"sourceConnectInfo.connExtraAttributes.noUserAuth":    "boolean",
	"sourceConnectInfo.connExtraAttributes.tenant":        "string",
	"sourceConnectInfo.connExtraAttributes.useLogProxy":   "boolean",
	"sourceConnectInfo.connExtraAttributes":               "object",

	"incrTransferConfig":                        "object",
	"incrTransferConfig.startTimestamp":         "null",
	"incrTransferConfig.recordTypeWhiteList":    "array",
	"incrTransferConfig.recordTypeWhiteList[]":  "string",
	"incrTransferConfig.storeLogKeptHour":       "number",
	"extraInfo.errorDetails":                    "null",
	"extraInfo.errorCode":                       "string|null",
	"extraInfo.errorMsg":                        "string|null",
	"extraInfo.errorParam":                      "object|null",
	"extraInfo.failedTime":                      "string|null",
	"steps":                                     "null",
	"steps[].order":                             "null",
	"steps[].extraInfo.errorDetails[]":          "string",
	"steps[].extraInfo.errorDetails[].reason":   "string",
	"steps[].extraInfo.errorDetails[].proposal": "null",
	"steps[].stepInfo.incrTimestampCheckpoint":  "string",
	"steps[].stepInfo.capacity":                 "null",
	"steps[].stepInfo.dstIops":                  "null",
	"steps[].stepInfo.dstRps":                   "null",
	"steps[].stepInfo.dstRpsRef":                "null",
	"steps[].stepInfo.dstRt":                    "null",
	"steps[].stepInfo.dstRtRef":                 "null",
	"steps[].stepInfo.processedRecords":         "null",
	"steps[].stepInfo.srcIops":                  "null",
	"steps[].stepInfo.srcIopsRef":               "null",
	"steps[].stepInfo.srcRps":                   "null",
	"steps[].stepInfo.srcRpsRef":                "null",
	"steps[].stepInfo.srcRt":                    "null",
	"steps[].stepInfo.srcRtRef":                 "null",
	"sourceConnectInfo":                         "null",
	"sourceConnectInfo.version":                 "null",
	"sourceConnectInfo.port":                    "null",
	"sinkConnectInfo":                           "null",
	"sinkConnectInfo.version":                   "null",
	"owner":                                     "null",
	"importance":                                "null",
}

func TestRowShape(t *testing.T) {
	_, c := serve(t, fixedClock(StoryTime))
	documented := map[string][]string{}
	for line := range strings.Lines(rowShape) {
		path, types, _ := strings.Cut(strings.TrimSpace(line), " ")
		documented[path] = strings.Split(types, "|")
	}
	got := map[string]map[string]bool{}
	for _, r := range c.list(allRows).envelope(t)["data"].([]any) {
		row := r.(map[string]any)
		for path := range documented {
			if _, ok := row[path]; !ok && !strings.ContainsAny(path, ".[") {
				t.Errorf("%v has no %s", row["id"], path)
			}
		}
		for key, v := range row {
			shape(key, v, got)
		}
	}
	for path, types := range got {
		for kind := range types {
			if !slices.Contains(documented[path], kind) && !slices.Contains(strings.Split(furtherMembers[path], "|"), kind) {
				t.Errorf("%s is %s, which no document shows", path, kind)
			}
		}
	}
	for path, types := range documented {
		for _, kind := range types {
			if !got[path][kind] {
				t.Errorf("%s is never %s", path, kind)
			}
		}
	}
}

// shape records the JSON types of each path. The keys of counts by rule are data.
func shape(path string, v any, to map[string]map[string]bool) {
	kind := "null"
	switch v := v.(type) {
	case string:
		kind = "string"
	case float64:
		kind = "number"
	case bool:
		kind = "boolean"
	case []any:
		kind = "array"
		for _, e := range v {
			shape(path+"[]", e, to)
		}
	case map[string]any:
		kind = "object"
		if strings.HasSuffix(path, "ToRecentlyTriggerCount") {
			break
		}
		for k, e := range v {
			shape(path+"."+k, e, to)
		}
	}
	if to[path] == nil {
		to[path] = map[string]bool{}
	}
	to[path][kind] = true
}
