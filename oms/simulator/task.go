package simulator

import (
	"slices"
	"time"
)

// task has all members of a row. A zero time is null.
type task struct {
	id, kind, name, owner string
	importance, status    string
	labels                []label
	emptyLabels           bool // [] in place of null

	created, modified, started, finished time.Time

	merging, modifying, subtask bool
	source, sink                endpoint
	enabled                     enabledParts
	steps                       []step
	nullSteps                   bool
	failure                     *failure
	shape                       ExtraShape // of extraInfo; ExtraAsStory: null or the failure
	alarms                      alarms
	logHours                    int // storeLogKeptHour in incrTransferConfig
	mapping                     any // transferMapping
}

type label struct{ id, name string }

// enabledParts are the enabled parts of a task, in the enable... members of its row. They are not steps.
type enabledParts struct{ structure, full, fullVerify, incr, incrVerify, reverse bool }

// alarms has the alarmStats of a task: counts by rule. Without rules the task is not alarming and the counts are null.
type alarms struct {
	rules []rule
	text  string
}

type rule struct {
	name  string
	count int
}

// step is one step of a task.
type step struct {
	order             int // 0: null
	name, status      string
	failure           *failure
	bareExtra         bool // extraInfo is {}
	started, finished time.Time
	progress          any
	info              any // stepInfo: nil or object

	checkpoint, sample time.Time // of an incremental step that has begun
}

// failure has the error members of extraInfo. For a step that failed and was resumed, only the time is set.
type failure struct {
	code, message string
	details       array
	at            time.Time
}

// present reports whether the failure lasts. A past failure has only its time.
func (f *failure) present() bool { return f != nil && (f.code != "" || f.message != "") }

func (f *failure) object() object {
	if f == nil {
		return object{member("errorDetails", nil), member("errorCode", nil), member("errorMsg", nil),
			unusedMember("errorParam", nil), member("failedTime", nil)}
	}
	details, param := any(nil), any(nil)
	if f.details != nil {
		details = f.details
	}
	if f.present() {
		param = object{}
	}
	return object{member("errorDetails", details), member("errorCode", textOrNull(f.code)),
		member("errorMsg", textOrNull(f.message)),
		unusedMember("errorParam", param), member("failedTime", millisOrNull(f.at))}
}

// object returns the row, with its members in the order of OMS.
func (t *task) object(shape ExtraShape) object {
	incr := any(nil)
	if t.logHours > 0 {
		incr = object{unusedMember("startTimestamp", nil),
			unusedMember("recordTypeWhiteList", array{"INSERT", "UPDATE", "DELETE"}),
			member("storeLogKeptHour", t.logHours)}
	}
	return object{
		member("id", t.id), member("type", t.kind), member("name", t.name), member("labels", t.labelsValue()),
		member("owner", textOrNull(t.owner)), member("importance", textOrNull(t.importance)),
		member("status", t.status), member("gmtCreate", timeOrNull(t.created)),
		member("gmtModified", timeOrNull(t.modified)), member("gmtStart", timeOrNull(t.started)),
		member("gmtFinish", timeOrNull(t.finished)), unusedMember("destConnId", nil), member("isMerging", t.merging),
		member("isModifying", t.modifying), member("isSubProject", t.subtask),
		member("sourceEndpointType", t.source.kind), member("sinkEndpointType", t.sink.kind),
		unusedMember("transferMapping", t.mapping), unusedMember("commonTransferConfig", nil),
		member("enableStructTransfer", t.enabled.structure), unusedMember("structTransferConfig", nil),
		member("enableFullTransfer", t.enabled.full), member("enableFullVerify", t.enabled.fullVerify),
		unusedMember("fullTransferConfig", nil), member("enableIncrTransfer", t.enabled.incr),
		member("enableIncrVerify", t.enabled.incrVerify), member("enableReverseIncrTransfer", t.enabled.reverse),
		member("incrTransferConfig", incr), member("sourceConnectInfo", t.source.object()),
		member("sinkConnectInfo", t.sink.object()), member("steps", t.stepsValue()),
		member("extraInfo", t.extraInfo(shape)), member("alarmStats", t.alarms.object()),
	}
}

func (t *task) labelsValue() any {
	if len(t.labels) == 0 && !t.emptyLabels {
		return nil
	}
	values := array{}
	for _, l := range t.labels {
		values = append(values, object{member("id", l.id), member("name", l.name)})
	}
	return values
}

func (t *task) stepsValue() any {
	if t.nullSteps {
		return nil
	}
	values := array{}
	for i := range t.steps {
		values = append(values, t.steps[i].object())
	}
	return values
}

func (s *step) object() object {
	extra := s.failure.object()
	if s.bareExtra {
		extra = object{}
	}
	order := any(s.order)
	if s.order == 0 {
		order = nil
	}
	return object{member("order", order), member("name", s.name), unusedMember("description", s.name),
		member("status", s.status), member("extraInfo", extra), member("startTime", timeOrNull(s.started)),
		member("finishTime", timeOrNull(s.finished)), member("progress", s.progress), member("stepInfo", s.info)}
}

func (t *task) extraInfo(forced ExtraShape) any {
	shape := t.shape
	if forced != ExtraAsStory {
		shape = forced
	}
	switch {
	case shape == ExtraFigures:
		return t.figures()
	case shape == ExtraErrors, shape == ExtraAsStory && t.failure != nil:
		return t.failure.object()
	}
	return nil
}

// figures returns extraInfo in the documented shape, with the times and the delay of the forward step.
func (t *task) figures() object {
	delay, sample, checkpoint, since := any(nil), any(nil), any(nil), any(nil)
	running, progress := any(nil), any(nil)
	for i := range t.steps {
		s := &t.steps[i]
		if s.status == "RUNNING" || s.status == "MONITORING" {
			running, progress = s.name, s.progress
		}
		if !s.sample.IsZero() && slices.Contains(forwardSteps, s.name) {
			delay = s.sample.Unix() - s.checkpoint.Unix()
			sample, checkpoint, since = s.sample.Unix(), s.checkpoint.Unix(), s.started.Unix()
		}
	}
	hours := t.logHours
	if hours == 0 {
		hours = 168
	}
	return object{
		unusedMember("runningStep", running), unusedMember("runningProgress", progress),
		unusedMember("monitoringIncr", sample != nil),
		unusedMember("subtopics", array{t.source.kind + "_" + t.id + "-1-0"}), unusedMember("reverseSubtopics", nil),
		unusedMember("logServiceStartCheckpoint", since), member("sourceStoreKeptHour", hours),
		member("syncDelay", delay), member("syncDelaySampleTimestamp", sample), unusedMember("accessObSource", true),
		unusedMember("overwriteConfig", true), unusedMember("ignoreUnsupportDdl", true), unusedMember("subDbs", nil),
		unusedMember("subConds", nil), unusedMember("subIds", nil), unusedMember("maxConnectorCount", -1),
		unusedMember("storeIncr", true), member("incrSyncTimestamp", checkpoint),
	}
}

func (a *alarms) object() object {
	if len(a.rules) == 0 {
		return object{unusedMember("target", nil), member("alarming", false), member("recentlyTriggerCount", nil),
			member("ruleToRecentlyTriggerCount", nil), member("alarmContent", nil)}
	}
	total, byRule := 0, dict{}
	for _, r := range a.rules {
		total += r.count
		byRule = append(byRule, member(r.name, r.count))
	}
	return object{unusedMember("target", nil), member("alarming", true), member("recentlyTriggerCount", total),
		member("ruleToRecentlyTriggerCount", byRule),
		member("alarmContent", a.text)}
}

func (t *task) row() Row {
	r := Row{ID: t.id, Name: t.name, Type: t.kind, Status: t.status, Owner: t.owner, Importance: t.importance,
		SourceType: t.source.kind, SinkType: t.sink.kind, Alarming: len(t.alarms.rules) > 0,
		Modifying: t.modifying, Merging: t.merging, Subtask: t.subtask, Created: t.created, Modified: t.modified}
	for _, l := range t.labels {
		r.LabelIDs = append(r.LabelIDs, l.id)
	}
	return r
}

func textOrNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// timeOrNull formats times like OMS: UTC, without a zone.
func timeOrNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format("2006-01-02T15:04:05")
}

// millisOrNull formats a time with milliseconds, like the times of failures in OMS.
func millisOrNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format("2006-01-02T15:04:05.000")
}
