package simulator

import (
	"slices"
	"time"
)

// task is everything a row tells. Zero times are null.
type task struct {
	id, kind, name, owner string
	importance, status    string
	labels                []label
	emptyLabels           bool // [] instead of null where there are none

	created, modified, started, finished time.Time

	merging, modifying, subtask bool
	source, sink                endpoint
	stages                      stages
	steps                       []step
	nullSteps                   bool
	failure                     *failure
	shape                       ExtraShape // of extraInfo; ExtraAsStory: null, or the failure
	alarms                      alarms
	logHours                    int // storeLogKeptHour of a filled incrTransferConfig
	mapping                     any // transferMapping
}

type label struct{ id, name string }

// stages are the enabled parts of a task, as the enable... members of a row state them. They are no steps.
type stages struct{ structure, full, fullVerify, incr, incrVerify, reverse bool }

// alarms are what alarmStats tells: counts by rule. None at all: not alarming, counts null.
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

	checkpoint, sample time.Time // of an incremental step that runs or ran
}

// failure is the error members of an extraInfo. Of a step that failed and was resumed only the time is set.
type failure struct {
	code, message string
	details       array
	at            time.Time
}

// present reports whether the failure lasts: one that is over has only its time.
func (f *failure) present() bool { return f != nil && (f.code != "" || f.message != "") }

func (f *failure) object() object {
	if f == nil {
		return object{m("errorDetails", nil), m("errorCode", nil), m("errorMsg", nil), spare("errorParam", nil), m("failedTime", nil)}
	}
	details, param := any(nil), any(nil)
	if f.details != nil {
		details = f.details
	}
	if f.present() {
		param = object{}
	}
	return object{m("errorDetails", details), m("errorCode", textOrNull(f.code)), m("errorMsg", textOrNull(f.message)),
		spare("errorParam", param), m("failedTime", millisOrNull(f.at))}
}

// object is the row, with its members in the order an OMS sends them.
func (t *task) object(shape ExtraShape) object {
	incr := any(nil)
	if t.logHours > 0 {
		incr = object{spare("startTimestamp", nil), spare("recordTypeWhiteList", array{"INSERT", "UPDATE", "DELETE"}), m("storeLogKeptHour", t.logHours)}
	}
	return object{
		m("id", t.id), m("type", t.kind), m("name", t.name), m("labels", t.labelsValue()), m("owner", textOrNull(t.owner)),
		m("importance", textOrNull(t.importance)), m("status", t.status),
		m("gmtCreate", timeOrNull(t.created)), m("gmtModified", timeOrNull(t.modified)),
		m("gmtStart", timeOrNull(t.started)), m("gmtFinish", timeOrNull(t.finished)), spare("destConnId", nil),
		m("isMerging", t.merging), m("isModifying", t.modifying), m("isSubProject", t.subtask),
		m("sourceEndpointType", t.source.kind), m("sinkEndpointType", t.sink.kind),
		spare("transferMapping", t.mapping), spare("commonTransferConfig", nil),
		m("enableStructTransfer", t.stages.structure), spare("structTransferConfig", nil),
		m("enableFullTransfer", t.stages.full), m("enableFullVerify", t.stages.fullVerify), spare("fullTransferConfig", nil),
		m("enableIncrTransfer", t.stages.incr), m("enableIncrVerify", t.stages.incrVerify),
		m("enableReverseIncrTransfer", t.stages.reverse), m("incrTransferConfig", incr),
		m("sourceConnectInfo", t.source.object()), m("sinkConnectInfo", t.sink.object()),
		m("steps", t.stepsValue()), m("extraInfo", t.extraInfo(shape)), m("alarmStats", t.alarms.object()),
	}
}

func (t *task) labelsValue() any {
	if len(t.labels) == 0 && !t.emptyLabels {
		return nil
	}
	values := array{}
	for _, l := range t.labels {
		values = append(values, object{m("id", l.id), m("name", l.name)})
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
	return object{m("order", order), m("name", s.name), spare("description", describe(s.name)), m("status", s.status), m("extraInfo", extra),
		m("startTime", timeOrNull(s.started)), m("finishTime", timeOrNull(s.finished)), m("progress", s.progress), m("stepInfo", s.info)}
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

// figures is extraInfo in the documented shape. The times and the delay are those of the forward step.
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
		spare("runningStep", running), spare("runningProgress", progress), spare("monitoringIncr", sample != nil),
		spare("subtopics", array{t.source.kind + "_" + t.id + "-1-0"}), spare("reverseSubtopics", nil), spare("logServiceStartCheckpoint", since),
		m("sourceStoreKeptHour", hours), m("syncDelay", delay), m("syncDelaySampleTimestamp", sample),
		spare("accessObSource", true), spare("overwriteConfig", true), spare("ignoreUnsupportDdl", true),
		spare("subDbs", nil), spare("subConds", nil), spare("subIds", nil), spare("maxConnectorCount", -1), spare("storeIncr", true),
		m("incrSyncTimestamp", checkpoint),
	}
}

func (a *alarms) object() object {
	if len(a.rules) == 0 {
		return object{spare("target", nil), m("alarming", false), m("recentlyTriggerCount", nil), m("ruleToRecentlyTriggerCount", nil), m("alarmContent", nil)}
	}
	total, byRule := 0, dict{}
	for _, r := range a.rules {
		total += r.count
		byRule = append(byRule, m(r.name, r.count))
	}
	return object{spare("target", nil), m("alarming", true), m("recentlyTriggerCount", total), m("ruleToRecentlyTriggerCount", byRule),
		m("alarmContent", a.text)}
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

// timeOrNull spells times as OMS does: UTC, without a zone.
func timeOrNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format("2006-01-02T15:04:05")
}

// millisOrNull spells a time with milliseconds, as OMS does for failures.
func millisOrNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format("2006-01-02T15:04:05.000")
}
