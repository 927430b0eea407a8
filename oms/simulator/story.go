package simulator

import (
	"slices"
	"strings"
	"time"
)

// story is one task and its life.
type story struct {
	id, name, kind    string
	owner, importance string
	labels            []label
	source, sink      endpoint
	age               time.Duration // age at the start of the plan
	plan              plan
	adjust            func(t *task, now time.Time) // changes the task after the plan is applied
}

const day = 24 * time.Hour

// runOnce returns a plan that has been running for elapsed at StoryTime.
func runOnce(elapsed time.Duration, steps ...planStep) plan {
	return newPlan(StoryTime-elapsed, 0, steps)
}

// repeat returns a plan that also repeats after every. The first lap starts before the stories.
func repeat(every, elapsed time.Duration, steps ...planStep) plan {
	return newPlan(StoryTime-elapsed-every, every, steps)
}

// storyList is a list of stories.
type storyList struct {
	epoch   time.Time
	stories []story
}

func allStories() []story {
	return slices.Concat(migrationStories(), stalledStories(), failedStories(), pausedStories(), endedStories(),
		syncStories(), oddStories())
}

func (l storyList) entries(now time.Time) []entry {
	entries := make([]entry, 0, len(l.stories))
	for i := range l.stories {
		t := l.stories[i].taskAt(l.epoch, now)
		if t.created.After(now) {
			continue
		}
		entries = append(entries, entry{Row: t.row(), task: func() *task { return t }})
	}
	return entries
}

// taskAt returns the task at an instant.
func (s *story) taskAt(epoch, now time.Time) *task {
	t := &task{id: "np_" + s.id, kind: s.kind, name: s.name, owner: s.owner, importance: s.importance,
		labels: s.labels, source: s.source, sink: s.sink}
	if t.owner == "" {
		t.owner = "admin"
	}
	if t.importance == "" {
		t.importance = "MEDIUM"
	}
	if t.kind == "" {
		t.kind = "MIGRATION"
	}
	t.created = epoch.Add(s.plan.start - max(s.age, time.Minute))
	t.applyPlan(&s.plan, epoch, now)
	t.enabled = enabledBy(s.plan.steps)
	if s.adjust != nil {
		s.adjust(t, now)
	}
	t.raiseAlarms(&s.plan, epoch, now)
	return t
}

// enabledBy returns the parts of a task that the steps of a plan belong to.
func enabledBy(steps []planStep) enabledParts {
	var e enabledParts
	for _, s := range steps {
		switch name := s.name; {
		case strings.HasPrefix(name, "STRUCT_"):
			e.structure = true
		case strings.HasPrefix(name, "FULL_VERIF") || name == "FULL_VALIDATION":
			e.fullVerify = true
		case strings.Contains(name, "FULL_"):
			e.full = true
		case slices.Contains(reverseSteps, name):
			e.reverse = true
		case slices.Contains(forwardSteps, name):
			e.incr = true
		case name == "INCR_VERIFIER":
			e.incrVerify = true
		}
	}
	return e
}

// addedTask returns a task that is added during a walk.
func addedTask(id string, created time.Time) *task {
	t := &task{id: id, kind: "SYNC", name: id, owner: "admin", importance: "LOW", source: newEndpoint("OB_MYSQL", 1),
		sink:    newEndpoint("KAFKA", 1),
		created: created, modified: created, status: "INIT", enabled: enabledParts{incr: true}}
	return t
}
