package simulator

import "time"

// endedStories returns tasks that have ended or not begun.
func endedStories() []story {
	short := func() []planStep {
		return []planStep{precheck(8 * secs), structure(30 * secs), full(2*hrs, 19*million, 310),
			verify(hrs, 19*million, 310)}
	}
	return []story{
		{id: "e01", name: "finished_today", source: newEndpoint("MYSQL", 2), sink: newEndpoint("OB_MYSQL", 2),
			plan: repeat(4*day, 6*hrs, short()...)},
		{id: "e02", name: "finished_long_ago", importance: "LOW", source: newEndpoint("ORACLE", 1),
			sink: newEndpoint("OB_ORACLE", 1), plan: runOnce(90*day, short()...)},
		{id: "e03", name: "finished_without_end_time", source: newEndpoint("OB_MYSQL", 1),
			sink: newEndpoint("MYSQL", 1), plan: runOnce(3*day, short()...),
			adjust: func(t *task, _ time.Time) { t.finished = time.Time{} }},
		{id: "e04", name: "releasing", source: newEndpoint("MYSQL", 3), sink: newEndpoint("OB_MYSQL", 3),
			plan: runOnce(5*day, short()...), adjust: releasing},
		{id: "e05", name: "released", source: newEndpoint("MYSQL", 3), sink: newEndpoint("OB_MYSQL", 3),
			plan: released(runOnce(30*day, short()...))},
		{id: "e06", name: "released", source: newEndpoint("DB2_LUW", 1), sink: newEndpoint("OB_ORACLE", 1),
			plan: released(runOnce(25*day, short()...))},
		{id: "e11", name: "released_out_of_a_pause", source: newEndpoint("MYSQL", 6), sink: newEndpoint("OB_MYSQL", 6),
			adjust: func(t *task, _ time.Time) { t.status, t.modified = "RELEASED", t.started.Add(3*day) },
			plan: runOnce(20*day, migrationSteps(full(hrs, 8*million, 330),
				incr(hrs, 3*secs, hold{kind: paused, after: 2 * day, lasts: forever}), appSwitch(forever))...)},
		{id: "e07", name: "deleted", source: newEndpoint("IDB", 2), sink: newEndpoint("OB_MYSQL", 4),
			plan:   runOnce(60*day, short()...),
			adjust: func(t *task, _ time.Time) { t.status = "DELETED" }},
		{id: "e08", name: "not_started", source: newEndpoint("MYSQL", 4), sink: newEndpoint("OB_MYSQL", 5),
			age: forever - 1*hrs, plan: neverStarted(),
			adjust: func(t *task, _ time.Time) {
				t.steps, t.enabled = nil, enabledParts{structure: true, full: true, incr: true}
			}},
		{id: "e09", name: "not_started_null_steps", source: newEndpoint("MYSQL", 4), sink: newEndpoint("OB_MYSQL", 5),
			age: forever - 2*hrs, plan: neverStarted(),
			adjust: func(t *task, _ time.Time) { t.nullSteps, t.emptyLabels = true, true }},
		{id: "e10", name: "not_started_init_steps", source: newEndpoint("TIDB", 1), sink: newEndpoint("OB_MYSQL", 6),
			age:  forever - 3*hrs,
			plan: neverStarted(migrationSteps(full(hrs, million, 100), incr(hrs, 3*secs), appSwitch(forever))...)},
	}
}

func released(p plan) plan {
	p.releaseAfter = 2 * day
	return p
}

// neverStarted returns a plan that never starts. The age of its story counts from the start that the plan would have.
func neverStarted(steps ...planStep) plan { return newPlan(forever, 0, steps) }

// releasing keeps a task in RELEASING for four hours, which is unusual. It ends a day after StoryTime.
func releasing(t *task, now time.Time) {
	since := t.finished.Add(5*day - 5*hrs)
	switch {
	case now.After(since.Add(day)):
		t.status, t.modified = "RELEASED", since.Add(day)
	case now.After(since):
		t.status, t.modified = "RELEASING", since
	}
}
