package oms

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

func readFile(t testing.TB, name string) []byte {
	t.Helper()
	return testutil.ReadFile(t, "testdata/"+name)
}

func date(day, hour, minute, second int) time.Time {
	return time.Date(2024, 9, day, hour, minute, second, 0, time.UTC)
}

func TestEveryMemberOfAnAnswerIsRead(t *testing.T) {
	page, err := decode(t, string(readFile(t, "full_row.json")))
	if err != nil {
		t.Fatal(err)
	}
	yes := Some(true)
	want := &Page{
		Envelope: Envelope{
			Success: yes, ErrorDetail: &ErrorDetail{"ERR-1", "ERROR", "what", "why", "do"}, Code: "200", Message: "successful", Advice: "none",
			RequestID: "a31f65fd-0000-4000-8000-000000000001", PageNumber: Some[int64](1), PageSize: Some[int64](5), TotalCount: Some[int64](151),
			Cost: "54 ms", HasData: true,
		},
		Tasks: []*Task{{
			ID: "np_full", Type: "MIGRATION", Name: `订单"库"`, Labels: []Label{{"l_1", "生产"}, {"l_2", "eu"}},
			Owner: "admin", Importance: "HIGH", Status: "RUNNING",
			Created: date(13, 9, 8, 34), Modified: date(14, 9, 8, 34), Started: date(15, 9, 8, 34), Finished: date(16, 9, 8, 34),
			DestConnID: "c_9", Merging: yes, Modifying: yes, SubProject: yes, SourceType: "OB_MYSQL", SinkType: "KAFKA",
			StructTransfer: yes, FullTransfer: yes, FullVerify: yes, IncrTransfer: yes, IncrVerify: yes, ReverseIncrTransfer: yes,
			IncrTransferConfig: &IncrConfig{
				time.Unix(1726218514, 0).UTC(), []string{"INSERT", "DDL"}, Some(168.0), yes, yes, []string{"GH_OST"}, Some[int64](64),
				"CUSTOM", Some[int64](4), "FAST", Some[int64](8), Some[int64](16), Some(1000.0), Some(2000.0), []string{"CREATE_TABLE", "DROP_INDEX"},
			},
			ReverseIncrTransferConfig: &IncrConfig{
				time.Unix(1726218515, 0).UTC(), []string{"ROW"}, Some(7.0), yes, yes, []string{"PT_OSC"}, Some[int64](32),
				"STEADY", Some[int64](1), "NORMAL", Some[int64](2), Some[int64](3), Some(4.0), Some(5.0), []string{"ALTER_TABLE"},
			},
			Source: &Endpoint{
				"c_1", "ds_1", "e_1", "source", "OB_MYSQL_PUBLIC", "jdbc", "u1", "4.2.1.8", "+08:00", "utf8mb4", "BYTE", "Linux", "cn-hangzhou", "ocp", "o1",
				"192.0.2.1", Some[int64](2883), &ConnExtraAttributes{
					"ob1", "t1", "drc", "http://192.0.2.3:8080", "192.0.2.4", yes, yes, yes, Some[int64](2983),
					"192.0.2.5:9092", "ku", "PLAIN", yes, yes, yes, "dh", "TCP", "5.0", "e_k", "kt", "kn",
				},
			},
			Sink: &Endpoint{
				"c_2", "ds_2", "e_2", "dest", "KAFKA", "broker", "u2", "2.8.1", "UTC", "utf8", "CHAR", "AIX", "cn-beijing", "107", "o2",
				"192.0.2.2", Some[int64](9092), nil,
			},
			Steps: []Step{{
				Some[int64](3), "FULL_TRANSFER", "全量迁移", "FAILED", &Failure{
					[]ErrorDetail{{"S-1", "FATAL", "m", "r", "p"}}, "S-0", "step failed",
					json.RawMessage(`{"table": "t", "rows": [1, 2]}`), date(13, 10, 0, 0),
				},
				date(13, 9, 30, 0), date(13, 10, 0, 1), Some(42.0), &StepInfo{
					Some(1.0), Some(2.0), Some(3.0), Some(4.0), Some(5.0), Some(6.0), Some(7.0), Some(8.0), Some(9.0), Some(10.0), Some(11.0), Some(12.0), Some(13.0),
					time.Unix(1726642901, 0).UTC(), time.Unix(1726642905, 0).UTC(), yes,
				},
			}},
			ExtraInfo: &ExtraInfo{
				Failure{[]ErrorDetail{{"T-1", "WARNING", "tm", "tr", "tp"}}, "T-0", "task failed", json.RawMessage(`{"k": "v"}`), date(13, 11, 0, 0)},
				"INCR_TRANSFER", Some(100.0), yes, Some(72.0), Some(-8.0), time.Unix(1726642905, 0).UTC(), time.Unix(1726642901, 0).UTC(),
			},
			Alarms: &AlarmStats{"np_full", yes, Some(5.0), []RuleCount{{"oms_sync_delay", 3}, {"oms_Migration_Failed", 2}}, "延迟时间: 16871 秒"},
		}},
	}
	if diff := cmp.Diff(want, page, cmpopts.IgnoreUnexported(Envelope{})); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	forEachZero(reflect.ValueOf(*page.Tasks[0]), "Task", func(path string) {
		// The source has the first; the client sets the second, not the decoder.
		if path != "Task.Sink.ConnExtraAttributes" && path != "Task.Received" {
			t.Errorf("testdata does not fill %s", path)
		}
	})
}

// forEachZero tells the members in which nothing stands.
func forEachZero(v reflect.Value, path string, tell func(path string)) {
	switch {
	case v.IsZero():
		tell(path)
	case v.Kind() == reflect.Pointer:
		forEachZero(v.Elem(), path, tell)
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Struct:
		for i := range v.Len() {
			forEachZero(v.Index(i), path, tell)
		}
	case v.Kind() == reflect.Struct && v.Type() != reflect.TypeFor[time.Time]() && !strings.HasPrefix(v.Type().Name(), "Opt"):
		for i := range v.NumField() {
			forEachZero(v.Field(i), path+"."+v.Type().Field(i).Name, tell)
		}
	}
}

func TestContainersOfTheWrongKindAreMissing(t *testing.T) {
	containers := []string{"labels", "sourceConnectInfo", "sinkConnectInfo", "steps", "extraInfo", "alarmStats", "incrTransferConfig", "reverseIncrTransferConfig"}
	lists := map[string]bool{"labels": true, "steps": true}
	want := &Task{ID: "a", Name: "after"}
	for _, container := range containers {
		for _, value := range []string{`null`, `"text"`, `17`, `true`, `[]`, `[null,1,"x",[]]`, `{}`, `{"id":"x"}`} {
			if object := value[0] == '{'; object != lists[container] && value[0] != 'n' && (object || value[0] == '[' && lists[container]) {
				continue // the right kind
			}
			page, err := decode(t, `{"data":[{"id":"a","`+container+`":`+value+`,"name":"after"}]}`)
			if err != nil {
				t.Fatalf("%s %s: %v", container, value, err)
			}
			if diff := cmp.Diff(want, page.Tasks[0]); diff != "" {
				t.Errorf("%s %s:\n%s", container, value, diff)
			}
		}
	}
}

func TestInnerContainersOfTheWrongKindAreMissing(t *testing.T) {
	for _, value := range []string{`null`, `"text"`, `17`, `false`, `[{"a":1}]`, `[]`, `{}`} {
		page, err := decode(t, `{"data":[{"id":"a","sourceConnectInfo":{"connExtraAttributes":`+value+`,"id":"c"},
			"steps":[{"stepInfo":`+value+`,"extraInfo":`+value+`,"name":"n"},`+value+`],
			"incrTransferConfig":{"incrLogPullSpeedConfig":`+value+`,"supportDDLTypes":`+value+`,"incrSyncConcurrency":3},
			"alarmStats":{"ruleToRecentlyTriggerCount":`+value+`,"target":"t"},"extraInfo":{"errorParam":`+value+`,"runningStep":"r"},"name":"after"}]}`)
		if err != nil {
			t.Fatal(err)
		}
		want := &Task{
			ID: "a", Source: &Endpoint{ID: "c"}, Steps: []Step{{Name: "n"}}, IncrTransferConfig: &IncrConfig{IncrSyncConcurrency: Some[int64](3)},
			Alarms: &AlarmStats{Target: "t"}, ExtraInfo: &ExtraInfo{RunningStep: "r"}, Name: "after",
		}
		if value == `{}` {
			want.Source.ConnExtraAttributes = &ConnExtraAttributes{}
			want.Steps = append(want.Steps, Step{})
		}
		if diff := cmp.Diff(want, page.Tasks[0]); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", value, diff)
		}
	}
}

func TestErrorDetailsAreTextsOrObjects(t *testing.T) {
	for in, want := range map[string][]ErrorDetail{
		`["a","b"]`:                       {{Message: "a"}, {Message: "b"}},
		`[{"code":"x"},{"Message":"m"}]`:  {{Code: "x"}, {Message: "m"}},
		`["a",{"code":17},null,{},"",[]]`: {{Message: "a"}, {Code: "17"}},
		`[5,true]`:                        {{Message: "5"}, {Message: "true"}},
		`null`:                            nil,
		`"a text"`:                        nil,
		`{"code":"x"}`:                    nil,
	} {
		page, err := decode(t, `{"data":[{"id":"a","extraInfo":{"errorDetails":`+in+`}}]}`)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, page.Tasks[0].ExtraInfo.Details); diff != "" {
			t.Errorf("%s:\n%s", in, diff)
		}
	}
}

func TestTheCodeOfAFailure(t *testing.T) {
	for _, tt := range []struct {
		rule    string
		failure *Failure
		want    string
	}{
		{"no failure has none", nil, ""},
		{"errorCode goes first", &Failure{Code: "A", Details: []ErrorDetail{{Code: "B"}}}, "A"},
		{"else the first among the details", &Failure{Details: []ErrorDetail{{Message: "x"}, {Code: "B"}, {Code: "C"}}}, "B"},
		{"a failure may have none", &Failure{Message: "x", Details: []ErrorDetail{{Message: "x"}}}, ""},
	} {
		if got := tt.failure.ErrorCode(); got != tt.want {
			t.Errorf("%s: %q", tt.rule, got)
		}
	}
}

func TestTextsOfUpstreamAreCutAndRedacted(t *testing.T) {
	long := `hunter2 ` + strings.Repeat("x", 2000)
	answer := `{"errorDetail":{"code":"L","message":"L","reason":"L","proposal":"L"},"code":"L","message":"L","advice":"L","requestId":"L","cost":"L",
		"data":[{"id":"a","steps":[{"extraInfo":{"errorCode":"L","errorMsg":"L","errorDetails":["L",
		{"code":"L","level":"L","message":"L","reason":"L","proposal":"L"}],"errorParam":{"p":"hunter2"}}}],
		"extraInfo":{"errorCode":"L","errorMsg":"L","errorDetails":["L"]},"alarmStats":{"alarmContent":"L"}}]}`
	hide := func(s string) string { return strings.ReplaceAll(s, "hunter2", "<secret>") }
	page, err := decodePage(strings.NewReader(strings.ReplaceAll(answer, `"L"`, `"`+long+`"`)), reading{rows: 1, redact: hide})
	if err != nil {
		t.Fatal(err)
	}
	e, task := page.Envelope, page.Tasks[0]
	f := task.Steps[0].Failure
	for i, text := range []string{
		e.ErrorDetail.Message, e.ErrorDetail.Reason, e.ErrorDetail.Proposal, e.Message, e.Advice, e.RequestID, e.Cost, f.Message, f.Details[0].Message,
		f.Details[1].Message, f.Details[1].Reason, f.Details[1].Proposal, task.ExtraInfo.Message, task.ExtraInfo.Details[0].Message, task.Alarms.Content,
		e.ErrorDetail.Code, e.Code, f.Code, f.Details[1].Code, f.Details[1].Level, task.ExtraInfo.Code,
	} {
		if len(text) > maxText || len(text) < maxText-4 || strings.Contains(text, "hunter2") {
			t.Errorf("text %d: %d bytes, %.20s", i, len(text), text)
		}
	}
	if !bytes.Equal(f.Param, []byte(`{"p":"<secret>"}`)) {
		t.Errorf("errorParam %s", f.Param)
	}
}
