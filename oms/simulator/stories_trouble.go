package simulator

import "time"

// stalledStories returns tasks that need a person although they are RUNNING. Each recovers and repeats, so alerts start
// and end.
func stalledStories() []story {
	halt := func(at float64, lasts time.Duration) hold { return hold{kind: stalled, at: at, lasts: lasts} }
	return []story{
		{id: "t01", name: "orders_stalled_at_42", importance: "HIGH", owner: "li.na", labels: []label{tagProd},
			source: newEndpoint("MYSQL", 2), sink: newEndpoint("OB_MYSQL", 2),
			plan: repeat(day, 6*hrs, migrationSteps(full(290*mins, 310*million, 420, halt(0.42, 12*hrs)),
				incr(17*hrs, 4*secs), appSwitch(forever))...)},
		{id: "t02", name: "stalled_at_the_start", source: newEndpoint("ORACLE", 1), sink: newEndpoint("OB_ORACLE", 2),
			plan: repeat(day, 5*hrs, precheck(10*secs), structure(2*mins),
				full(4*hrs, 45*million, 505, halt(0, 11*hrs)), verify(2*hrs, 45*million, 505))},
		{id: "t03", name: "verification_stalled", source: newEndpoint("OB_MYSQL", 4), sink: newEndpoint("ORACLE", 2),
			labels: []label{tagBatch},
			plan: repeat(day, 9*hrs, migrationSteps(full(2*hrs, 33*million, 610), incr(2*hrs, 4*secs),
				verify(2*hrs, 33*million, 610, halt(0.73, 9*hrs)), appSwitch(forever))...)},
		{id: "t04", name: "precheck_hangs", importance: "LOW", source: newEndpoint("DB2_LUW", 3),
			sink: newEndpoint("OB_MYSQL", 3),
			plan: repeat(day, 3*hrs, changed(precheck(30*secs),
				func(s *planStep) { s.holds = []hold{halt(0.6, 14*hrs)} }), structure(mins),
				full(hrs, 4*million, 300))},
		{id: "t05", name: "checkpoint_frozen", importance: "HIGH", owner: "zhang.wei", labels: []label{tagCore},
			source: newEndpoint("MYSQL", 3), sink: newEndpoint("OB_MYSQL", 1),
			plan: repeat(day, 8*hrs, migrationSteps(full(hrs, 21*million, 280),
				incr(hrs, 4*secs, hold{kind: stalled, after: 2*hrs + 20*mins, lasts: 9 * hrs}),
				appSwitch(forever))...)},
		{id: "t06", name: "sampler_frozen", owner: "zhang.wei", source: newEndpoint("OB_ORACLE", 1),
			sink: newEndpoint("ORACLE", 4),
			plan: repeat(day, 7*hrs, migrationSteps(full(hrs, 18*million, 340),
				incr(hrs, 2*secs, hold{kind: blind, after: 4 * hrs, lasts: 10 * hrs}), appSwitch(forever))...)},
		{id: "t07", name: "reverse_checkpoint_frozen", source: newEndpoint("MYSQL", 5),
			sink: newEndpoint("OB_MYSQL", 7),
			plan: repeat(2*day, 20*hrs, migrationSteps(full(hrs, 15*million, 220), incr(hrs, 2*secs), appSwitch(6*hrs),
				reverse(3*secs, hold{kind: stalled, after: 10 * hrs, lasts: 8 * hrs}))...)},
		{id: "t08", name: "nightly_batch_backlog", importance: "LOW", labels: []label{tagBatch},
			source: newEndpoint("OB_MYSQL", 9), sink: newEndpoint("MYSQL", 8),
			plan: runOnce(40*day, migrationSteps(full(2*hrs, 30*million, 300),
				changed(incr(2*hrs, 4*secs), func(s *planStep) {
					s.bursts = []burst{{after: day - 2*hrs - 3*mins - 100*mins, every: day, rise: 80 * mins,
						peak: 40 * mins, fall: 55 * mins}}
				}), appSwitch(forever))...)},
		{id: "t09", name: "never_catches_up", source: newEndpoint("TIDB", 2), sink: newEndpoint("OB_MYSQL", 8),
			plan: repeat(day, 7*hrs, migrationSteps(full(3*hrs, 130*million, 330), slowIncr(3*hrs, -0.9),
				appSwitch(forever))...)},
		{id: "t10", name: "first_catch_up_stopped", importance: "LOW", source: newEndpoint("MYSQL", 9),
			sink: newEndpoint("OB_MYSQL", 9),
			plan: repeat(day, 9*hrs, migrationSteps(full(6*hrs, 170*million, 310),
				slowIncr(6*hrs, 2, hold{kind: stalled, after: 2 * hrs, lasts: 5 * hrs}), verify(hrs, 170*million, 310),
				appSwitch(forever))...)},
	}
}

var (
	errTimeout = failure{code: "TIMEOUT_EXCEPTION", message: "调度超时 (scheduler timeout)"}
	errSystem  = failure{code: "INNER_ERROR", message: "A system error occurred.", details: array{
		detail("CM-RESOAT1111", "ERROR", "A system error occurred.",
			"The target database refused the write: tenant out of disk space.",
			"Add disk space to the tenant, then resume the task.")}}
	errNoCM    = failure{code: "GHANA-OPERAT000001", message: "The CM service may be not available."}
	errNoStore = failure{code: "CM-RESOIE000201", message: "No store covers the checkpoint.", details: array{
		detail("CM-RESOIE000201", "ERROR", "No store covers the checkpoint.",
			"The task was paused for more than 12 hours: its logs are gone.",
			"Create a new task.")}}
	errTexts = failure{code: "GHANA-OPERIE000000", message: "[GHANA-OPERIE000000]: 内部错误", details: array{
		"Access denied for user 'oms_user'@'192.0.2.10' (using password: YES)", "预检查未通过: binlog_row_image <> FULL"}}
	errDetailOnly = failure{message: "Unknown column 'tax_rate' in 'field list'", details: array{
		detail("CM-SCHERR0034", "FATAL", `Unknown column "tax_rate" in table orders`,
			"A column was added at the source.", "Add the column to the target table."),
		detail("CM-SCHERR0035", "WARNING", "2 more tables differ", "", "")}}
)

func detail(code, level, message, reason, proposal string) object {
	return object{member("code", code), member("level", level), member("message", message),
		unusedMember("extraContext", nil), unusedMember("messageMcmsKey", nil),
		unusedMember("messageMcmsContext", nil), member("reason", textOrNull(reason)),
		member("proposal", textOrNull(proposal)), unusedMember("upstreamErrorDetail", nil)}
}

// failedStories returns tasks that are FAILED or have a FAILED step.
func failedStories() []story {
	down := func(at float64, lasts time.Duration, f failure) hold {
		return hold{kind: failed, at: at, lasts: lasts, failure: f}
	}
	return []story{
		{id: "f01", name: "mysql_to_ob_failed", importance: "HIGH", owner: "li.na", labels: []label{tagProd},
			source: newEndpoint("MYSQL", 1), sink: newEndpoint("OB_MYSQL", 4),
			plan: repeat(day, 5*hrs, precheck(8*secs), full(9*hrs, 120*million, 512, down(0.12, 10*hrs, errSystem)),
				verify(2*hrs, 120*million, 512))},
		{id: "f02", name: "precheck_failed", owner: "wang.fang", source: newEndpoint("ORACLE", 3),
			sink: newEndpoint("OB_ORACLE", 4),
			plan: repeat(day, 4*hrs, changed(precheck(50*secs),
				func(s *planStep) { s.holds = []hold{down(0.5, 15*hrs, errTexts)} }), structure(mins),
				full(hrs, 6*million, 300))},
		{id: "f03", name: "increment_failed", source: newEndpoint("OB_MYSQL", 5), sink: newEndpoint("DB2_LUW", 1),
			plan: repeat(day, 9*hrs, migrationSteps(full(2*hrs, 25*million, 270),
				incr(2*hrs, 4*secs, hold{kind: failed, after: 4 * hrs, lasts: 8 * hrs, failure: errDetailOnly}))...)},
		{id: "f04", name: "task_failed_without_step", importance: "LOW", source: newEndpoint("MYSQL", 7),
			sink:   newEndpoint("OB_MYSQL", 9),
			adjust: func(t *task, _ time.Time) { t.shape = ExtraErrors },
			plan: repeat(day, 3*hrs, precheck(8*secs), structure(30*secs),
				full(20*hrs, 200*million, 300, hold{kind: dropped, at: 0.05, lasts: 14 * hrs, failure: errNoCM}))},
		{id: "f05", name: "step_fails_now_and_then", source: newEndpoint("MYSQL", 6), sink: newEndpoint("OB_MYSQL", 6),
			plan: repeat(day, 6*hrs+200*secs, precheck(8*secs), full(16*hrs, 400*million, 350, flickers()...),
				verify(3*hrs, 400*million, 350))},
		{id: "f06", name: "step_failed_task_runs", importance: "HIGH", source: newEndpoint("POSTGRESQL", 3),
			sink: newEndpoint("OB_MYSQL", 5), labels: []label{tagCore},
			plan: repeat(day, 4*hrs, migrationSteps(full(8*hrs, 95*million, 460,
				hold{kind: failing, at: 0.3, lasts: 6 * hrs, failure: errTimeout}), incr(8*hrs, 3*secs))...)},
		{id: "f07", name: "resumed_after_the_pause_limit", owner: "li.na", source: newEndpoint("MYSQL", 5),
			sink: newEndpoint("OB_MYSQL", 4),
			plan: repeat(2*day, 22*hrs, migrationSteps(full(2*hrs, 28*million, 260),
				incr(2*hrs, 3*secs, hold{kind: paused, after: 4 * hrs, lasts: 14 * hrs}), appSwitch(forever))...)},
		{id: "f08", name: "failed_once_and_resumed", owner: "wang.fang", source: newEndpoint("OB_MYSQL", 6),
			sink: newEndpoint("MYSQL", 6),
			plan: repeat(6*day, 30*hrs, migrationSteps(full(3*hrs, 52*million, 330, down(0.6, 2*hrs, errSystem)),
				incr(5*hrs, 3*secs, hold{kind: failed, after: 8 * hrs, lasts: hrs, failure: errSystem}),
				appSwitch(forever))...)},
	}
}

// flickers returns failures every half hour from which OMS recovers within two minutes.
func flickers() []hold {
	var holds []hold
	for at := 0.03; at < 0.98; at += 0.03 {
		holds = append(holds, hold{kind: failing, at: at, lasts: 90 * time.Second, failure: errTimeout})
	}
	return holds
}

// pausedStories returns tasks that a person has paused.
func pausedStories() []story {
	rest := func(at float64, lasts time.Duration) hold { return hold{kind: paused, at: at, lasts: lasts} }
	return []story{
		{id: "p01", name: "paused_in_full_transfer", owner: "wang.fang", source: newEndpoint("ORACLE", 2),
			sink: newEndpoint("OB_ORACLE", 3),
			plan: repeat(3*day, 20*hrs, migrationSteps(full(8*hrs, 140*million, 390, rest(0.55, 40*hrs)),
				incr(48*hrs, 4*secs), appSwitch(forever))...)},
		{id: "p02", name: "paused_near_retention", importance: "HIGH", labels: []label{tagProd},
			source: newEndpoint("MYSQL", 8), sink: newEndpoint("OB_MYSQL", 3),
			plan: repeat(9*day, 6*day+10*hrs, migrationSteps(full(hrs, 14*million, 300),
				incr(hrs, 4*secs, hold{kind: paused, after: 8 * hrs, lasts: 156 * hrs}), appSwitch(forever))...)},
		{id: "p03", name: "paused_with_short_retention", source: newEndpoint("OB_MYSQL", 2),
			sink: newEndpoint("MYSQL", 4), adjust: func(t *task, _ time.Time) { t.logHours = 24 },
			plan: repeat(2*day, 20*hrs, migrationSteps(full(hrs, 14*million, 300),
				incr(hrs, 2*secs, hold{kind: paused, after: 3 * hrs, lasts: 21 * hrs}), appSwitch(forever))...)},
		{id: "p04", name: "ob_to_datahub_paused", kind: "SYNC", importance: "IGNORE",
			source: newEndpoint("OB_ORACLE", 2), sink: newEndpoint("DATAHUB", 1),
			plan: repeat(4*day, 30*hrs, precheck(8*secs), renamed("FULL_TRANSFER", full(hrs, 1000, 200)),
				incr(hrs, 3*secs, hold{kind: paused, after: 6 * hrs, lasts: 2 * day}))},
		{id: "p05", name: "paused_for_hours_can_be_resumed", owner: "zhang.wei", source: newEndpoint("OB_ORACLE", 4),
			sink: newEndpoint("ORACLE", 2),
			plan: repeat(2*day, 16*hrs, migrationSteps(full(2*hrs, 36*million, 420),
				incr(2*hrs, 4*secs, hold{kind: paused, after: 7 * hrs, lasts: 10 * hrs}), appSwitch(forever))...)},
		{id: "p06", name: "paused_past_the_pause_limit", source: newEndpoint("MYSQL", 9),
			sink: newEndpoint("OB_MYSQL", 8),
			plan: repeat(2*day, 18*hrs, migrationSteps(full(2*hrs, 29*million, 280),
				incr(2*hrs, 4*secs, hold{kind: paused, after: 3 * hrs, lasts: 20 * hrs}), appSwitch(forever))...)},
	}
}
