package collector

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/oms-exporter/oms_exporter/oms"
)

func TestTargetMinInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var reported reports
		walker := &slowOMS{takes: 2 * time.Second}
		settings := defaultSettings("prod")
		settings.MinInterval = time.Minute
		target := NewTarget(settings, walker, reported.add)
		first := target.Scrape(t.Context())
		check := func(rule string, age time.Duration, walks int32, reason oms.Reason) {
			t.Helper()
			s := target.Scrape(t.Context())
			if s.Age != age || s.Reason() != reason || walker.walks.Load() != walks {
				t.Errorf("%s: age %s, %v, %d walks; want age %s, reason %q, %d walks", rule, s.Age, s.Err,
					walker.walks.Load(), age, reason, walks)
			}
			if age > 0 && (s.Walk != first.Walk || s.At != first.At) {
				t.Errorf("%s: not the same walk, with its duration, pages and offset", rule)
			}
		}
		check("at once", 0, 1, "")
		time.Sleep(59 * time.Second)
		check("just within the interval", 59*time.Second, 1, "")
		walker.failure = &oms.Error{Reason: oms.HTTP}
		time.Sleep(time.Second)
		check("a new walk at the end of the interval, which fails", 0, 2, oms.HTTP)
		check("a failed walk is never shown again, and neither is the one before it", 0, 3, oms.HTTP)
		if last, complete := target.Last(); last.Reason() != oms.HTTP || complete != first {
			t.Errorf("last %v, complete %v; want the failure, and the first walk", last.Err, complete.At)
		}
		walker.failure = nil
		check("it works again", 0, 4, "")
		if n := len(reported.reasons()); n != 4 {
			t.Errorf("%d reports, want 4: a walk that is shown again is not reported", n)
		}
	})
}

func TestTargetWithoutMinInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		walker := &slowOMS{} // takes no time: the clock stands still between two scrapes
		target := NewTarget(defaultSettings("prod"), walker, nil)
		for range 3 {
			if s := target.Scrape(t.Context()); s.Age != 0 || s.Err != nil {
				t.Errorf("age %s, %v", s.Age, s.Err)
			}
		}
		if n := walker.walks.Load(); n != 3 {
			t.Errorf("%d walks, want 3", n)
		}
	})
}
