package collector

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oms-exporter/oms_exporter/oms"
)

func TestTaskViewLogRetention(t *testing.T) {
	incremental := oms.Task{IncrTransfer: oms.Some(true)}
	with := func(change func(*oms.Task)) *oms.Task {
		task := incremental
		change(&task)
		return &task
	}
	for _, c := range []struct {
		rule   string
		task   *oms.Task
		config time.Duration
		want   string // "" for no series
	}{
		{"OMS reports none: that of the config", &incremental, 7 * 24 * time.Hour, "604800"},
		{"OMS reports none and the config has 0: none", &incremental, 0, ""},
		{"the hours of extraInfo take precedence", with(func(task *oms.Task) {
			task.ExtraInfo = &oms.ExtraInfo{SourceStoreKeptHour: oms.Some(48.0)}
			task.StoreLogKeptHour = oms.Some(24.0)
		}), time.Hour, "172800"},
		{"then the hours of incrTransferConfig", with(func(task *oms.Task) {
			task.ExtraInfo = &oms.ExtraInfo{}
			task.StoreLogKeptHour = oms.Some(24.0)
		}), time.Hour, "86400"},
		{"0 or less in extraInfo is missing", with(func(task *oms.Task) {
			task.ExtraInfo = &oms.ExtraInfo{SourceStoreKeptHour: oms.Some(0.0)}
			task.StoreLogKeptHour = oms.Some(24.0)
		}), time.Hour, "86400"},
		{"0 or less in both is missing", with(func(task *oms.Task) {
			task.ExtraInfo = &oms.ExtraInfo{SourceStoreKeptHour: oms.Some(-1.0)}
			task.StoreLogKeptHour = oms.Some(0.0)
		}), time.Hour, "3600"},
		{"an infinite number of seconds is missing", with(func(task *oms.Task) {
			task.ExtraInfo = &oms.ExtraInfo{SourceStoreKeptHour: oms.Some(1e306)}
			task.StoreLogKeptHour = oms.Some(24.0)
		}), time.Hour, "86400"},
		{"an incremental step is enough, whatever the flag",
			&oms.Task{IncrTransfer: oms.Some(false), Steps: []oms.Step{{Name: "INCR_TRANSFER"}}}, time.Hour, "3600"},
		{"without incremental transfer: none, even if OMS reports one",
			&oms.Task{IncrTransfer: oms.Some(false), Steps: []oms.Step{{Name: "FULL_TRANSFER"}},
				ExtraInfo: &oms.ExtraInfo{SourceStoreKeptHour: oms.Some(48.0)}}, time.Hour, ""},
		{"flag missing and no such step: none", &oms.Task{}, time.Hour, ""},
	} {
		t.Run(c.rule, func(t *testing.T) {
			c.task.ID = "np_1"
			settings := defaultSettings("prod")
			settings.LogRetention = c.config
			var want []string
			if c.want != "" {
				want = []string{"oms_task_log_retention_seconds{} " + c.want}
			}
			checkLines(t, taskSeries(t, settings, at(3000), c.task, "oms_task_log_retention"), want)
		})
	}
}

func TestTaskViewPauseLimit(t *testing.T) {
	for _, c := range []struct {
		rule  string
		task  oms.Task
		limit time.Duration
		want  []string
	}{
		{"the limit of the config", oms.Task{IncrTransfer: oms.Some(true)}, 12 * time.Hour, []string{"oms_task_pause_limit_seconds{} 43200"}},
		{"an incremental step alone is enough", oms.Task{Steps: []oms.Step{{Name: "REVERSE_INCR_TRANSFER"}}}, time.Hour, []string{"oms_task_pause_limit_seconds{} 3600"}},
		{"0 means no limit", oms.Task{IncrTransfer: oms.Some(true)}, 0, nil},
		{"a task without increments has no limit", oms.Task{FullTransfer: oms.Some(true)}, time.Hour, nil},
		{"an ended task has no limit", oms.Task{IncrTransfer: oms.Some(true), Status: "RELEASED"}, time.Hour, nil},
	} {
		t.Run(c.rule, func(t *testing.T) {
			c.task.ID = "np_1"
			settings := defaultSettings("prod")
			settings.PauseLimit = c.limit
			checkLines(t, taskSeries(t, settings, at(3000), &c.task, "oms_task_pause_limit"), c.want)
		})
	}
}

// fullTask returns a task with a value in every field. It has a series of every metric.
func fullTask() *oms.Task {
	task := &oms.Task{}
	setAll(reflect.ValueOf(task).Elem(), "")
	task.ID, task.Status, task.Importance, task.Received = "np_1", "RUNNING", "HIGH", at(3000)
	task.Steps[0].Name, task.Steps[0].Status = "FULL_TRANSFER", "RUNNING"
	task.Steps = append(task.Steps, incr("INCR_TRANSFER", 2, 1000, 1004))
	return task
}

// setAll sets a value and all that it consists of. A text is the name of its field.
func setAll(v reflect.Value, name string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(name)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int64:
		v.SetInt(1)
	case reflect.Float64:
		v.SetFloat(1)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		setAll(v.Elem(), name)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		setAll(v.Index(0), name)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(at(100)))
			return
		}
		for i := range v.NumField() {
			setAll(v.Field(i), v.Type().Field(i).Name)
		}
	}
}

func TestTaskViewEnded(t *testing.T) {
	const week = 7 * 24 * 60 * 60
	for _, c := range []struct {
		rule               string
		status             string
		finished, modified int64 // 0: missing
		now                int64
		detail, offset     time.Duration // finished_detail and the clock offset
		ended              bool
	}{
		{rule: "running", status: "RUNNING", finished: 1000, modified: 1000, now: 1e9},
		{rule: "failed is not ended", status: "FAILED", finished: 1000, modified: 1000, now: 1e9},
		{rule: "releasing is not ended", status: "RELEASING", finished: 1000, modified: 1000, now: 1e9},
		{rule: "released", status: "RELEASED", now: 1000, detail: week * time.Second, ended: true},
		{rule: "deleted", status: "DELETED", now: 1000, detail: week * time.Second, ended: true},
		{rule: "finished for finished_detail", status: "FINISHED", finished: 1000, modified: 1000, now: 1000 + week, detail: week * time.Second},
		{rule: "finished for a second more", status: "FINISHED", finished: 1000, modified: 1000, now: 1001 + week, detail: week * time.Second, ended: true},
		{rule: "the clock of OMS counts: the exporter's is slow", status: "FINISHED", finished: 1000, modified: 1000, now: 1000 + week, detail: week * time.Second, offset: time.Second, ended: true},
		{rule: "the clock of OMS counts: the exporter's is fast", status: "FINISHED", finished: 1000, modified: 1000, now: 1001 + week, detail: week * time.Second, offset: -time.Second},
		{rule: "finished_detail 0: at once", status: "FINISHED", finished: 1000, modified: 1000, now: 1000, ended: true},
		{rule: "finished_detail 0: at once, without any time", status: "FINISHED", now: 1000, ended: true},
		{rule: "no gmtFinish: by gmtModified, not yet", status: "FINISHED", modified: 1000, now: 1000 + week, detail: week * time.Second},
		{rule: "no gmtFinish: by gmtModified", status: "FINISHED", modified: 1000, now: 1001 + week, detail: week * time.Second, ended: true},
		{rule: "gmtFinish counts, not gmtModified", status: "FINISHED", finished: 1000 + week, modified: 1000, now: 1001 + week, detail: week * time.Second},
		{rule: "neither gmtFinish nor gmtModified: never", status: "FINISHED", now: 1e9, detail: week * time.Second},
	} {
		t.Run(c.rule, func(t *testing.T) {
			task := fullTask()
			task.Received = time.Time{}
			task.Status, task.Finished, task.Modified = c.status, time.Time{}, time.Time{}
			if c.finished != 0 {
				task.Finished = at(c.finished)
			}
			if c.modified != 0 {
				task.Modified = at(c.modified)
			}
			settings := defaultSettings("prod")
			settings.FinishedDetail = c.detail
			snapshot := snapshotOf(settings, at(c.now), task)
			snapshot.Walk.ClockOffset = oms.Some(c.offset)
			names := strings.Join(metricNames(modelsOf(AllCollectors, snapshot)), " ")
			if ended := !strings.Contains(names, "oms_task_step_status"); ended != c.ended {
				t.Errorf("ended: %t, want %t", ended, c.ended)
			}
			if settings.EndedByStatus(c.status) && !c.ended {
				t.Error("EndedByStatus is true: its steps would not be read")
			}
		})
	}
}

func TestEndedTaskMetrics(t *testing.T) {
	task := fullTask()
	task.Status = "RELEASED"
	names := metricNames(modelsOf(AllCollectors, snapshotOf(defaultSettings("prod"), at(3000), task)))
	got := slices.DeleteFunc(names, func(name string) bool { return !strings.HasPrefix(name, "oms_task_") })
	checkLines(t, got, []string{
		"oms_task_info", "oms_task_endpoint_info", "oms_task_tag_info", "oms_task_status",
		"oms_task_created_timestamp_seconds", "oms_task_modified_timestamp_seconds", "oms_task_started_timestamp_seconds",
		"oms_task_finished_timestamp_seconds", "oms_task_failure_info", "oms_task_failed_timestamp_seconds",
	})
}
