package collector

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// forms are the ways in which an OMS may send what is the same.
var forms = []struct {
	name string
	of   func(*testing.T, []byte) []byte
}{
	{"every scalar quoted", edited(func(_ []string, key string, value any) (string, any, bool) { return key, quoted(value), true })},
	{"native", edited(func(_ []string, key string, value any) (string, any, bool) { return key, native(key, value), true })},
	{"PascalCase envelope", edited(func(path []string, key string, value any) (string, any, bool) {
		if len(path) == 0 {
			key = pascal(key)
		}
		return key, value, true
	})},
	{"PascalCase envelope and rows", edited(func(path []string, key string, value any) (string, any, bool) {
		if !inRules(path) {
			key = pascal(key)
		}
		return key, value, true
	})},
	{"unused members null", edited(func(path []string, key string, value any) (string, any, bool) {
		if !isUsed(path, key) {
			value = nil
		}
		return key, value, true
	})},
	{"unused and null members absent", edited(func(path []string, key string, value any) (string, any, bool) {
		return key, value, isUsed(path, key) && value != nil
	})},
}

// used are the members of an answer that a metric or the walk needs; those of a member stand in braces behind it.
const used = `success pageSize totalCount data{
	id type name labels{id name} owner importance status gmtCreate gmtModified gmtStart gmtFinish
	isMerging isModifying isSubProject sourceEndpointType sinkEndpointType
	enableStructTransfer enableFullTransfer enableFullVerify enableIncrTransfer enableIncrVerify enableReverseIncrTransfer
	incrTransferConfig{storeLogKeptHour}
	sourceConnectInfo{endpointName endpointId dbEngine version region connExtraAttributes{cluster tenant}}
	sinkConnectInfo{endpointName endpointId dbEngine version region connExtraAttributes{cluster tenant}}
	steps{order name status startTime finishTime progress extraInfo{errorCode errorDetails{code} failedTime}
		stepInfo{processedRecords capacity srcRps srcRt srcIops dstRps dstRt dstIops incrTimestampCheckpoint checkpointSampleTimestamp}}
	extraInfo{errorCode errorDetails{code} failedTime sourceStoreKeptHour syncDelay syncDelaySampleTimestamp incrSyncTimestamp}
	alarmStats{alarming recentlyTriggerCount ruleToRecentlyTriggerCount}
}`

var usedPaths = func() map[string]bool {
	paths := make(map[string]bool)
	var path []string
	last := ""
	for word := range strings.FieldsSeq(strings.NewReplacer("{", " { ", "}", " } ").Replace(used)) {
		switch word {
		case "{":
			path = append(path, last)
		case "}":
			path = path[:len(path)-1]
		default:
			last = word
			paths[strings.Join(append(slices.Clone(path), word), ".")] = true
		}
	}
	return paths
}()

func isUsed(path []string, key string) bool {
	return inRules(path) || usedPaths[strings.Join(append(slices.Clone(path), key), ".")]
}

// inRules says that a member is an entry of a map of data: its key is the name of an alarm rule.
func inRules(path []string) bool {
	return len(path) > 0 && path[len(path)-1] == "ruleToRecentlyTriggerCount"
}

// edited makes a form by an edit of each member of each object: path are the keys above it.
func edited(edit func(path []string, key string, value any) (string, any, bool)) func(*testing.T, []byte) []byte {
	var walk func(path []string, value any) any
	walk = func(path []string, value any) any {
		switch value := value.(type) {
		case []any:
			for i := range value {
				value[i] = walk(path, value[i])
			}
		case map[string]any:
			members := make(map[string]any, len(value))
			for key, member := range maps.All(value) {
				member = walk(append(slices.Clone(path), key), member)
				if key, member, keep := edit(path, key, member); keep {
					members[key] = member
				}
			}
			return members
		}
		return value
	}
	return func(t *testing.T, answer []byte) []byte {
		t.Helper()
		content, err := json.Marshal(walk(nil, parsed(t, answer)))
		if err != nil {
			t.Fatal(err)
		}
		return content
	}
}

// compact is answer as edited would write it without an edit.
func compact(t *testing.T, answer []byte) []byte {
	return edited(func(_ []string, key string, value any) (string, any, bool) { return key, value, true })(t, answer)
}

func parsed(t *testing.T, answer []byte) any {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(answer))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		t.Fatal(err)
	}
	return value
}

func quoted(value any) any {
	switch value := value.(type) {
	case json.Number:
		return value.String()
	case bool:
		return strconv.FormatBool(value)
	}
	return value
}

// native undoes quotes where the document says integer or boolean.
func native(key string, value any) any {
	text, ok := value.(string)
	if !ok || !slices.Contains([]string{"success", "pageNumber", "pageSize", "totalCount", "order", "port"}, key) {
		return value
	}
	if text == "true" {
		return true
	}
	return json.Number(text)
}

func pascal(key string) string { return strings.ToUpper(key[:1]) + key[1:] }
