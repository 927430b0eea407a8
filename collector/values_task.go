package collector

import (
	"slices"
	"strconv"

	"github.com/oms-exporter/oms_exporter/oms"
)

// The values of the metrics of tasks.

// The sides of a task.
const (
	source = "source"
	sink   = "sink"
)

// taskStatuses are the statuses that a row is known to have. RUNNING_ALARMING is not among them: it is a filter of the
// request.
var taskStatuses = []string{"INIT", "RUNNING", "SUSPEND", "FAILED", "FINISHED", "RELEASING", "RELEASED", "DELETED",
	"RUNNING_MODIFYING", "RUNNING_MERGING"}

func isKnownStatus(status string) bool { return slices.Contains(taskStatuses, status) }

func addInfo(v *TaskView, s *samples) {
	subtask := ""
	if v.Subtask.Valid {
		subtask = strconv.FormatBool(v.Subtask.Value)
	}
	s.Add(1, v.Name, v.Owner, v.Importance, subtask, endpointName(v.Source), endpointName(v.Sink))
}

func endpointName(e *oms.Endpoint) string {
	if e == nil {
		return ""
	}
	return e.Name
}

func addEndpoints(v *TaskView, s *samples) {
	for _, side := range []struct {
		name     string
		endpoint *oms.Endpoint
	}{{source, v.Source}, {sink, v.Sink}} {
		e := side.endpoint
		if e == nil {
			continue
		}
		s.Add(1, side.name, e.Name, e.ID, e.Engine, e.Version, e.Region, e.Cluster, e.Tenant)
	}
}

func addTags(v *TaskView, s *samples) {
	for _, tag := range v.Tags {
		s.Add(1, tag.ID, tag.Name)
	}
}

func addStatus(v *TaskView, s *samples) {
	for _, status := range taskStatuses {
		s.Add(boolValue(v.Status == status), status)
	}
	if v.Status != "" && !isKnownStatus(v.Status) {
		s.Add(1, v.Status)
	}
}

func addStages(v *TaskView, s *samples) {
	for _, stage := range []struct {
		name    string
		enabled oms.Opt[bool]
	}{
		{"struct_transfer", v.StructTransfer},
		{"full_transfer", v.FullTransfer},
		{"full_verify", v.FullVerify},
		{"incr_transfer", v.IncrTransfer},
		{"incr_verify", v.IncrVerify},
		{"reverse_incr_transfer", v.ReverseIncrTransfer},
	} {
		if stage.enabled.Value {
			s.Add(1, stage.name)
		}
	}
}

func addTaskFailure(v *TaskView, s *samples) {
	if v.ExtraInfo == nil {
		return
	}
	if code := v.ExtraInfo.ErrorCode(); code != "" {
		s.Add(1, code)
	}
}

func addTaskFailed(v *TaskView, s *samples) {
	if v.ExtraInfo != nil {
		s.time(v.ExtraInfo.Time)
	}
}

// eachSync returns a function that adds samples of each direction of a task's synchronization.
func eachSync(add func(*Sync, *samples)) func(*TaskView, *samples) {
	return func(v *TaskView, s *samples) {
		for i := range v.Syncs {
			add(&v.Syncs[i], s)
		}
	}
}

func addAlarming(v *TaskView, s *samples) {
	if v.Alarms != nil {
		s.flag(v.Alarms.Alarming)
	}
}

// addRecentAlarms adds 0 if the row has alarm figures with a null count, which OMS sends for a task that never had an
// alarm. No other missing value is exported as 0. Sums need this one.
func addRecentAlarms(v *TaskView, s *samples) {
	if v.Alarms != nil {
		s.amount(v.Alarms.Recent.Or(oms.Some(0.0)))
	}
}

func addRecentByRule(v *TaskView, s *samples) {
	for _, rule := range v.Rules {
		s.amount(oms.Some(rule.Count), rule.Rule)
	}
}
