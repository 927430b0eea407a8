package bench

import (
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/oms-exporter/oms_exporter/oms"
)

// emitter turns rows into const metrics.
type emitter struct {
	ch    chan<- prometheus.Metric
	descs map[string]*prometheus.Desc
}

func (e emitter) gauge(name string, value float64, labels ...string) {
	e.ch <- prometheus.MustNewConstMetric(e.descs[name], prometheus.GaugeValue, value, labels...)
}

func (e emitter) walk(err error, took time.Duration, pages int, offset time.Duration) {
	e.gauge("oms_up", number(err == nil), targetName)
	for _, reason := range oms.Reasons() {
		e.gauge("oms_scrape_failure", number(err != nil && reason == oms.Connect), targetName, string(reason))
	}
	e.gauge("oms_scrape_duration_seconds", took.Seconds(), targetName)
	e.gauge("oms_scrape_pages", float64(pages), targetName)
	e.gauge("oms_clock_offset_seconds", offset.Seconds(), targetName)
}

var states = []string{"INIT", "RUNNING", "SUSPEND", "FAILED", "FINISHED", "RELEASING", "RELEASED", "DELETED", "RUNNING_MODIFYING", "RUNNING_MERGING"}

func (e emitter) list(rows []row, total int) {
	e.gauge("oms_scrape_tasks", float64(len(rows)), targetName)
	e.gauge("oms_scrape_reported_tasks", float64(total), targetName)
	e.gauge("oms_scrape_repeated_rows", 0, targetName)
	e.gauge("oms_scrape_invalid_rows", 0, targetName)
	e.gauge("oms_scrape_age_seconds", 0, targetName)
	counts := make(map[[3]string]map[string]int)
	for i := range rows {
		kind := [3]string{rows[i].Type, rows[i].SourceEndpointType, rows[i].SinkEndpointType}
		if counts[kind] == nil {
			counts[kind] = make(map[string]int)
		}
		counts[kind][rows[i].Status]++
	}
	for kind, by := range counts {
		for _, state := range states {
			e.gauge("oms_tasks", float64(by[state]), targetName, kind[0], kind[1], kind[2], state)
		}
	}
}

func (e emitter) task(r *row) {
	id := []string{targetName, r.ID, r.Type, r.SourceEndpointType, r.SinkEndpointType}
	add := func(name string, value float64, labels ...string) {
		e.gauge("oms_task_"+name, value, slices.Concat(id, labels)...)
	}
	stamp := func(name, text string, labels ...string) {
		if at, err := time.Parse("2006-01-02T15:04:05", text); err == nil {
			add(name, float64(at.Unix()), labels...)
		}
	}
	subtask := ""
	if r.IsSubProject != nil {
		subtask = strconv.FormatBool(*r.IsSubProject)
	}
	add("info", 1, r.Name, r.Owner, r.Importance, subtask, endpointName(r.SourceConnectInfo), endpointName(r.SinkConnectInfo))
	for side, c := range map[string]*connectInfo{"source": r.SourceConnectInfo, "sink": r.SinkConnectInfo} {
		if c == nil {
			continue
		}
		cluster, tenant := "", ""
		if c.ConnExtraAttributes != nil {
			cluster, tenant = c.ConnExtraAttributes.Cluster, c.ConnExtraAttributes.Tenant
		}
		add("endpoint_info", 1, side, c.EndpointName, c.EndpointID, c.DBEngine, c.Version, c.Region, cluster, tenant)
	}
	for _, t := range r.Labels {
		add("tag_info", 1, t.ID, t.Name)
	}
	for _, state := range states {
		add("status", number(r.Status == state), state)
	}
	stamp("created_timestamp_seconds", r.GmtCreate)
	stamp("modified_timestamp_seconds", r.GmtModified)
	stamp("started_timestamp_seconds", r.GmtStart)
	stamp("finished_timestamp_seconds", r.GmtFinish)
	if x := r.ExtraInfo; x != nil {
		if x.ErrorCode != "" {
			add("failure_info", 1, x.ErrorCode)
		}
		stamp("failed_timestamp_seconds", x.FailedTime)
	}
	if r.Status != "RELEASED" && r.Status != "DELETED" {
		e.active(r, add)
		for i := range r.Steps {
			e.step(&r.Steps[i], add, stamp)
		}
		e.sync(r, add)
	}
}

func (e emitter) active(r *row, add func(string, float64, ...string)) {
	for stage, enabled := range map[string]bool{"struct_transfer": r.EnableStructTransfer, "full_transfer": r.EnableFullTransfer,
		"full_verify": r.EnableFullVerify, "incr_transfer": r.EnableIncrTransfer, "incr_verify": r.EnableIncrVerify,
		"reverse_incr_transfer": r.EnableReverseIncrTransfer} {
		if enabled {
			add("stage_enabled", 1, stage)
		}
	}
	if r.IsModifying != nil {
		add("modifying", number(*r.IsModifying))
	}
	if r.IsMerging != nil {
		add("merging", number(*r.IsMerging))
	}
	if a := r.AlarmStats; a != nil {
		if a.Alarming != nil {
			add("alarming", number(*a.Alarming))
		}
		recent := 0.0
		if a.RecentlyTriggerCount != nil {
			recent = *a.RecentlyTriggerCount
		}
		add("recent_alarms", recent)
		for rule, count := range a.RuleToRecentlyTriggerCount {
			add("recent_alarms_by_rule", count, rule)
		}
	}
	if r.EnableIncrTransfer {
		hours := 7 * 24.0
		if r.IncrTransferConfig != nil && r.IncrTransferConfig.StoreLogKeptHour != nil {
			hours = *r.IncrTransferConfig.StoreLogKeptHour
		}
		add("log_retention_seconds", hours*3600)
		add("pause_limit_seconds", 12*3600)
	}
}

func (e emitter) step(s *step, add func(string, float64, ...string), stamp func(string, string, ...string)) {
	order := ""
	if s.Order != nil {
		order = strconv.Itoa(*s.Order)
	}
	add("step_status", 1, s.Name, order, s.Status)
	if s.Progress != nil {
		add("step_progress_ratio", *s.Progress/100, s.Name)
	}
	stamp("step_started_timestamp_seconds", s.StartTime, s.Name)
	stamp("step_finished_timestamp_seconds", s.FinishTime, s.Name)
	if x := s.ExtraInfo; x != nil {
		if x.ErrorCode != "" {
			add("step_failure_info", 1, s.Name, x.ErrorCode)
		}
		stamp("step_failed_timestamp_seconds", x.FailedTime, s.Name)
	}
	i := s.StepInfo
	if i == nil {
		return
	}
	figure := func(name string, value *float64, unit float64, labels ...string) {
		if value != nil {
			add(name, *value/unit, slices.Concat([]string{s.Name}, labels)...)
		}
	}
	figure("step_processed_records", i.ProcessedRecords, 1)
	figure("step_estimated_records", i.Capacity, 1)
	if s.Status == "RUNNING" {
		figure("step_records_per_second", i.SrcRps, 1, "source")
		figure("step_records_per_second", i.DstRps, 1, "sink")
		figure("step_bytes_per_second", i.SrcIops, 1, "source")
		figure("step_bytes_per_second", i.DstIops, 1, "sink")
		figure("step_seconds_per_record", i.SrcRt, 1000, "source")
		figure("step_seconds_per_record", i.DstRt, 1000, "sink")
	}
}

// sync knows the forward direction, which is all that generated tasks have.
func (e emitter) sync(r *row, add func(string, float64, ...string)) {
	thresholds := map[string]float64{"HIGH": 60, "MEDIUM": 300, "LOW": 900}
	for i := range r.Steps {
		s := &r.Steps[i]
		if s.Name != "INCR_TRANSFER" || s.StepInfo == nil || s.StepInfo.IncrTimestampCheckpoint == nil {
			continue
		}
		checkpoint, sampled := *s.StepInfo.IncrTimestampCheckpoint, s.StepInfo.CheckpointSampleTimestamp
		add("sync_checkpoint_timestamp_seconds", checkpoint, "forward")
		if slices.Contains([]string{"INIT", "SUSPEND", "FINISHED"}, s.Status) {
			continue
		}
		if sampled != nil {
			add("sync_delay_seconds", *sampled-checkpoint, "forward")
			add("sync_delay_sample_timestamp_seconds", *sampled, "forward")
		}
		add("sync_effective_delay_seconds", max(0, float64(time.Now().Unix())-checkpoint), "forward")
		add("sync_delay_threshold_seconds", thresholds[r.Importance], "forward")
	}
}

func endpointName(c *connectInfo) string {
	if c == nil {
		return ""
	}
	return c.EndpointName
}

func number(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
