package oms

import (
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

func TestDecodeTask(t *testing.T) {
	page, err := decode(t, string(readFile(t, "full_row.json")))
	if err != nil {
		t.Fatal(err)
	}
	yes := Some(true)
	want := &Page{
		Envelope: Envelope{
			Success: yes, ErrorDetail: &ErrorDetail{Code: "ERR-1", Level: "ERROR", Message: "what", Reason: "why",
				Proposal: "do"}, Code: "200",
			Message: "successful", Advice: "none", RequestID: "a31f65fd-0000-4000-8000-000000000001",
			PageSize: Some[int64](5), TotalCount: Some[int64](151), HasData: true,
		},
		Tasks: []*Task{{
			ID: "np_full", Type: "MIGRATION", Name: `订单"库"`, Tags: []Tag{{ID: "l_1", Name: "生产"},
				{ID: "l_2", Name: "eu"}},
			Owner: "admin", Importance: "HIGH", Status: "RUNNING",
			Created: date(13, 9, 8, 34), Modified: date(14, 9, 8, 34), Started: date(15, 9, 8, 34),
			Finished: date(16, 9, 8, 34),
			Merging:  yes, Modifying: yes, Subtask: yes, SourceType: "OB_MYSQL", SinkType: "KAFKA",
			StructTransfer: yes, FullTransfer: yes, FullVerify: yes, IncrTransfer: yes, IncrVerify: yes,
			ReverseIncrTransfer: yes,
			StoreLogKeptHour:    Some(168.0),
			Source: &Endpoint{
				Name: "ds_1", ID: "e_1", Engine: "OB_MYSQL_PUBLIC", Version: "4.2.1.8", Region: "cn-hangzhou",
				Cluster: "ob1", Tenant: "t1",
			},
			Sink: &Endpoint{Name: "ds_2", ID: "e_2", Engine: "KAFKA", Version: "2.8.1", Region: "cn-beijing"},
			Steps: []Step{{
				Order: Some[int64](3), Name: "FULL_TRANSFER", Status: "FAILED", Started: date(13, 9, 30, 0),
				Finished: date(13, 10, 0, 1), Progress: Some(42.0),
				Failure: &Failure{
					Details: []ErrorDetail{{Code: "S-1", Level: "FATAL", Message: "m", Reason: "r", Proposal: "p"}},
					Code:    "S-0", Message: "step failed", Time: date(13, 10, 0, 0),
				},
				Info: &StepInfo{
					ProcessedRecords: Some(1.0), Capacity: Some(2.0),
					SrcRPS: Some(3.0), DstRPS: Some(9.0), SrcRT: Some(5.0), DstRT: Some(11.0), SrcIOPS: Some(7.0),
					DstIOPS:    Some(13.0),
					Checkpoint: time.Unix(1726642901, 0).UTC(), CheckpointSampled: time.Unix(1726642905, 0).UTC(),
				},
			}},
			ExtraInfo: &ExtraInfo{
				Failure: Failure{
					Details: []ErrorDetail{{Code: "T-1", Level: "WARNING", Message: "tm", Reason: "tr",
						Proposal: "tp"}},
					Code: "T-0", Message: "task failed", Time: date(13, 11, 0, 0),
				},
				SourceStoreKeptHour: Some(72.0), SyncDelay: Some(-8.0),
				SyncDelaySampleTimestamp: time.Unix(1726642905, 0).UTC(),
				IncrSyncTimestamp:        time.Unix(1726642901, 0).UTC(),
			},
			Alarms: &AlarmStats{
				Alarming: yes, Recent: Some(5.0), ByRule: []RuleCount{{Rule: "oms_sync_delay", Count: 3},
					{Rule: "oms_Migration_Failed", Count: 2}},
				Content: "延迟时间: 16871 秒",
			},
		}},
	}
	if diff := cmp.Diff(want, page, cmpopts.IgnoreUnexported(Envelope{})); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	forEachZero(reflect.ValueOf(*page.Tasks[0]), "Task", func(path string) {
		// The sink is not OceanBase, and the answer has no time of arrival.
		if path != "Task.Sink.Cluster" && path != "Task.Sink.Tenant" && path != "Task.Received" {
			t.Errorf("testdata does not fill %s", path)
		}
	})
}

// forEachZero calls f for each member without a value.
func forEachZero(v reflect.Value, path string, f func(path string)) {
	switch {
	case v.IsZero():
		f(path)
	case v.Kind() == reflect.Pointer:
		forEachZero(v.Elem(), path, f)
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Struct:
		for i := range v.Len() {
			forEachZero(v.Index(i), path, f)
		}
	case v.Kind() == reflect.Struct && v.Type() != reflect.TypeFor[time.Time]() &&
		!strings.HasPrefix(v.Type().Name(), "Opt"):
		for i := range v.NumField() {
			forEachZero(v.Field(i), path+"."+v.Type().Field(i).Name, f)
		}
	}
}

func TestDecodeWrongTypes(t *testing.T) {
	t.Run("members of the wrong type are missing", func(t *testing.T) {
		containers := []string{"labels", "sourceConnectInfo", "sinkConnectInfo", "steps", "extraInfo", "alarmStats",
			"incrTransferConfig", "reverseIncrTransferConfig"}
		lists := map[string]bool{"labels": true, "steps": true}
		want := &Task{ID: "a", Name: "after"}
		for _, container := range containers {
			for _, value := range []string{`null`, `"text"`, `17`, `true`, `[]`, `[null,1,"x",[]]`, `{}`,
				`{"id":"x"}`} {
				if object := value[0] == '{'; object != lists[container] && value[0] != 'n' &&
					(object || value[0] == '[' && lists[container]) {
					continue // the right type
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
	})
	t.Run("members of inner objects, too", func(t *testing.T) {
		for _, value := range []string{`null`, `"text"`, `17`, `false`, `[{"a":1}]`, `[]`, `{}`} {
			page, err := decode(t, `{"data":[{"id":"a","sourceConnectInfo":{"connExtraAttributes":`+value+`,"endpointId":"e"},
			"steps":[{"stepInfo":`+value+`,"extraInfo":`+value+`,"name":"n"},`+value+`],"incrTransferConfig":`+value+`,
			"alarmStats":{"ruleToRecentlyTriggerCount":`+value+`,"alarmContent":"c"},
			"extraInfo":{"errorDetails":`+value+`,"errorCode":"r"},"name":"after"}]}`)
			if err != nil {
				t.Fatal(err)
			}
			want := &Task{
				ID: "a", Source: &Endpoint{ID: "e"}, Steps: []Step{{Name: "n"}},
				Alarms: &AlarmStats{Content: "c"}, ExtraInfo: &ExtraInfo{Failure: Failure{Code: "r"}}, Name: "after",
			}
			if value == `{}` {
				want.Steps = append(want.Steps, Step{})
			}
			if diff := cmp.Diff(want, page.Tasks[0]); diff != "" {
				t.Errorf("%s: (-want +got)\n%s", value, diff)
			}
		}
	})
}

func TestReadErrorDetails(t *testing.T) {
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

func TestFailureErrorCode(t *testing.T) {
	for _, tt := range []struct {
		rule    string
		failure *Failure
		want    string
	}{
		{"no failure has none", nil, ""},
		{"errorCode comes first", &Failure{Code: "A", Details: []ErrorDetail{{Code: "B"}}}, "A"},
		{"without it the first code of the details counts",
			&Failure{Details: []ErrorDetail{{Message: "x"}, {Code: "B"}, {Code: "C"}}},
			"B"},
		{"a failure may have none", &Failure{Message: "x", Details: []ErrorDetail{{Message: "x"}}}, ""},
	} {
		if got := tt.failure.ErrorCode(); got != tt.want {
			t.Errorf("%s: %q", tt.rule, got)
		}
	}
}

func TestReadText(t *testing.T) {
	long := `hunter2 ` + strings.Repeat("x", 2000)
	answer := `{"errorDetail":{"code":"L","message":"L","reason":"L","proposal":"L"},
		"code":"L","message":"L","advice":"L","requestId":"L",
		"data":[{"id":"a","steps":[{"extraInfo":{"errorCode":"L","errorMsg":"L","errorDetails":["L",
		{"code":"L","level":"L","message":"L","reason":"L","proposal":"L"}]}}],
		"extraInfo":{"errorCode":"L","errorMsg":"L","errorDetails":["L"]},"alarmStats":{"alarmContent":"L"}}]}`
	page, err := decodePage(strings.NewReader(strings.ReplaceAll(answer, `"L"`, `"`+long+`"`)),
		decodeOptions{rows: 1, redact: redactPassword})
	if err != nil {
		t.Fatal(err)
	}
	e, task := page.Envelope, page.Tasks[0]
	f := task.Steps[0].Failure
	for i, text := range []string{
		e.ErrorDetail.Message, e.ErrorDetail.Reason, e.ErrorDetail.Proposal, e.Message, e.Advice, e.RequestID,
		f.Message, f.Details[0].Message,
		f.Details[1].Message, f.Details[1].Reason, f.Details[1].Proposal, task.ExtraInfo.Message,
		task.ExtraInfo.Details[0].Message, task.Alarms.Content,
		e.ErrorDetail.Code, e.Code, f.Code, f.Details[1].Code, f.Details[1].Level, task.ExtraInfo.Code,
	} {
		if len(text) > maxText || len(text) < maxText-4 || strings.Contains(text, "hunter2") {
			t.Errorf("text %d: %d bytes, %.20s", i, len(text), text)
		}
	}
}
