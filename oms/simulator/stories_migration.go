package simulator

import "time"

// tags that stories share.
var (
	tagProd  = label{"l_prod", "prod"}
	tagCore  = label{"l_core", "核心系统"}
	tagBatch = label{"l_batch", "batch"}
)

const (
	million = 1_000_000
	hrs     = time.Hour
	mins    = time.Minute
	secs    = time.Second
)

// migrationStories are healthy migrations, one for each step they can be in.
func migrationStories() []story {
	return []story{
		{id: "m01", name: "crm_precheck", source: newEndpoint("MYSQL", 1), sink: newEndpoint("OB_MYSQL", 1),
			plan: repeat(day, 70*secs, precheck(3*mins), structure(mins), logPull(mins), full(2*hrs, 38*million, 410), incr(2*hrs, 3*secs), appSwitch(forever))},
		{id: "m02", name: "billing_schema", owner: "zhang.wei", labels: []label{tagProd}, source: newEndpoint("ORACLE", 1), sink: newEndpoint("OB_ORACLE", 1),
			plan: repeat(day, 5*mins, precheck(20*secs), structure(9*mins), logPull(mins), full(4*hrs, 210*million, 620), incr(4*hrs, 4*secs), appSwitch(forever))},
		{id: "m03", name: "logs_store_start", source: newEndpoint("DB2_LUW", 1), sink: newEndpoint("OB_ORACLE", 2),
			plan: repeat(day, 3*mins, precheck(10*secs), structure(mins), logPull(4*mins), full(90*mins, 12*million, 380), incr(90*mins, 5*secs), appSwitch(forever))},
		{id: "m04", name: "orders_full_early", importance: "HIGH", owner: "li.na", labels: []label{tagProd, tagCore}, source: newEndpoint("MYSQL", 2), sink: newEndpoint("OB_MYSQL", 2),
			plan: repeat(day, 26*mins, migrationSteps(full(5*hrs, 640*million, 290), incr(5*hrs, 3*secs), verify(2*hrs, 640*million, 290), appSwitch(forever))...)},
		{id: "m05", name: "oracle_to_ob_full", source: newEndpoint("ORACLE", 2), sink: newEndpoint("OB_ORACLE", 1),
			plan: repeat(day, 170*mins, precheck(8*secs), structure(4*mins), full(430*mins, 120*million, 512), verify(3*hrs, 120*million, 512))},
		{id: "m06", name: "inventory_full_late", source: newEndpoint("POSTGRESQL", 1), sink: newEndpoint("OB_MYSQL", 3),
			plan: repeat(day, 337*mins, migrationSteps(full(6*hrs, 88*million, 730), incr(6*hrs, 2*secs), appSwitch(forever))...)},
		{id: "m07", name: "ledger_index", owner: "zhang.wei", source: newEndpoint("OB_ORACLE", 3), sink: newEndpoint("ORACLE", 3),
			plan: repeat(day, 150*mins, migrationSteps(full(2*hrs, 55*million, 840), index(70*mins), incr(190*mins, 4*secs), appSwitch(forever))...)},
		{id: "m08", name: "payments_catching_up", importance: "HIGH", labels: []label{tagCore}, source: newEndpoint("OB_MYSQL", 4), sink: newEndpoint("MYSQL", 3),
			plan: repeat(day, 190*mins, migrationSteps(full(3*hrs, 150*million, 350), incr(3*hrs, 3*secs), verify(hrs, 150*million, 350), appSwitch(forever))...)},
		{id: "m09", name: "mysql_to_ob_orders", labels: []label{tagProd}, source: newEndpoint("MYSQL", 1), sink: newEndpoint("OB_MYSQL", 1),
			plan: repeat(day, 313*mins, migrationSteps(full(3*hrs, 120*million, 512), incr(3*hrs, 4*secs), verify(3*hrs, 120*million, 512), appSwitch(forever))...)},
		{id: "m10", name: "verify_counts_as_done", source: newEndpoint("TIDB", 1), sink: newEndpoint("OB_MYSQL", 2),
			plan: repeat(2*day, 10*hrs, migrationSteps(full(2*hrs, 77*million, 300), incr(2*hrs, 2*secs), verify(3*hrs, 77*million, 300, hold{at: 1, lasts: 30 * hrs}), appSwitch(forever))...)},
		{id: "m11", name: "accounts_incr_verify", importance: "LOW", source: newEndpoint("IDB", 1), sink: newEndpoint("OB_MYSQL", 5),
			plan: repeat(9*day, 30*hrs, migrationSteps(full(hrs, 9*million, 450), incr(hrs, 3*secs), verify(hrs, 9*million, 450), incrVerify(), appSwitch(forever))...)},
		{id: "m12", name: "ready_to_switch", owner: "li.na", labels: []label{tagProd}, source: newEndpoint("MYSQL", 4), sink: newEndpoint("OB_MYSQL", 4),
			plan: repeat(10*day, 3*day+3*hrs, migrationSteps(full(3*hrs, 96*million, 333), incr(3*hrs, 4*secs), appSwitch(forever))...)},
		{id: "m13", name: "switched_reverse", source: newEndpoint("MYSQL", 5), sink: newEndpoint("OB_MYSQL", 5),
			plan: repeat(20*day, 2*day, migrationSteps(full(2*hrs, 41*million, 260), incr(2*hrs, 3*secs), verify(hrs, 41*million, 260), appSwitch(10*hrs), reverse(2*secs))...)},
		{id: "m14", name: "switched_reverse_finished_forward", importance: "LOW", source: newEndpoint("OB_ORACLE", 4), sink: newEndpoint("DB2_LUW", 2),
			plan: repeat(15*day, 5*day, migrationSteps(full(4*hrs, 62*million, 700), changed(incr(4*hrs, 5*secs), func(s *planStep) { s.finishes = true }), appSwitch(12*hrs), reverse(3*secs))...)},
		{id: "m15", name: "warehouse_10tb", owner: "wang.fang", labels: []label{tagBatch}, source: newEndpoint("ORACLE", 4), sink: newEndpoint("OB_ORACLE", 5),
			plan: repeat(5*day, 37*hrs, migrationSteps(full(100*hrs, 41_000*million, 240), incr(100*hrs, 5*secs), appSwitch(forever))...)},
		{id: "m16", name: "archive_rows_move_progress_does_not", importance: "LOW", source: newEndpoint("DBP_OP_ROUTE", 1), sink: newEndpoint("OB_MYSQL", 6),
			plan: repeat(60*day, 8*day, precheck(8*secs), structure(mins), full(55*day, 92_000*million, 180))},
		{id: "m17", name: "pg_to_ob_six_days", importance: "HIGH", source: newEndpoint("POSTGRESQL", 2), sink: newEndpoint("OB_MYSQL", 7),
			plan: repeat(8*day, 4*day, migrationSteps(full(6*day, 18_000*million, 410), incr(6*day, 5*secs), appSwitch(forever))...)},
		{id: "m18", name: "旧版_订单迁移", owner: "王芳", source: newEndpoint("MYSQL", 6), sink: newEndpoint("OB_MYSQL", 3),
			plan: repeat(6*day, 20*hrs, renamed("PRE_CHECK", precheck(20*secs)), renamed("PREPARE", precheck(10*secs)),
				renamed("STRUCT_MIGRATION", structure(2*mins)), renamed("INCR_LOG_PULL", logPull(mins)), renamed("FULL_MIGRATION", full(3*hrs, 70*million, 380)),
				renamed("INDEX_MIGRATION", index(20*mins)), renamed("INCR_SYNC", incr(3*hrs, 6*secs)), renamed("FULL_VALIDATION", verify(30*hrs, 70*million, 380)),
				renamed("APP_SWITCH", appSwitch(forever)), renamed("REVERSE_INCR_SYNC", reverse(2*secs)))},
		{id: "m19", name: "old_generation_switched", source: newEndpoint("OB_MYSQL", 8), sink: newEndpoint("MYSQL", 7),
			plan: repeat(30*day, 6*day, renamed("PRE_CHECK", precheck(20*secs)), renamed("FULL_MIGRATION", full(2*hrs, 24*million, 300)),
				renamed("INCR_SYNC", incr(2*hrs, 4*secs)), renamed("APP_SWITCH", appSwitch(20*hrs)), renamed("REVERSE_INCR_SYNC", reverse(4*secs)))},
		{id: "m20", name: "nine_steps_index_beside_full", owner: "li.na", source: newEndpoint("MYSQL", 8), sink: newEndpoint("OB_MYSQL", 6),
			plan: repeat(3*day, 470*mins, migrationSteps(full(8*hrs, 260*million, 360), index(hrs), incr(9*hrs, 4*secs), verify(5*hrs, 260*million, 360), appSwitch(20*hrs), reverse(3*secs))...)},
		{id: "m21", name: "first_catch_up_takes_hours", labels: []label{tagBatch}, source: newEndpoint("ORACLE", 3), sink: newEndpoint("OB_ORACLE", 2),
			plan: repeat(2*day, 12*hrs, migrationSteps(full(10*hrs, 340*million, 440), slowIncr(10*hrs, 3), verify(6*hrs, 340*million, 440), appSwitch(forever))...)},
		{id: "m22", name: "monitoring_at_99_percent", importance: "LOW", source: newEndpoint("TIDB", 3), sink: newEndpoint("OB_MYSQL", 7),
			plan: repeat(9*day, 40*hrs, migrationSteps(full(2*hrs, 31*million, 270), changed(incr(2*hrs, 3*secs), func(s *planStep) { s.progress = 99 }), appSwitch(forever))...)},
		{id: "m23", name: "alarm_lingers_after_recovery", owner: "zhang.wei", source: newEndpoint("OB_MYSQL", 5), sink: newEndpoint("ORACLE", 1),
			plan: repeat(2*day, 20*hrs, migrationSteps(full(2*hrs, 27*million, 350), incr(2*hrs, 4*secs, hold{kind: stalled, after: 15 * hrs, lasts: 40 * mins}), appSwitch(forever))...)},
		{id: "m24", name: "active_active", labels: []label{tagCore}, source: newEndpoint("OB_MYSQL", 2), sink: newEndpoint("OB_MYSQL", 9),
			plan: repeat(12*day, 5*hrs, migrationSteps(full(3*hrs, 84*million, 310), incr(3*hrs, 3*secs), reverse(2*secs), verify(4*hrs, 84*million, 310))...)},
		{id: "m25", name: "active_active_reverse_late", importance: "HIGH", labels: []label{tagCore}, source: newEndpoint("OB_ORACLE", 5), sink: newEndpoint("OB_ORACLE", 3),
			plan: repeat(2*day, 9*hrs, migrationSteps(full(2*hrs, 47*million, 520), incr(2*hrs, 4*secs), reverse(3*secs, hold{kind: stalled, after: 6 * hrs, lasts: 4 * hrs}), verify(2*hrs, 47*million, 520))...)},
	}
}
