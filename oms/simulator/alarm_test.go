package simulator

import (
	"testing"
	"time"
)

func TestAlarms(t *testing.T) {
	stall := hold{kind: stalled, after: hrs, lasts: 40 * mins}
	delayed := func(importance string, h hold) story {
		return story{id: "x", kind: "SYNC", importance: importance,
			plan: runOnce(8*hrs, precheck(8*secs), incr(0, 3*secs, h))}
	}
	t.Run("an alarm lingers for three hours after the last one", func(t *testing.T) {
		s := delayed("MEDIUM", stall)
		var last time.Time
		for after := -8 * hrs; after < 0; after += 3 * mins {
			now := testEpoch.Add(StoryTime + after)
			k := s.at(after)
			if delayOf(stepOf(t, k, "INCR_TRANSFER")) > 300*secs {
				last = now
			}
			want := !last.IsZero() && now.Sub(last) < 3*hrs
			if got := k.row().Alarming; got != want {
				t.Fatalf("after %v: alarming %v, last alarm %v", after, got, last)
			}
		}
		if last.IsZero() || testEpoch.Add(StoryTime).Sub(last) < 3*hrs {
			t.Errorf("last alarm %v: the story has no alarm that is three hours old", last)
		}
	})
	for _, c := range []struct {
		rule  string
		story story
		want  string
	}{
		{"a stall raises the delay alarm", delayed("HIGH", hold{kind: stalled, after: 7 * hrs, lasts: 9 * hrs}),
			"oms_sync_delay"},
		{"a failure raises the failure alarm", delayed("HIGH",
			hold{kind: failed, after: 7 * hrs, lasts: 9 * hrs, failure: errSystem}), "oms_sync_failed"},
		{"a pause raises no alarm", delayed("HIGH", hold{kind: paused, after: 7 * hrs, lasts: 9 * hrs}), ""},
		{"a stall raises no alarm while another step is paused",
			story{id: "x", importance: "HIGH",
				plan: runOnce(8*hrs, incr(0, 3*secs, hold{kind: stalled, after: 7*hrs + 30*mins, lasts: 9 * hrs}),
					verify(8*hrs, million, 100, hold{kind: paused, at: 0.875, lasts: 9 * hrs}))}, ""},
		{"a new start of the task does not end the alarm", story{id: "x", plan: repeat(4*hrs, hrs, full(2*hrs, million, 100,
			hold{kind: failed, at: 0.75, lasts: 5 * hrs, failure: errSystem}))}, "oms_migration_failed"},
		{"a task of importance IGNORE raises no alarm", delayed("IGNORE", hold{kind: stalled, after: 7 * hrs, lasts: 9 * hrs}), ""},
		{"the first catch-up raises no alarm", storyNamed(t, "first_catch_up_stopped"), ""},
	} {
		t.Run(c.rule, func(t *testing.T) {
			rules := ""
			for _, r := range c.story.at(0).alarms.rules {
				rules += r.name
			}
			if rules != c.want {
				t.Errorf("rules %q, want %q", rules, c.want)
			}
		})
	}
	t.Run("a recovered task of the demo is still alarming", func(t *testing.T) {
		s := storyNamed(t, "alarm_lingers_after_recovery")
		k := s.at(0)
		if d := delayOf(stepOf(t, k, "INCR_TRANSFER")); d > 15*secs || !k.row().Alarming || s.at(3*hrs).row().Alarming {
			t.Errorf("%v behind, alarming %v", d, k.alarms)
		}
	})
}
