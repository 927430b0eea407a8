package simulator

import "time"

// syncStories returns synchronizations and verifications.
func syncStories() []story {
	figures := func(t *task, _ time.Time) { t.shape = ExtraFigures }
	return []story{
		{id: "s01", name: "ob_to_kafka", kind: "SYNC", importance: "LOW", source: newEndpoint("OB_MYSQL", 1),
			sink: newEndpoint("KAFKA", 1), adjust: figures,
			plan: runOnce(20*day, precheck(8*secs), logPull(45*secs), incr(0, 2*secs))},
		{id: "s02", name: "orders_to_kafka", kind: "SYNC", importance: "HIGH", owner: "li.na",
			labels: []label{tagProd, tagCore}, source: newEndpoint("OB_ORACLE", 1), sink: newEndpoint("KAFKA", 2),
			plan: runOnce(33*day, precheck(8*secs), logPull(45*secs), incr(0, 6*secs))},
		{id: "s03", name: "ob_to_datahub", kind: "SYNC", source: newEndpoint("OB_MYSQL", 2),
			sink: newEndpoint("DATAHUB", 1), adjust: figures,
			plan: runOnce(12*day, precheck(8*secs), renamed("FULL_TRANSFER", full(2*hrs, 30*million, 210)),
				incr(2*hrs, 3*secs))},
		{id: "s04", name: "ob_to_rocketmq", kind: "SYNC", source: newEndpoint("OB_ORACLE", 2),
			sink: newEndpoint("ROCKETMQ", 1),
			plan: runOnce(8*day, precheck(8*secs), logPull(45*secs), incr(0, 3*secs))},
		{id: "s05", name: "kafka_delay_alarm", kind: "SYNC", owner: "zhang.wei", labels: []label{tagBatch},
			source: newEndpoint("OB_MYSQL", 3), sink: newEndpoint("KAFKA", 1), adjust: figures,
			plan: repeat(day, 10*hrs, precheck(8*secs), logPull(45*secs),
				incr(0, 3*secs, hold{kind: stalled, after: 6 * hrs, lasts: 7 * hrs}))},
		{id: "s06", name: "datahub_failed", kind: "SYNC", owner: "wang.fang", source: newEndpoint("OB_ORACLE", 3),
			sink: newEndpoint("DATAHUB", 2),
			plan: repeat(day, 8*hrs, precheck(8*secs), logPull(45*secs),
				incr(0, 2*secs, hold{kind: failed, after: 3 * hrs, lasts: 11 * hrs, failure: errSystem}))},
		{id: "s07", name: "rocketmq_status_inconsistent", kind: "SYNC", source: newEndpoint("OB_MYSQL", 4),
			sink: newEndpoint("ROCKETMQ", 2), adjust: inconsistent,
			plan: runOnce(16*day, precheck(8*secs), logPull(45*secs), incr(0, 4*secs))},
		{id: "s08", name: "旧版同步任务", kind: "SYNC", owner: "王芳", source: newEndpoint("OB_ORACLE", 5),
			sink: newEndpoint("KAFKA", 2),
			plan: runOnce(50*day, renamed("SYNC_PREPARE", precheck(5*secs)),
				renamed("SYNC_INCR_LOG_PULL", logPull(30*secs)), renamed("STRUCT_SYNC", structure(20*secs)),
				renamed("CONNECTOR_FULL_SYNC", full(hrs, 8*million, 150)),
				renamed("CONNECTOR_INCR_SYNC", incr(hrs, 5*secs)))},
		{id: "s09", name: "route_to_kafka", kind: "SYNC", importance: "IGNORE", source: newEndpoint("DBP_OP_ROUTE", 2),
			sink: newEndpoint("KAFKA", 3),
			plan: runOnce(9*day, renamed("TRANSFER_PREPARE", precheck(5*secs)), logPull(30*secs),
				incr(0, 3*secs, hold{kind: stalled, after: day, lasts: 5 * hrs, every: day}))},
		{id: "s10", name: "idb_to_datahub_full", kind: "SYNC", source: newEndpoint("IDB", 1),
			sink: newEndpoint("DATAHUB", 2),
			plan: repeat(day, 2*hrs, precheck(8*secs), renamed("FULL_TRANSFER", full(5*hrs, 66*million, 190)),
				incr(5*hrs, 3*secs))},
		{id: "v01", name: "verify_orders", kind: "VERIFY", source: newEndpoint("MYSQL", 1),
			sink: newEndpoint("OB_MYSQL", 1),
			plan: repeat(3*day, 9*hrs, precheck(8*secs), verify(4*hrs, 120*million, 512))},
		{id: "v02", name: "verify_ledger_running", kind: "VERIFY", owner: "zhang.wei", importance: "LOW",
			source: newEndpoint("OB_ORACLE", 3), sink: newEndpoint("ORACLE", 3),
			plan: repeat(day, 100*mins, precheck(8*secs), verify(5*hrs, 55*million, 840))},
		{id: "v03", name: "verify_failed", kind: "VERIFY", source: newEndpoint("DB2_LUW", 2),
			sink: newEndpoint("OB_ORACLE", 4),
			plan: repeat(2*day, 7*hrs, precheck(8*secs),
				verify(3*hrs, 22*million, 400, hold{kind: failed, at: 0.8, lasts: 20 * hrs, failure: errTimeout}))},
	}
}

// inconsistent raises the only alarm that no figure of the task explains.
func inconsistent(t *task, _ time.Time) {
	t.alarms.rules = append(t.alarms.rules, rule{"oms_sync_status_inconsistent", 2})
	t.alarms.text = "组件状态与任务状态不一致"
}
