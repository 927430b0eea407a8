package collector

import (
	"fmt"
	"testing"

	"github.com/oms-exporter/oms_exporter/oms"
)

// checkTask compares the series of a task whose names begin with prefix with want.
func checkTask(t *testing.T, task *oms.Task, prefix string, want ...string) {
	t.Helper()
	task.ID = "np_1"
	checkLines(t, taskSeries(t, defaultSettings("prod"), at(3000), task, prefix), want)
}

// documentedStatuses are the statuses of tasks in the documentation of OMS, without those of filters.
var documentedStatuses = []string{"INIT", "RUNNING", "SUSPEND", "FAILED", "FINISHED", "RELEASING", "RELEASED",
	"DELETED", "RUNNING_MODIFYING", "RUNNING_MERGING"}

func TestTaskStatus(t *testing.T) {
	for _, c := range []struct{ rule, status string }{
		{"a known status is 1, all others are 0", "RUNNING_MERGING"},
		{"a task without a status: all 0", ""},
		{"an unknown status is one more series", "UNCONFIGURED"},
		{"RUNNING_ALARMING is treated like an unknown status", "RUNNING_ALARMING"},
		{"the comparison is case-sensitive", "running"},
	} {
		t.Run(c.rule, func(t *testing.T) {
			var want []string
			one := c.status == ""
			for _, status := range documentedStatuses {
				value := 0
				if status == c.status {
					value, one = 1, true
				}
				want = append(want, fmt.Sprintf("oms_task_status{status=%q} %d", status, value))
			}
			if !one {
				want = append(want, fmt.Sprintf("oms_task_status{status=%q} 1", c.status))
			}
			checkTask(t, &oms.Task{Status: c.status}, "oms_task_status", want...)
		})
	}
}

func TestTaskInfoSubtask(t *testing.T) {
	const info = `oms_task_info{importance="LOW",name="n",owner="o",sink="",source="ds",subtask="%s"} 1`
	for _, c := range []struct {
		flag oms.Opt[bool]
		want string
	}{{oms.Opt[bool]{}, ""}, {oms.Some(true), "true"}, {oms.Some(false), "false"}} {
		checkTask(t, &oms.Task{Name: "n", Owner: "o", Importance: "LOW", Subtask: c.flag, Source: &oms.Endpoint{Name: "ds"}},
			"oms_task_info", fmt.Sprintf(info, c.want))
	}
}

func TestTaskEndpoints(t *testing.T) {
	source := &oms.Endpoint{Name: "ds_1", ID: "e_1", Engine: "MYSQL_PUBLIC", Version: "8.0", Region: "hz"}
	sink := &oms.Endpoint{Name: "ds_2", Cluster: "c", Tenant: "t"}
	const (
		ofSource = `oms_task_endpoint_info{cluster="",endpoint="ds_1",endpoint_id="e_1",engine="MYSQL_PUBLIC",` +
			`region="hz",side="source",tenant="",version="8.0"} 1`
		ofSink = `oms_task_endpoint_info{cluster="c",endpoint="ds_2",endpoint_id="",engine="",region="",side="sink",` +
			`tenant="t",version=""} 1`
	)
	checkTask(t, &oms.Task{Source: source, Sink: sink}, "oms_task_endpoint_info", ofSource, ofSink)
	checkTask(t, &oms.Task{Sink: sink}, "oms_task_endpoint_info", ofSink)
	checkTask(t, &oms.Task{}, "oms_task_endpoint_info") // no connect info, no series
}

func TestTaskStages(t *testing.T) {
	yes, no := oms.Some(true), oms.Some(false)
	for want, task := range map[string]*oms.Task{
		"struct_transfer":       {StructTransfer: yes, FullVerify: no},
		"full_transfer":         {FullTransfer: yes},
		"full_verify":           {FullVerify: yes},
		"incr_transfer":         {IncrTransfer: yes},
		"incr_verify":           {IncrVerify: yes},
		"reverse_incr_transfer": {ReverseIncrTransfer: yes},
	} {
		checkTask(t, task, "oms_task_stage_enabled", fmt.Sprintf("oms_task_stage_enabled{stage=%q} 1", want))
	}
}

func TestTaskMissingValues(t *testing.T) {
	checkTask(t, &oms.Task{Modifying: oms.Some(true), Merging: oms.Some(false)}, "oms_task_m",
		"oms_task_modifying{} 1", "oms_task_merging{} 0")
	checkTask(t, &oms.Task{Created: at(100)}, "oms_task_created", "oms_task_created_timestamp_seconds{} 100")
	for _, prefix := range []string{"oms_task_m", "oms_task_created", "oms_task_started", "oms_task_finished",
		"oms_task_fail", "oms_task_alarm", "oms_task_recent"} {
		checkTask(t, &oms.Task{}, prefix)
	}
}

func TestTaskTimeFraction(t *testing.T) {
	checkTask(t, &oms.Task{Created: at(100).Add(250e6)}, "oms_task_created", "oms_task_created_timestamp_seconds{} 100.25")
}

func TestTaskFailure(t *testing.T) {
	detail := oms.ErrorDetail{Code: "D1"}
	for _, c := range []struct {
		rule  string
		extra *oms.ExtraInfo
		want  []string
	}{
		{"errorCode takes precedence", &oms.ExtraInfo{Failure: oms.Failure{Code: "E1", Details: []oms.ErrorDetail{detail}, Time: at(900)}},
			[]string{`oms_task_failure_info{code="E1"} 1`, "oms_task_failed_timestamp_seconds{} 900"}},
		{"otherwise the first detail with a code", &oms.ExtraInfo{Failure: oms.Failure{Details: []oms.ErrorDetail{{Message: "m"}, detail, {Code: "D2"}}}},
			[]string{`oms_task_failure_info{code="D1"} 1`}},
		{"a message is never a label", &oms.ExtraInfo{Failure: oms.Failure{Message: "m"}}, nil},
		{"no extraInfo", nil, nil},
	} {
		t.Run(c.rule, func(t *testing.T) {
			checkTask(t, &oms.Task{Status: "FAILED", ExtraInfo: c.extra}, "oms_task_fail", c.want...)
		})
	}
}

func TestTaskAlarms(t *testing.T) {
	rules := []oms.RuleCount{{Rule: "delay", Count: 2}, {Rule: "delay", Count: 3}, {Rule: "failed", Count: 0},
		{Rule: "", Count: 1}}
	for _, c := range []struct {
		rule   string
		alarms *oms.AlarmStats
		want   []string
	}{
		{"alarmStats missing: nothing", nil, nil},
		{"a null count is 0, for sums; a null flag is missing", &oms.AlarmStats{}, []string{"oms_task_recent_alarms{} 0"}},
		{"alarming", &oms.AlarmStats{Alarming: oms.Some(true), Recent: oms.Some(5.0)}, []string{"oms_task_alarming{} 1", "oms_task_recent_alarms{} 5"}},
		{"not alarming", &oms.AlarmStats{Alarming: oms.Some(false)}, []string{"oms_task_alarming{} 0", "oms_task_recent_alarms{} 0"}},
		{"a negative count is missing", &oms.AlarmStats{Recent: oms.Some(-1.0), ByRule: []oms.RuleCount{{Rule: "delay", Count: -1}}}, nil},
		{"of a rule that is listed twice the last counts", &oms.AlarmStats{Recent: oms.Some(5.0), ByRule: rules}, []string{
			"oms_task_recent_alarms{} 5", `oms_task_recent_alarms_by_rule{rule="delay"} 3`,
			`oms_task_recent_alarms_by_rule{rule="failed"} 0`, `oms_task_recent_alarms_by_rule{rule=""} 1`,
		}},
	} {
		t.Run(c.rule, func(t *testing.T) {
			task := &oms.Task{Alarms: c.alarms}
			got := append(
				taskSeries(t, defaultSettings("prod"), at(3000), task, "oms_task_alarm"),
				taskSeries(t, defaultSettings("prod"), at(3000), task, "oms_task_recent")...)
			checkLines(t, got, c.want)
		})
	}
}

func TestTaskTags(t *testing.T) {
	tags := []oms.Tag{{ID: "l_1", Name: "old"}, {ID: "l_2", Name: "same"}, {ID: "l_1", Name: "new"},
		{ID: "l_3", Name: "same"}, {Name: "bare"}, {Name: "bare"}, {Name: "other"}}
	checkTask(t, &oms.Task{Tags: tags}, "oms_task_tag_info",
		`oms_task_tag_info{tag="new",tag_id="l_1"} 1`,
		`oms_task_tag_info{tag="same",tag_id="l_2"} 1`,
		`oms_task_tag_info{tag="same",tag_id="l_3"} 1`,
		`oms_task_tag_info{tag="bare",tag_id=""} 1`,
		`oms_task_tag_info{tag="other",tag_id=""} 1`)
}
