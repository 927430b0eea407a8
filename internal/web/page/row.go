package page

import (
	"fmt"
	"slices"
	"time"

	"github.com/oms-exporter/oms_exporter/collector"
	"github.com/oms-exporter/oms_exporter/oms"
)

// Bounds of lists that an OMS sent.
const (
	tagsLimit    = 12
	detailsLimit = 5
	rulesLimit   = 12
)

// textBudget bounds the details of failures on one page, in bytes: with the largest of them, 50 tasks would make a page
// of 10 MB.
const textBudget = 128 << 10

// row is a task as the page shows it.
type row struct {
	Name, ID, Type, Source, Sink Text
	Owner, Importance            Text
	Tags                         []Text
	Status                       Text
	Tone                         string
	Marks                        []string // what is true of the task besides its status
	Pause                        string   // how long a paused task can still be resumed, where no trouble says it
	Troubles                     []string // what is the matter, where status and steps do not say it
	Class                        string   // grave or troubled, if the task needs a person
	Steps                        []step
	Idle                         string // why there are no Steps
	Delays                       []delay
	Times                        []event
	Failures                     []failure
	Alarm                        *alarm
}

// event is something in the life of a task.
type event struct {
	What string
	Moment
}

// failure is what OMS says of a step or a task that failed.
type failure struct {
	Of      Text // the step; empty for the task itself
	At      Moment
	Code    Text
	Message Text
	Details []detail
	More    int // details that are not shown
}

type detail struct{ Code, Level, Message, Reason, Proposal Text }

// alarm is what OMS's own alarms say.
type alarm struct {
	Content Text
	Rules   []Text
}

// rowOf writes out what was assessment; now is by the clock of the OMS.
func rowOf(j *assessment, now time.Time) row {
	r := row{
		Name: nameText(j.Name), ID: nameText(j.ID), Type: nameText(j.Type),
		Source: nameText(j.SourceType), Sink: nameText(j.SinkType),
		Owner: nameText(j.Owner), Importance: nameText(j.Importance),
		Status: nameText(collector.StatusOf(j.Task)), Tone: toneOf(collector.StatusOf(j.Task)),
		Steps: currentSteps(j.TaskView), Delays: j.delays,
		Times: events(j, now), Failures: failures(j, now),
	}
	if r.Name.Value == "" {
		r.Name = r.ID
	}
	for _, tag := range j.Tags[:min(len(j.Tags), tagsLimit)] {
		r.Tags = append(r.Tags, nameText(tag.Name))
	}
	for _, mark := range []struct {
		is   bool
		text string
	}{
		{j.Modifying.Value && j.Status != "RUNNING_MODIFYING", "modifying"},
		{j.Merging.Value && j.Status != "RUNNING_MERGING", "merging"},
		{j.Subtask.Value, "subtask"},
	} {
		if mark.is {
			r.Marks = append(r.Marks, mark.text)
		}
	}
	switch g := j.worst(); {
	case g <= stepFailed:
		r.Class = "grave"
	case g < healthy:
		r.Class = "troubled"
	}
	if len(r.Steps) == 0 {
		r.Idle = idle(j.TaskView)
	}
	if !slices.Contains(j.troubles, pausedLong) {
		r.Pause = j.pause()
	}
	if isAlarming(j.TaskView) {
		r.Alarm = alarmOf(j.Alarms)
	}
	for _, t := range j.troubles {
		if t != alarming || r.Alarm == nil {
			r.Troubles = append(r.Troubles, t.words(j)...)
		}
	}
	return r
}

// pause is how long a paused task can still be resumed, as far as the walks have seen it: the pause may have begun
// before. It is empty for a task that is not paused, or to which no limit applies.
func (j *assessment) pause() string {
	limit := seconds(j.PauseLimit.Value)
	switch paused := pausedFor(j.TaskView, j.now); {
	case paused < 0:
		return ""
	case paused < limit:
		return fmt.Sprintf("paused for at least %s; at most %s left to resume", formatDuration(paused), formatDuration(limit-paused))
	default:
		return fmt.Sprintf("paused for at least %s; after %s OMS can probably not resume it", formatDuration(paused), formatDuration(limit))
	}
}

// words say what is the matter, where neither the status nor a step says it already.
func (g severity) words(j *assessment) []string {
	var words []string
	switch g {
	case late, stale:
		for i := range j.delays {
			d := &j.delays[i]
			if g == late && d.Late {
				words = append(words, fmt.Sprintf("late%s: %s behind, %s allowed", d.of(), d.Behind(), d.Threshold()))
			}
			if g == stale && d.Stale {
				words = append(words, fmt.Sprintf("delay not measured%s since %s", d.of(), d.unmeasuredFor()))
			}
		}
	case pausedLong:
		words = append(words, j.pause())
	case alarming:
		words = append(words, "alarm of the OMS")
	}
	return words
}

// events are the times by which a person knows how old a task is, and what it last came to.
func events(j *assessment, now time.Time) []event {
	var all []event
	add := func(what string, at time.Time) {
		if !at.IsZero() {
			all = append(all, event{what, Moment{at, now}})
		}
	}
	if j.Status == "FAILED" {
		add("failed", failedTime(j))
	}
	if j.Ended || j.Status == "FINISHED" {
		add("finished", j.Finished)
	}
	add("started", j.Started)
	if j.Started.IsZero() {
		add("created", j.Created)
	}
	return all
}

// failedTime is when a task failed: when its first failed step did, where it does not say so itself.
func failedTime(j *assessment) time.Time {
	var at time.Time
	if j.ExtraInfo != nil {
		at = j.ExtraInfo.Time
	}
	for _, s := range j.Steps {
		if at.IsZero() && s.Status == "FAILED" && s.Failure != nil {
			at = s.Failure.Time
		}
	}
	return at
}

// failures are those of the task and of its steps now. A failedTime without an error code belongs to a failure that is
// past, unless the task or the step is FAILED; a step that is FINISHED got past its failure.
func failures(j *assessment, now time.Time) []failure {
	var all []failure
	if j.ExtraInfo != nil && (j.Status == "FAILED" || j.ExtraInfo.ErrorCode() != "") {
		if f, ok := failureOf("", &j.ExtraInfo.Failure, now); ok {
			all = append(all, f)
		}
	}
	for _, s := range j.Steps {
		if s.Failure == nil || s.Status == "FINISHED" || s.Status != "FAILED" && s.Failure.ErrorCode() == "" {
			continue
		}
		if f, ok := failureOf(s.Name, s.Failure, now); ok && len(all) < stepsLimit {
			all = append(all, f)
		}
	}
	return all
}

// limitDetails leaves out the details of failures that do not fit into budget bytes, and returns what is left of it.
func (r *row) limitDetails(budget int) int {
	for i := range r.Failures {
		f := &r.Failures[i]
		for j, d := range f.Details {
			size := len(d.Code.Value) + len(d.Level.Value) + len(d.Message.Value) + len(d.Reason.Value) + len(d.Proposal.Value)
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

func failureOf(of string, f *oms.Failure, now time.Time) (failure, bool) {
	shown := failure{Of: nameText(of), At: Moment{f.Time, now}, Code: nameText(f.ErrorCode()), Message: messageText(f.Message)}
	shown.More = max(len(f.Details)-detailsLimit, 0)
	for i := range f.Details[:len(f.Details)-shown.More] {
		d := &f.Details[i]
		one := detail{nameText(d.Code), nameText(d.Level), messageText(d.Message), messageText(d.Reason), messageText(d.Proposal)}
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

func alarmOf(a *oms.AlarmStats) *alarm {
	if a == nil {
		return nil
	}
	shown := &alarm{Content: messageText(a.Content)}
	for _, r := range a.ByRule[:min(len(a.ByRule), rulesLimit)] {
		shown.Rules = append(shown.Rules, nameText(fmt.Sprintf("%s, %s times recently", r.Rule, formatQuantity(r.Count))))
	}
	if shown.Content.Value == "" && len(shown.Rules) == 0 {
		return nil
	}
	return shown
}
