//go:build slow

package boards

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// fleet returns an exporter of an OMS with a number of active tasks.
func fleet(tasks int) http.Handler {
	started := time.Now()
	return http.HandlerFunc(func(response http.ResponseWriter, _ *http.Request) {
		e := fleetExposition{started: started, now: time.Now()}
		e.sample("oms_up", "", 1)
		e.sample("oms_scrape_age_seconds", "", 0)
		e.sample("oms_clock_offset_seconds", "", 0.2)
		e.sample("oms_scrape_tasks", "", float64(tasks))
		e.sample("oms_scrape_reported_tasks", "", float64(tasks))
		for reason := range strings.FieldsSeq("connect tls timeout auth http api decode limit") {
			e.sample("oms_scrape_failure", fmt.Sprintf(`,reason=%q`, reason), 0)
		}
		for i := range tasks {
			e.task(i)
		}
		_, _ = response.Write(e.text.Bytes())
	})
}

// taskKind is a kind of task in the fleet.
type taskKind struct {
	status string
	steps  string // the status of each step, in the order of stepNames
	late   bool   // its delay grows, and OMS raises an alarm
}

var stepNames = strings.Fields("TRANSFER_PRECHECK STRUCT_TRANSFER TRANSFER_INCR_LOG_PULL FULL_TRANSFER INDEX_TRANSFER" +
	" INCR_TRANSFER FULL_VERIFIER TRANSFER_APP_SWITCH REVERSE_INCR_TRANSFER")

var (
	synchronizing = &taskKind{"RUNNING", "FINISHED FINISHED FINISHED FINISHED FINISHED MONITORING FINISHED RUNNING INIT", false}
	transferring  = &taskKind{"RUNNING", "FINISHED FINISHED MONITORING RUNNING RUNNING INIT INIT INIT INIT", false}
	switchedOver  = &taskKind{"RUNNING", "FINISHED FINISHED FINISHED FINISHED FINISHED SUSPEND FINISHED FINISHED MONITORING", false}
	catchingUp    = &taskKind{"RUNNING", "FINISHED FINISHED FINISHED FINISHED FINISHED RUNNING INIT INIT INIT", false}
	late          = &taskKind{synchronizing.status, synchronizing.steps, true}
	failed        = &taskKind{"FAILED", "FINISHED FINISHED MONITORING FAILED INIT INIT INIT INIT INIT", false}
	paused        = &taskKind{"SUSPEND", "FINISHED FINISHED FINISHED FINISHED FINISHED SUSPEND INIT INIT INIT", false}
)

// kindOf returns the kind of task number i.
func kindOf(i int) *taskKind {
	switch n := i % 100; {
	case n < 68:
		return synchronizing
	case n < 83:
		return transferring
	case n < 93:
		return switchedOver
	case n < 97:
		return catchingUp
	case n == 97:
		return late
	case n == 98:
		return failed
	default:
		return paused
	}
}

// fleetExposition is the response to one scrape.
type fleetExposition struct {
	text         bytes.Buffer
	started, now time.Time
	identity     string // labels of the task whose samples follow
}

func (e *fleetExposition) sample(name, labels string, value float64) {
	fmt.Fprintf(&e.text, "%s{oms=\"prod\"%s%s} %g\n", name, e.identity, labels, value)
}

func (e *fleetExposition) task(i int) {
	kind := kindOf(i)
	e.identity = fmt.Sprintf(`,task_id="np_%08d",type="MIGRATION",source_type="MYSQL",sink_type="OB_MYSQL"`, i)
	importance := strings.Fields("LOW MEDIUM HIGH IGNORE")[i/7%4]
	e.sample("oms_task_info", fmt.Sprintf(
		`,name="orders_%d",owner="dba_%d",importance=%q,subtask="false",source="src",sink="dst"`, i, i%20, importance), 1)
	for s := range strings.FieldsSeq("INIT RUNNING SUSPEND FAILED FINISHED RELEASING RELEASED DELETED RUNNING_MODIFYING RUNNING_MERGING") {
		e.sample("oms_task_status", fmt.Sprintf(`,status=%q`, s), boolValue(s == kind.status))
	}
	e.sample("oms_task_modifying", "", 0)
	e.sample("oms_task_merging", "", 0)
	e.sample("oms_task_alarming", "", boolValue(kind.late))
	e.sample("oms_task_started_timestamp_seconds", "", unixSeconds(e.started)-86400)
	e.sample("oms_task_log_retention_seconds", "", 7*86400)
	e.sample("oms_task_pause_limit_seconds", "", 12*3600)
	e.steps(kind)
	e.sync(kind)
	e.identity = ""
}

func (e *fleetExposition) steps(kind *taskKind) {
	moved := e.now.Sub(e.started).Seconds()
	for i, status := range strings.Fields(kind.steps) {
		name := stepNames[i]
		step := fmt.Sprintf(`,step=%q`, name)
		e.sample("oms_task_step_status", fmt.Sprintf(`%s,order="%d",status=%q`, step, i+1, status), 1)
		progress := 0.0
		switch {
		case status == "FINISHED" || status == "MONITORING":
			progress = 1
		case status == "RUNNING" && name != "TRANSFER_APP_SWITCH":
			progress = 0.3 + moved/1e5
		}
		e.sample("oms_task_step_progress_ratio", step, progress)
		if status != "INIT" {
			e.sample("oms_task_step_started_timestamp_seconds", step, unixSeconds(e.started)-7200)
		}
		if name == "FULL_TRANSFER" || name == "FULL_VERIFIER" {
			e.sample("oms_task_step_processed_records", step, 1000*moved)
		}
	}
}

func (e *fleetExposition) sync(kind *taskKind) {
	const checkpoint = "oms_task_sync_checkpoint_timestamp_seconds"
	direction, delay := `,direction="forward"`, 5.0
	switch kind {
	case transferring, failed:
		return
	case paused:
		e.sample(checkpoint, direction, unixSeconds(e.started)-3600)
		return
	case switchedOver:
		e.sample(checkpoint, direction, unixSeconds(e.started)-86400)
		direction = `,direction="reverse"`
	case catchingUp:
		delay = 20_000 - 2*e.now.Sub(e.started).Seconds()
	case late:
		delay = e.now.Sub(e.started).Seconds()
	}
	e.sample(checkpoint, direction, unixSeconds(e.now)-delay)
	e.sample("oms_task_sync_delay_sample_timestamp_seconds", direction, unixSeconds(e.now)-3)
	e.sample("oms_task_sync_delay_seconds", direction, delay-3)
	e.sample("oms_task_sync_effective_delay_seconds", direction, delay)
	e.sample("oms_task_sync_delay_threshold_seconds", direction, 300)
}

func boolValue(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func unixSeconds(at time.Time) float64 { return float64(at.UnixMilli()) / 1000 }
