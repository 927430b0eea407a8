package page

import (
	"slices"
	"time"

	"github.com/oms-exporter/oms_exporter/collector"
	"github.com/oms-exporter/oms_exporter/oms"
)

// Limits of lists from an OMS.
const (
	tagsLimit    = 12
	detailsLimit = 5
	rulesLimit   = 12
)

// textBudget limits the details of failures on one page, in bytes: 50 tasks with details of the largest size would make
// a page of 10 MB.
const textBudget = 128 << 10

// row is a task on a page.
type row struct {
	Name, ID, Type, Source, Sink Text
	Owner, Importance            Text
	Tags                         []Text
	Status                       Text
	Tone                         string
	Marks                        []string // further states of the task
	Pause                        string   // time left in which OMS can resume a paused task, unless Troubles has it
	Troubles                     []string // the reasons for attention that the status and the steps do not show
	Class                        string   // critical or warning, if the task needs attention
	Steps                        []step
	Idle                         string // the reason for having no Steps
	Delays                       []delay
	Times                        []event
	Failures                     []failure
	Alarm                        *alarm
}

// event is a time in the life of a task.
type event struct {
	Text string
	Moment
}

// failure is what OMS reports about a failed step or task.
type failure struct {
	Of      Text // the step; empty for the task itself
	At      Moment
	Code    Text
	Message Text
	Details []detail
	More    int // details that the page omits
}

type detail struct{ Code, Level, Message, Reason, Proposal Text }

// alarm is what OMS reports about its own alarms.
type alarm struct {
	Content Text
	Rules   []Text
}

func newRow(a *assessment) row {
	status := collector.StatusOf(a.Task)
	r := row{
		Name: nameText(a.Name), ID: nameText(a.ID), Type: nameText(a.code(a.Type)),
		Source: nameText(a.SourceType), Sink: nameText(a.SinkType),
		Owner: nameText(a.Owner), Importance: nameText(a.code(a.Importance)),
		Status: nameText(a.code(status)), Tone: toneOf(status), Marks: a.marks(),
		Steps: a.currentSteps(a.TaskView), Delays: a.delays,
		Times: a.events(), Failures: a.failures(),
	}
	if r.Name.Value == "" {
		r.Name = r.ID
	}
	for _, tag := range a.Tags[:min(len(a.Tags), tagsLimit)] {
		r.Tags = append(r.Tags, nameText(tag.Name))
	}
	switch worst := a.worst(); {
	case worst <= stepFailed:
		r.Class = "critical"
	case worst < healthy:
		r.Class = "warning"
	}
	if len(r.Steps) == 0 {
		r.Idle = a.idle(a.TaskView)
	}
	if !slices.Contains(a.troubles, pausedLong) {
		r.Pause = a.pause()
	}
	if isAlarming(a.TaskView) {
		r.Alarm = a.alarm()
	}
	for _, s := range a.troubles {
		if s != alarming || r.Alarm == nil {
			r.Troubles = append(r.Troubles, a.describe(s)...)
		}
	}
	return r
}

// marks returns the states of a task that its status does not have.
func (a *assessment) marks() []string {
	var marks []string
	if a.Modifying.Value && a.Status != "RUNNING_MODIFYING" {
		marks = append(marks, a.text("modifying"))
	}
	if a.Merging.Value && a.Status != "RUNNING_MERGING" {
		marks = append(marks, a.text("merging"))
	}
	if a.Subtask.Value {
		marks = append(marks, a.text("subtask"))
	}
	return marks
}

// pause returns the time left in which OMS can resume a paused task. The pause may have begun before the first walk
// that found it. The text is empty for a task that is not paused, or whose pause has no limit.
func (a *assessment) pause() string {
	limit := seconds(a.PauseLimit.Value)
	switch paused := pausedFor(a.TaskView, a.now); {
	case paused < 0:
		return ""
	case paused < limit:
		return a.text("paused for at least %s; at most %s left to resume", a.duration(paused), a.duration(limit-paused))
	default:
		return a.text("paused for at least %s; OMS can probably not resume a task after %s",
			a.duration(paused), a.duration(limit))
	}
}

// describe returns texts about a trouble that neither the status nor a step shows.
func (a *assessment) describe(s severity) []string {
	var texts []string
	switch s {
	case late, stale:
		for i := range a.delays {
			d := &a.delays[i]
			if s == late && d.Late {
				texts = append(texts, d.labelled(a.text("late: %s behind, %s allowed", d.Behind(), d.Allowed())))
			}
			if s == stale && d.Stale {
				texts = append(texts, d.labelled(a.text("delay not measured for %s", d.Sampled.age())))
			}
		}
	case pausedLong:
		texts = append(texts, a.pause())
	case alarming:
		texts = append(texts, a.text("OMS alarm"))
	}
	return texts
}

// events returns the times that show the age of a task and its last change.
func (a *assessment) events() []event {
	var all []event
	add := func(at time.Time, message string) {
		if !at.IsZero() {
			moment := a.omsPrinter.moment(at)
			all = append(all, event{Text: a.text(message, moment.Ago()), Moment: moment})
		}
	}
	if a.Status == "FAILED" {
		add(a.failedTime(), "failed %s")
	}
	if a.Ended || a.Status == "FINISHED" {
		add(a.Finished, "finished %s")
	}
	add(a.Started, "started %s")
	if a.Started.IsZero() {
		add(a.Created, "created %s")
	}
	return all
}

// failedTime returns when a task failed. If the task has no time, it returns the time of the first failed step.
func (a *assessment) failedTime() time.Time {
	var at time.Time
	if a.ExtraInfo != nil {
		at = a.ExtraInfo.Time
	}
	for _, s := range a.Steps {
		if at.IsZero() && s.Status == "FAILED" && s.Failure != nil {
			at = s.Failure.Time
		}
	}
	return at
}

// failures returns the present failures of a task and its steps. A failedTime without an error code is a past failure,
// unless the task or the step is FAILED. A step that is FINISHED has recovered from its failure.
func (a *assessment) failures() []failure {
	var all []failure
	if a.ExtraInfo != nil && (a.Status == "FAILED" || a.ExtraInfo.ErrorCode() != "") {
		if f, ok := a.omsPrinter.newFailure("", &a.ExtraInfo.Failure); ok {
			all = append(all, f)
		}
	}
	for _, s := range a.Steps {
		if s.Failure == nil || s.Status == "FINISHED" || s.Status != "FAILED" && s.Failure.ErrorCode() == "" {
			continue
		}
		if f, ok := a.omsPrinter.newFailure(s.Name, s.Failure); ok && len(all) < stepsLimit {
			all = append(all, f)
		}
	}
	return all
}

// limitDetails removes details of failures beyond budget bytes, and returns the rest of the budget.
func (r *row) limitDetails(budget int) int {
	for i := range r.Failures {
		f := &r.Failures[i]
		for j, d := range f.Details {
			size := len(d.Code.Value) + len(d.Level.Value) + len(d.Message.Value) + len(d.Reason.Value) +
				len(d.Proposal.Value)
			if size > budget {
				f.More += len(f.Details) - j
				f.Details = f.Details[:j]
				break
			}
			budget -= size
		}
	}
	return budget
}

// newFailure returns false if the failure has nothing to show.
func (p printer) newFailure(step string, f *oms.Failure) (failure, bool) {
	shown := failure{
		Of: nameText(p.code(step)), At: p.moment(f.Time), Code: nameText(f.ErrorCode()),
		Message: messageText(f.Message),
	}
	shown.More = max(len(f.Details)-detailsLimit, 0)
	for i := range f.Details[:len(f.Details)-shown.More] {
		d := &f.Details[i]
		one := detail{
			Code: nameText(d.Code), Level: nameText(d.Level), Message: messageText(d.Message),
			Reason: messageText(d.Reason), Proposal: messageText(d.Proposal),
		}
		if one.Code == shown.Code {
			one.Code = Text{}
		}
		if one.Message == shown.Message {
			one.Message = Text{}
		}
		if one != (detail{}) {
			shown.Details = append(shown.Details, one)
		}
	}
	return shown, shown.Code.Value != "" || shown.Message.Value != "" || len(shown.Details) > 0 || shown.At.Known()
}

// alarm returns nil if the alarms have nothing to show.
func (a *assessment) alarm() *alarm {
	if a.Alarms == nil {
		return nil
	}
	shown := &alarm{Content: messageText(a.Alarms.Content)}
	for _, r := range a.Alarms.ByRule[:min(len(a.Alarms.ByRule), rulesLimit)] {
		shown.Rules = append(shown.Rules, nameText(a.text("%s, %s times recently", r.Rule, a.quantity(r.Count))))
	}
	if shown.Content.Value == "" && len(shown.Rules) == 0 {
		return nil
	}
	return shown
}
