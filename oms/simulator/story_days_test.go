package simulator

import (
	"cmp"
	"testing"
	"time"
)

// TestStoryDays checks the rules that connect times, states and progress, for the rows of ten days.
func TestStoryDays(t *testing.T) {
	last := map[string]*task{}
	for after := time.Duration(0); after < 10*day; after += 17*mins + 11*secs {
		now := testEpoch.Add(after)
		for id, k := range tasksAt(after) {
			checkTimes(t, k, now)
			checkStatus(t, k, now)
			if before := last[id]; before != nil && before.started.Equal(k.started) {
				checkNoRegress(t, before, k, now)
			}
			last[id] = k
		}
		if t.Failed() {
			return
		}
	}
}

func checkTimes(t *testing.T, k *task, now time.Time) {
	for _, at := range []time.Time{k.created, k.started, k.finished, k.modified} {
		if at.After(now) {
			t.Errorf("%v: %s has a future time, %v", now, k.id, at)
		}
	}
	if !k.finished.IsZero() && k.finished.Before(k.started) {
		t.Errorf("%v: %s ends before it starts", now, k.id)
	}
	for _, s := range k.steps {
		if s.started.After(now) || s.finished.After(now) || s.sample.After(now) || s.failure != nil &&
			s.failure.at.After(now) {
			t.Errorf("%v: %s %s has a future time: %+v", now, k.id, s.name, s)
		}
		if delay := s.sample.Sub(s.checkpoint); delay > 7*day || delay < -mins {
			t.Errorf("%v: %s %s is %v behind", now, k.id, s.name, delay)
		}
	}
}

// checkCatchUp checks the first catch-up of an incremental step.
func checkCatchUp(t *testing.T, k *task, s *step, now time.Time) {
	threshold := documentedThresholds[cmp.Or(k.importance, "LOW")]
	if k.importance == "IGNORE" {
		threshold = documentedThresholds["LOW"]
	}
	switch {
	case !isIncremental(s.name), s.sample.IsZero(), s.status == "RUNNING" && delayOf(s) > threshold &&
		s.finished.IsZero():
	case s.status == "RUNNING":
		t.Errorf("%v: %s %s is RUNNING, %v behind, caught up %v", now, k.id, s.name, delayOf(s), s.finished)
	case s.status == "MONITORING" && s.finished.IsZero() && !s.bareExtra:
		t.Errorf("%v: %s %s is MONITORING and has not caught up", now, k.id, s.name)
	}
}

func checkStatus(t *testing.T, k *task, now time.Time) {
	active, failing := 0, 0
	for i := range k.steps {
		s := &k.steps[i]
		checkCatchUp(t, k, s, now)
		switch s.status {
		case "RUNNING", "MONITORING":
			active++
		case "FAILED":
			failing++
		}
		if p := s.progress.(int); p < 0 || p > 100 || s.status == "FINISHED" && p != 100 || s.status == "INIT" &&
			(p != 0 || !s.started.IsZero()) {
			t.Errorf("%v: %s %s is %s at %v", now, k.id, s.name, s.status, s.progress)
		}
		if s.failure.present() != (s.status == "FAILED") || s.failure != nil && s.failure.at.Before(s.started) {
			t.Errorf("%v: %s %s is %s with failure %v", now, k.id, s.name, s.status, s.failure)
		}
	}
	switch k.status {
	case "FINISHED", "RELEASED", "DELETED", "RELEASING", "INIT", "SUSPEND":
		if active+failing > 0 {
			t.Errorf("%v: %s is %s with %d active and %d failed steps", now, k.id, k.status, active, failing)
		}
	case "RUNNING":
		if active+failing == 0 && now.Sub(k.started) > mins {
			// Between two steps, five seconds pass in which no step runs.
			for _, s := range k.steps {
				if !s.finished.IsZero() && now.Sub(s.finished) <= stepGap {
					return
				}
			}
			t.Errorf("%v: %s runs and no step does", now, k.id)
		}
	}
}

// checkNoRegress checks within one lap that no progress is undone.
func checkNoRegress(t *testing.T, before, k *task, now time.Time) {
	for i := range k.steps {
		a, b := &before.steps[i], &k.steps[i]
		if b.progress.(int) < a.progress.(int) || b.checkpoint.Before(a.checkpoint) || b.sample.Before(a.sample) ||
			b.status == "RUNNING" && a.status == "MONITORING" {
			t.Errorf("%v: %s %s goes back: %s %v %v to %s %v %v", now, k.id, b.name, a.status, a.progress, a.checkpoint,
				b.status, b.progress, b.checkpoint)
		}
	}
}

// TestStorySamples checks that no figure goes back, also between samples.
func TestStorySamples(t *testing.T) {
	last := map[string]*task{}
	for after := StoryTime; after < StoryTime+30*mins; after += 5 * secs {
		for id, k := range tasksAt(after) {
			if before := last[id]; before != nil && before.started.Equal(k.started) {
				checkNoRegress(t, before, k, testEpoch.Add(after))
			}
			last[id] = k
		}
		if t.Failed() {
			return
		}
	}
}

func TestSampleBefore(t *testing.T) {
	now := testEpoch.Add(7 * secs)
	for end, want := range map[time.Duration]time.Duration{10 * secs: 7 * secs, 7 * secs: 7 * secs, 6 * secs: -3 * secs,
		-3 * secs: -3 * secs, -4 * secs: -13 * secs} {
		if got := sampleBefore(now, testEpoch.Add(end)).Sub(testEpoch); got != want {
			t.Errorf("before %v: %v, want %v", end, got, want)
		}
	}
}
