package bench

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/oms-exporter/oms_exporter/collector"
	"github.com/oms-exporter/oms_exporter/oms"
)

// baseline is a straightforward exporter: it reads page after page into structs with encoding/json and makes a const
// metric of each sample, for a registry and promhttp. Its series are those of the exporter for a healthy OMS. It is the
// yardstick of docs/cost.md.
type baseline struct {
	url   string
	descs map[string]*prometheus.Desc
}

func newBaseline(url string) http.Handler {
	b := &baseline{url: url, descs: make(map[string]*prometheus.Desc)}
	for _, m := range collector.NewMetrics(collector.AllCollectors).List() {
		b.descs[m.Name] = m.Desc
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(b)
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{EnableOpenMetrics: true})
}

func (b *baseline) Describe(ch chan<- *prometheus.Desc) {
	for _, desc := range b.descs {
		ch <- desc
	}
}

func (b *baseline) Collect(ch chan<- prometheus.Metric) {
	start := time.Now()
	e := emitter{ch, b.descs}
	rows, pages, total, offset, err := b.walk()
	e.gauge("oms_up", number(err == nil), targetName)
	for _, reason := range oms.Reasons() {
		e.gauge("oms_scrape_failure", number(err != nil && reason == oms.Connect), targetName, string(reason))
	}
	e.gauge("oms_scrape_duration_seconds", time.Since(start).Seconds(), targetName)
	e.gauge("oms_scrape_pages", float64(pages), targetName)
	e.gauge("oms_clock_offset_seconds", offset.Seconds(), targetName)
	e.gauge("oms_auth_held", 0, targetName)
	if err != nil {
		return
	}
	e.gauge("oms_scrape_tasks", float64(len(rows)), targetName)
	e.gauge("oms_scrape_reported_tasks", float64(total), targetName)
	e.gauge("oms_scrape_repeated_rows", 0, targetName)
	e.gauge("oms_scrape_invalid_rows", 0, targetName)
	e.gauge("oms_scrape_age_seconds", 0, targetName)
	counts := make(map[[3]string]map[string]int)
	for i := range rows {
		e.task(&rows[i])
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

// walk reads page after page until one is not full.
func (b *baseline) walk() (rows []row, pages, total int, offset time.Duration, err error) {
	const size = 150
	for {
		var page answer
		if page, offset, err = b.page(pages+1, size); err != nil {
			return nil, pages, 0, 0, err
		}
		pages++
		rows, total = append(rows, page.Data...), page.TotalCount
		if len(page.Data) < size {
			return rows, pages, total, offset, nil
		}
	}
}

func (b *baseline) page(number, size int) (page answer, offset time.Duration, err error) {
	body := fmt.Sprintf(`{"sortField":"gmtCreate","order":"asc","pageNumber":%d,"pageSize":%d}`, number, size)
	sent := time.Now()
	res, err := http.Post(b.url+"/api/v2?Action=ListProjects", "application/json", strings.NewReader(body)) //nolint:noctx // straightforward
	if err != nil {
		return page, 0, err
	}
	defer func() { _ = res.Body.Close() }()
	if date, err := http.ParseTime(res.Header.Get("Date")); err == nil {
		offset = date.Sub(sent)
	}
	if err = json.NewDecoder(res.Body).Decode(&page); err == nil && !page.Success {
		err = errors.New("OMS returned an error")
	}
	return page, offset, err
}

// The answer of ListProjects. encoding/json finds members whatever the case of their keys.
type (
	answer struct {
		Success    bool
		TotalCount int
		Data       []row
	}
	row struct {
		ID, Type, Name, Owner, Importance, Status, GmtCreate, GmtModified, GmtStart, GmtFinish string
		SourceEndpointType, SinkEndpointType                                                   string

		Labels                                                          []struct{ ID, Name string }
		IsMerging, IsModifying, IsSubProject                            *bool
		EnableStructTransfer, EnableFullTransfer, EnableFullVerify      bool
		EnableIncrTransfer, EnableIncrVerify, EnableReverseIncrTransfer bool
		IncrTransferConfig                                              *struct{ StoreLogKeptHour *float64 }
		SourceConnectInfo, SinkConnectInfo                              *connectInfo
		Steps                                                           []step
		ExtraInfo                                                       *failure
		AlarmStats                                                      *alarmStats
	}
	connectInfo struct {
		EndpointName, EndpointID, DBEngine, Version, Region string
		ConnExtraAttributes                                 *struct{ Cluster, Tenant string }
	}
	step struct {
		Order                               *int
		Name, Status, StartTime, FinishTime string
		ExtraInfo                           *failure
		Progress                            *float64
		StepInfo                            *stepInfo
	}
	stepInfo struct {
		ProcessedRecords, Capacity, SrcRps, SrcRt, SrcIops, DstRps, DstRt, DstIops *float64
		IncrTimestampCheckpoint, CheckpointSampleTimestamp                         *float64
	}
	failure    struct{ ErrorCode, FailedTime string }
	alarmStats struct {
		Alarming                   *bool
		RecentlyTriggerCount       float64
		RuleToRecentlyTriggerCount map[string]float64
	}
)

var states = []string{"INIT", "RUNNING", "SUSPEND", "FAILED", "FINISHED", "RELEASING", "RELEASED", "DELETED",
	"RUNNING_MODIFYING", "RUNNING_MERGING"}

// emitter turns rows into const metrics.
type emitter struct {
	ch    chan<- prometheus.Metric
	descs map[string]*prometheus.Desc
}

func (e emitter) gauge(name string, value float64, labels ...string) {
	e.ch <- prometheus.MustNewConstMetric(e.descs[name], prometheus.GaugeValue, value, labels...)
}

func (e emitter) task(r *row) {
	id := []string{targetName, r.ID, r.Type, r.SourceEndpointType, r.SinkEndpointType}
	add := func(name string, value float64, labels ...string) {
		e.gauge("oms_task_"+name, value, slices.Concat(id, labels)...)
	}
	flag := func(name string, value *bool, labels ...string) {
		if value != nil {
			add(name, number(*value), labels...)
		}
	}
	stamp := func(name, text string, labels ...string) {
		if at, err := time.Parse("2006-01-02T15:04:05", text); err == nil {
			add(name, float64(at.Unix()), labels...)
		}
	}
	failed := func(of string, f *failure, labels ...string) {
		if f != nil && f.ErrorCode != "" {
			add(of+"failure_info", 1, append(labels, f.ErrorCode)...)
			stamp(of+"failed_timestamp_seconds", f.FailedTime, labels...)
		}
	}
	source, sink, subtask := endpoint(r.SourceConnectInfo), endpoint(r.SinkConnectInfo), ""
	if r.IsSubProject != nil {
		subtask = strconv.FormatBool(*r.IsSubProject)
	}
	add("info", 1, r.Name, r.Owner, r.Importance, subtask, source[0], sink[0])
	add("endpoint_info", 1, slices.Concat([]string{"source"}, source)...)
	add("endpoint_info", 1, slices.Concat([]string{"sink"}, sink)...)
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
	failed("", r.ExtraInfo)
	if r.Status == "RELEASED" || r.Status == "DELETED" {
		return
	}
	for stage, enabled := range map[string]bool{
		"struct_transfer": r.EnableStructTransfer, "full_transfer": r.EnableFullTransfer, "full_verify": r.EnableFullVerify,
		"incr_transfer": r.EnableIncrTransfer, "incr_verify": r.EnableIncrVerify, "reverse_incr_transfer": r.EnableReverseIncrTransfer,
	} {
		if enabled {
			add("stage_enabled", 1, stage)
		}
	}
	flag("modifying", r.IsModifying)
	flag("merging", r.IsMerging)
	if a := r.AlarmStats; a != nil {
		flag("alarming", a.Alarming)
		add("recent_alarms", a.RecentlyTriggerCount)
		for rule, count := range a.RuleToRecentlyTriggerCount {
			add("recent_alarms_by_rule", count, rule)
		}
	}
	if r.EnableIncrTransfer {
		hours := 7 * 24.0
		if c := r.IncrTransferConfig; c != nil && c.StoreLogKeptHour != nil {
			hours = *c.StoreLogKeptHour
		}
		add("log_retention_seconds", hours*3600)
		add("pause_limit_seconds", 12*3600)
	}
	for i := range r.Steps {
		s := &r.Steps[i]
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
		failed("step_", s.ExtraInfo, s.Name)
		i := s.StepInfo
		if i == nil {
			continue
		}
		for _, f := range []struct {
			metric, side string
			value        *float64
			unit         float64
		}{
			{"processed_records", "", i.ProcessedRecords, 1}, {"estimated_records", "", i.Capacity, 1},
			{"records_per_second", "source", i.SrcRps, 1}, {"records_per_second", "sink", i.DstRps, 1},
			{"bytes_per_second", "source", i.SrcIops, 1}, {"bytes_per_second", "sink", i.DstIops, 1},
			{"seconds_per_record", "source", i.SrcRt, 1000}, {"seconds_per_record", "sink", i.DstRt, 1000},
		} {
			switch {
			case f.value == nil:
			case f.side == "":
				add("step_"+f.metric, *f.value/f.unit, s.Name)
			case s.Status == "RUNNING":
				add("step_"+f.metric, *f.value/f.unit, s.Name, f.side)
			}
		}
		if s.Name != "INCR_TRANSFER" || i.IncrTimestampCheckpoint == nil { // the generated tasks have no other direction
			continue
		}
		checkpoint := *i.IncrTimestampCheckpoint
		add("sync_checkpoint_timestamp_seconds", checkpoint, "forward")
		if slices.Contains([]string{"INIT", "SUSPEND", "FINISHED"}, s.Status) {
			continue
		}
		if i.CheckpointSampleTimestamp != nil {
			add("sync_delay_seconds", *i.CheckpointSampleTimestamp-checkpoint, "forward")
			add("sync_delay_sample_timestamp_seconds", *i.CheckpointSampleTimestamp, "forward")
		}
		add("sync_effective_delay_seconds", max(0, float64(time.Now().Unix())-checkpoint), "forward")
		threshold := map[string]float64{"HIGH": 60, "MEDIUM": 300, "LOW": 900}[r.Importance]
		add("sync_delay_threshold_seconds", threshold, "forward")
	}
}

// endpoint returns the labels of an endpoint.
func endpoint(c *connectInfo) []string {
	cluster, tenant := "", ""
	if c.ConnExtraAttributes != nil {
		cluster, tenant = c.ConnExtraAttributes.Cluster, c.ConnExtraAttributes.Tenant
	}
	return []string{c.EndpointName, c.EndpointID, c.DBEngine, c.Version, c.Region, cluster, tenant}
}

func number(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
