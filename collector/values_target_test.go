package collector

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oms-exporter/oms_exporter/oms"
)

// targetSeries returns the series of snapshots whose names begin with prefix, with all labels.
func targetSeries(t *testing.T, prefix string, snapshots ...*Snapshot) []string {
	t.Helper()
	return slices.DeleteFunc(seriesOf(t, modelsOf(AllCollectors, snapshots...)), func(line string) bool {
		return !strings.HasPrefix(line, prefix)
	})
}

func failures(target string, reason oms.Reason) []string {
	var lines []string
	for _, r := range []string{"connect", "tls", "timeout", "auth", "http", "api", "decode", "limit"} {
		value := 0
		if r == string(reason) {
			value = 1
		}
		lines = append(lines, fmt.Sprintf(`oms_scrape_failure{oms=%q,reason=%q} %d`, target, r, value))
	}
	return lines
}

func TestTargetMetricsOfCompleteWalk(t *testing.T) {
	snapshot := snapshotOf(defaultSettings("prod"), at(3000), &oms.Task{ID: "np_1"}, &oms.Task{ID: "np_2"})
	walk := snapshot.Walk
	walk.Pages, walk.Repeated, walk.Invalid, walk.Reported = 3, 4, 5, oms.Some(int64(6))
	walk.Duration, walk.ClockOffset, snapshot.Age = 1500*time.Millisecond, oms.Some(-2*time.Second), 7*time.Second
	common := append(
		failures("prod", ""),
		`oms_up{oms="prod"} 1`,
		`oms_scrape_duration_seconds{oms="prod"} 1.5`,
		`oms_scrape_pages{oms="prod"} 3`,
		`oms_scrape_tasks{oms="prod"} 2`,
		`oms_scrape_repeated_rows{oms="prod"} 4`,
		`oms_scrape_invalid_rows{oms="prod"} 5`,
		`oms_scrape_age_seconds{oms="prod"} 7`,
		`oms_auth_held{oms="prod"} 0`,
	)
	check := func(want ...string) {
		t.Helper()
		checkLines(t, slices.DeleteFunc(targetSeries(t, "oms_", snapshot), func(line string) bool {
			return strings.HasPrefix(line, "oms_task")
		}), want)
	}
	check(append(common, `oms_scrape_reported_tasks{oms="prod"} 6`, `oms_clock_offset_seconds{oms="prod"} -2`)...)
	walk.Reported, walk.ClockOffset = oms.Opt[int64]{}, oms.Opt[time.Duration]{}
	check(common...) // no series without a value
}

func TestTargetMetricsOfFailedWalk(t *testing.T) {
	for _, reason := range oms.Reasons() {
		t.Run(string(reason), func(t *testing.T) {
			snapshot := snapshotOf(defaultSettings("prod"), at(3000))
			snapshot.Walk.Pages, snapshot.Walk.Duration, snapshot.Walk.Reported = 2, time.Second, oms.Some(int64(9))
			snapshot.Err = fmt.Errorf("walk: %w", &oms.Error{Reason: reason})
			want := append(
				failures("prod", reason),
				`oms_up{oms="prod"} 0`,
				`oms_scrape_duration_seconds{oms="prod"} 1`,
				`oms_scrape_pages{oms="prod"} 2`,
				`oms_auth_held{oms="prod"} 0`,
			)
			checkLines(t, targetSeries(t, "oms_", snapshot), want)
			snapshot.Walk.ClockOffset = oms.Some(time.Second)
			checkLines(t, targetSeries(t, "oms_", snapshot), append(want, `oms_clock_offset_seconds{oms="prod"} 1`))
		})
	}
	t.Run("requests are withheld", func(t *testing.T) {
		snapshot := snapshotOf(defaultSettings("prod"), at(3000))
		snapshot.Walk.Hold = &oms.Hold{Refusals: 1}
		checkLines(t, targetSeries(t, "oms_auth_held", snapshot), []string{`oms_auth_held{oms="prod"} 1`})
	})
	t.Run("an error without a reason: no request was made", func(t *testing.T) {
		snapshot := snapshotOf(defaultSettings("prod"), at(3000))
		snapshot.Err = errors.New("something else")
		checkLines(t, targetSeries(t, "oms_scrape_failure", snapshot), failures("prod", oms.Connect))
	})
}

func TestTargetMetricsOfTwoTargets(t *testing.T) {
	bad := snapshotOf(defaultSettings("bad"), at(3000))
	good := snapshotOf(defaultSettings("good"), at(3000), &oms.Task{ID: "np_1", Status: "RUNNING"})
	bad.Err = &oms.Error{Reason: oms.TLS}
	checkLines(t, targetSeries(t, "oms_up", bad, good), []string{`oms_up{oms="bad"} 0`, `oms_up{oms="good"} 1`})
	for _, line := range targetSeries(t, "oms_task", bad, good) {
		if !strings.Contains(line, `oms="good"`) {
			t.Errorf("a task of a list that was not read: %s", line)
		}
	}
}

func TestTaskCounts(t *testing.T) {
	id := 0
	migration := func(status string) *oms.Task {
		id++
		return &oms.Task{ID: fmt.Sprint("np_", id), Type: "MIGRATION", SourceType: "MYSQL", SinkType: "OB_MYSQL",
			Status: status}
	}
	snapshot := snapshotOf(defaultSettings("prod"), at(3000), migration("RUNNING"), migration("FAILED"),
		migration("RUNNING"), migration(""), migration(""), migration("RUNNING_ALARMING"),
		&oms.Task{ID: "untyped", Status: "RELEASED"})
	var want []string
	count := func(labels string, counts map[string]int) {
		for _, status := range documentedStatuses {
			counts[status] += 0
		}
		for status, n := range counts {
			source, of, _ := strings.Cut(labels, " type")
			want = append(want, fmt.Sprintf("oms_tasks{oms=\"prod\",%s,status=%q,type%s} %d", source, status, of, n))
		}
	}
	count(`sink_type="OB_MYSQL",source_type="MYSQL" type="MIGRATION"`,
		map[string]int{"RUNNING": 2, "FAILED": 1, "UNKNOWN": 2, "RUNNING_ALARMING": 1})
	count(`sink_type="",source_type="" type=""`, map[string]int{"RELEASED": 1})
	checkLines(t, targetSeries(t, "oms_tasks", snapshot), want)
}
