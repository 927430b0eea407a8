package simulator

import (
	"fmt"
	"time"
)

const (
	alarmSpacing = 3 * time.Minute // minimum time between two equal alarms
	alarmLinger  = 3 * time.Hour   // an alarm ends when it has not been raised for this long
)

// alarmThreshold returns the sync delay above which OMS raises an alarm, by importance, and whether OMS raises alarms
// for that importance. The threshold of LOW, the importance of a new task, also applies to a missing importance and to
// IGNORE.
func alarmThreshold(importance string) (threshold time.Duration, alarms bool) {
	switch importance {
	case "HIGH":
		return 30 * time.Second, true
	case "MEDIUM":
		return 300 * time.Second, true
	case "IGNORE":
		return 900 * time.Second, false
	default:
		return 900 * time.Second, true
	}
}

// raiseAlarms adds the alarms that OMS raised for a task in the last three hours.
func (t *task) raiseAlarms(p *plan, epoch, now time.Time) {
	threshold, alarms := alarmThreshold(t.importance)
	if !alarms || p.neverAlarms() {
		return
	}
	prefix := "oms_migration"
	if t.kind == "SYNC" {
		prefix = "oms_sync"
	}
	failures, delays, text := 0, 0, ""
	var l *lap
	for at := now.Truncate(alarmSpacing); now.Sub(at) < alarmLinger; at = at.Add(-alarmSpacing) {
		if l == nil || at.Before(l.start) {
			l = p.lapAt(epoch, at, hash(t.id), threshold)
		}
		raised := ""
		switch failed, late := l.alarmReason(at); {
		case failed:
			failures++
			raised = fmt.Sprintf("任务 %s 失败 / task failed", t.name)
		case late != nil:
			delays++
			raised = fmt.Sprintf("增量同步 延时. 延迟时间: %d 秒（%d 秒前更新）", int(late.delay.Seconds()),
				int(at.Sub(late.sample).Seconds()))
		}
		if text == "" {
			text = raised
		}
	}
	t.alarms.add(rule{prefix + "_failed", failures}, text)
	t.alarms.add(rule{prefix + "_delay", delays}, text)
}

// add adds a rule if it was triggered. text is the text of the last alarm.
func (a *alarms) add(r rule, text string) {
	if r.count > 0 {
		a.rules, a.text = append(a.rules, r), text
	}
}

// neverAlarms reports whether a plan cannot raise an alarm. A backlog alone raises none: there is no alarm before the
// first catch-up ends.
func (p *plan) neverAlarms() bool {
	for i := range p.steps {
		if len(p.steps[i].holds)+len(p.steps[i].bursts) > 0 {
			return false
		}
	}
	return true
}

// lateStep is the delay of a step above the threshold.
type lateStep struct {
	delay  time.Duration
	sample time.Time
}

// alarmReason returns the reason for an alarm at an instant: the task has failed, or an incremental step in MONITORING
// is late.
func (l *lap) alarmReason(now time.Time) (taskFailed bool, late *lateStep) {
	elapsed := now.Sub(l.start)
	for i := range l.spans {
		s, in := &l.plan.steps[i], l.spans[i]
		if elapsed < in.begin || elapsed >= in.end {
			continue
		}
		h, _ := s.holdAt(elapsed - in.begin)
		switch effect := h.effect(); {
		case effect.task == "FAILED":
			return true, nil
		case effect.task == "SUSPEND":
			return false, nil
		case effect.step == "FAILED", !isIncremental(s.name):
			continue
		}
		last := l.sampled(now)
		if last.Before(l.start.Add(in.caughtUp)) {
			continue
		}
		sample, checkpoint := s.position(l.start.Add(in.begin), last, l.seed)
		if delay := sample.Sub(checkpoint); delay > l.threshold && (late == nil || delay > late.delay) {
			late = &lateStep{delay, sample}
		}
	}
	return false, late
}
