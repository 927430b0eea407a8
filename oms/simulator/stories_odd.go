package simulator

import (
	"slices"
	"time"
)

// oddStories returns tasks with unusual rows.
func oddStories() []story {
	running := func() []planStep {
		return migrationSteps(full(hrs, 11*million, 300), incr(hrs, 3*secs), appSwitch(forever))
	}
	status := func(s string) func(*task, time.Time) { return func(t *task, _ time.Time) { t.status = s } }
	return []story{
		{id: "o01", name: "modifying_by_status", source: newEndpoint("MYSQL", 1), sink: newEndpoint("OB_MYSQL", 1),
			plan:   runOnce(4*day, running()...),
			adjust: daily(10*hrs, 45*mins+3*hrs, func(t *task) { t.status, t.modifying = "RUNNING_MODIFYING", true })},
		{id: "o02", name: "modifying_by_flag", source: newEndpoint("MYSQL", 1), sink: newEndpoint("OB_MYSQL", 1),
			plan:   runOnce(5*day, running()...),
			adjust: daily(11*hrs+20*mins, 90*mins, func(t *task) { t.modifying = true })},
		{id: "o03", name: "merging_by_status", source: newEndpoint("OB_ORACLE", 1), sink: newEndpoint("ORACLE", 1),
			plan:   runOnce(6*day, running()...),
			adjust: daily(9*hrs, 4*hrs, func(t *task) { t.status, t.merging = "RUNNING_MERGING", true })},
		{id: "o04", name: "merging_by_flag", source: newEndpoint("OB_ORACLE", 1), sink: newEndpoint("ORACLE", 1),
			plan:   runOnce(8*day, running()...),
			adjust: daily(11*hrs+20*mins, 50*mins, func(t *task) { t.merging = true })},
		{id: "o05", name: "alarming_as_status", kind: "SYNC", source: newEndpoint("OB_MYSQL", 6),
			sink: newEndpoint("KAFKA", 3), plan: runOnce(7*day, precheck(8*secs), logPull(30*secs), incr(0, 3*secs)),
			adjust: daily(8*hrs, 6*hrs, func(t *task) { inconsistent(t, time.Time{}); t.status = "RUNNING_ALARMING" })},
		{id: "o06", name: "orders_subtask", source: newEndpoint("MYSQL", 1), sink: newEndpoint("OB_MYSQL", 1),
			plan: runOnce(2*hrs, migrationSteps(full(5*hrs, 5*million, 512))...), adjust: subtask},
		{id: "o07", name: "orders_subtask_2", source: newEndpoint("MYSQL", 1), sink: newEndpoint("OB_MYSQL", 1),
			plan: runOnce(day, running()...), adjust: subtask},
		{id: "o08", name: "unknown_status", source: newEndpoint("MYSQL", 2), sink: newEndpoint("OB_MYSQL", 2),
			plan: runOnce(day, precheck(8*secs)), adjust: status("UNCONFIGURED")},
		{id: "o09", name: "unknown_step", source: newEndpoint("OB_MYSQL", 7), sink: newEndpoint("MYSQL", 2),
			plan: repeat(9*day, 2*day, precheck(8*secs), renamed("DATA_MASKING", full(8*day, 9*million, 120)))},
		{id: "o10", name: "unknown_endpoints", source: newEndpoint("POLARDB_X_2", 1), sink: newEndpoint("ADB", 1),
			plan: runOnce(2*day, running()...)},
		{id: "o11", name: "clock_ahead", source: newEndpoint("OB_MYSQL", 1), sink: newEndpoint("MYSQL", 5),
			plan: runOnce(3*day, migrationSteps(full(hrs, 3*million, 200), incr(hrs, -17*secs),
				appSwitch(forever))...)},
		{id: "o12", name: "sybase_text_checkpoint", source: newEndpoint("SYBASE", 1), sink: newEndpoint("OB_MYSQL", 6),
			plan: runOnce(5*day, running()...), adjust: sybase},
		{id: "o13", name: "duplicate_name", source: newEndpoint("MYSQL", 5), sink: newEndpoint("OB_MYSQL", 8),
			plan: runOnce(10*day, running()...)},
		{id: "o14", name: "duplicate_name", source: newEndpoint("MYSQL", 6), sink: newEndpoint("OB_MYSQL", 9),
			plan: runOnce(9*day, running()...)},
		{id: "o15", name: "数据库迁移_华东_生产", owner: "张伟", labels: []label{tagCore}, source: newEndpoint("ORACLE", 4),
			sink: newEndpoint("OB_ORACLE", 5), plan: runOnce(12*day, running()...)},
		{id: "o16", name: `quote_"_backslash_\_end`, owner: `o"brien\`, source: newEndpoint("MYSQL", 7),
			sink: newEndpoint("OB_MYSQL", 5), labels: []label{{`l_"q"`, `a"b\c`}}, plan: runOnce(11*day, running()...)},
		{id: "o17", name: "<script>alert('oms')</script>", owner: "<b>admin</b>", source: newEndpoint("MYSQL", 8),
			sink: newEndpoint("OB_MYSQL", 4), plan: runOnce(14*day, running()...)},
		{id: "o18", name: "order_gaps", source: newEndpoint("MYSQL", 3), sink: newEndpoint("OB_MYSQL", 3),
			plan: runOnce(13*day, running()...), adjust: gaps},
		{id: "o19", name: "sparse_row", source: endpoint{kind: "POSTGRESQL", none: true},
			sink: endpoint{kind: "OB_MYSQL", none: true}, plan: runOnce(15*day, running()...), adjust: sparse},
		{id: "o20", name: "prepare_step", source: newEndpoint("POSTGRESQL", 4), sink: newEndpoint("OB_MYSQL", 2),
			plan: runOnce(6*mins, precheck(8*secs), renamed("PREPARE", precheck(20*mins)),
				full(3*day, 700*million, 100))},
		{id: "o21", name: "checkpoint_without_sample_time", source: newEndpoint("DB2_LUW", 3),
			sink: newEndpoint("OB_ORACLE", 5), adjust: withoutSampleTime,
			plan: runOnce(7*day, migrationSteps(full(hrs, 6*million, 240),
				changed(incr(hrs, 3*secs), func(s *planStep) {
					s.bursts = []burst{{after: day - hrs - 5*mins - 170*mins, every: day, rise: 150 * mins,
						peak: 140 * mins, fall: 160 * mins}}
				}), appSwitch(forever))...)},
	}
}

// daily returns a change that applies at the same hours of every day since Epoch.
func daily(from, lasts time.Duration, do func(*task)) func(*task, time.Time) {
	return func(t *task, now time.Time) {
		// The plans of these tasks start whole days before StoryTime, so the start gives the hour.
		in := (now.Sub(t.started) + StoryTime - from) % day
		if t.status == "RUNNING" && in >= 0 && in < lasts {
			do(t)
		}
	}
}

func subtask(t *task, _ time.Time) { t.subtask = true }

// sybase sets a position in the log in place of a time.
func sybase(t *task, _ time.Time) {
	for i := range t.steps {
		if s := &t.steps[i]; isIncremental(s.name) && !s.sample.IsZero() {
			s.info = object{member("incrTimestampCheckpoint", "100,30"),
				member("checkpointSampleTimestamp", s.sample.Unix()), unusedMember("enableIncrStatistics", nil)}
		}
	}
}

// gaps removes steps, as in some real lists, and leaves gaps in their numbers.
func gaps(t *task, _ time.Time) {
	t.steps = slices.DeleteFunc(t.steps, func(s step) bool { return s.name == "STRUCT_TRANSFER" })
	t.enabled.structure = false
}

// sparse removes every optional member.
func sparse(t *task, _ time.Time) {
	t.owner, t.importance, t.emptyLabels = "", "", true
	for i := range t.steps {
		s := &t.steps[i]
		s.order, s.bareExtra = 0, true
		s.started, s.finished = time.Time{}, time.Time{}
		if s.info == nil {
			s.info = object{}
		}
	}
}

// withoutSampleTime removes the sample time from stepInfo. Only the checkpoint is left.
func withoutSampleTime(t *task, _ time.Time) {
	for i := range t.steps {
		if info, ok := t.steps[i].info.(object); ok && isIncremental(t.steps[i].name) {
			t.steps[i].info = slices.DeleteFunc(info,
				func(m jsonMember) bool { return m.key == "checkpointSampleTimestamp" })
		}
	}
}
