package simulator

import (
	"fmt"
	"slices"
	"time"
)

// generated is a list of generated tasks. Each task is made when a page shows it. They do not change: their time is
// StoryTime.
type generated struct {
	epoch, now time.Time
	active     float64
	mapping    any     // transferMapping of every task
	summaries  []entry // oldest first
}

const columnsPerTable = 8

func newGenerated(epoch time.Time, n int, active float64, tables int) *generated {
	g := &generated{epoch: epoch, now: epoch.Add(StoryTime), active: active, summaries: make([]entry, n)}
	if tables > 0 {
		g.mapping = transferMapping(tables)
	}
	for i := range g.summaries {
		head := g.summary(i, n)
		g.summaries[i] = entry{Row: head.row(), task: func() *task { return g.task(i, n) }}
	}
	return g
}

func (g *generated) entries(time.Time) []entry { return slices.Clone(g.summaries) }

// isActive spreads the active tasks evenly over the list.
func (g *generated) isActive(i int) bool {
	return int(float64(i+1)*g.active) > int(float64(i)*g.active)
}

var pairs = [][2]string{{"MYSQL", "OB_MYSQL"}, {"ORACLE", "OB_ORACLE"}, {"OB_MYSQL", "MYSQL"},
	{"POSTGRESQL", "OB_MYSQL"}, {"TIDB", "OB_MYSQL"}, {"DB2_LUW", "OB_ORACLE"}, {"OB_ORACLE", "ORACLE"},
	{"OB_MYSQL", "OB_MYSQL"}}

// summary returns a task with the members for filters and sorting.
func (g *generated) summary(i, n int) *task {
	pair := pairs[i%len(pairs)]
	t := &task{id: fmt.Sprintf("np_gen%07d", i), kind: "MIGRATION", name: fmt.Sprintf("generated_%s_%07d", pair[0], i),
		owner: fmt.Sprintf("owner_%02d", i%23), importance: []string{"MEDIUM", "HIGH", "LOW"}[i%3], status: "RELEASED",
		source: newEndpoint(pair[0], i%40), sink: newEndpoint(pair[1], i%40), mapping: g.mapping,
		created: g.now.Add(-10*day - time.Duration(n-i)*time.Minute)}
	t.modified = t.created.Add(9 * day)
	if i%4 == 0 {
		t.labels = []label{{fmt.Sprintf("l_%02d", i%9), fmt.Sprintf("tag_%02d", i%9)}}
	}
	if g.isActive(i) {
		t.status, t.modified = "RUNNING", g.now.Add(-time.Duration(i%10)*time.Second)
	}
	return t
}

// task returns a whole task with seven or eight steps, in one of three stages of a migration.
func (g *generated) task(i, n int) *task {
	t := g.summary(i, n)
	head := *t
	rows := (20 + hash("rows", int64(i))%900) * million
	steps := migrationSteps(full(6*time.Hour, rows, 200+int64(i%700)))
	if i%2 == 0 {
		steps = append(steps, index(20*time.Minute))
	}
	steps = append(steps, incr(6*time.Hour, 3*time.Second), verify(6*time.Hour, rows, 200+int64(i%700)),
		appSwitch(10*day))
	elapsed := []time.Duration{2 * time.Hour, 9 * time.Hour, 2 * day}[i%3] + time.Duration(i%1777)*time.Second
	ended := !g.isActive(i)
	if ended {
		steps[len(steps)-1].takes = time.Hour
		elapsed = 8 * day
	}
	p := runOnce(elapsed, steps...)
	t.applyPlan(&p, g.epoch, g.now)
	t.status, t.modified, t.enabled = head.status, head.modified, enabledBy(steps)
	return t
}

// transferMapping returns the deprecated list of the objects that a task transfers.
func transferMapping(tables int) object {
	list := make(array, 0, tables)
	for i := range tables {
		columns := make(array, 0, columnsPerTable)
		for c := range columnsPerTable {
			columns = append(columns, column(c))
		}
		name := fmt.Sprintf("t_order_%04d", i)
		list = append(list, object{member("mappedName", name), member("name", name),
			member("id", fmt.Sprintf("tb_%04d", i)), member("whereClause", nil),
			member("filterColumns", nil), member("shardColumns", array{}), member("columns", columns)})
	}
	return object{member("mode", "SPECIFIC"),
		member("databases", array{object{member("mappedName", "trade"), member("name", "trade"), member("id", "db_1"),
			member("tables", list), member("views", array{}), member("specificTables", nil),
			member("specificViews", nil)}}),
		member("databasesBlack", nil), member("tableAndViewWhiteList", nil), member("tableAndViewBlackList", nil)}
}

func column(position int) object {
	name := fmt.Sprintf("column_%02d", position)
	return object{member("columnName", name), member("mappedName", name), member("position", position),
		member("columnType", "VARCHAR"), member("recordFieldType", nil), member("rawColumnType", "varchar(64)"),
		member("columnKey", nil), member("nullable", true), member("defaultValue", nil), member("dataLength", 64),
		member("dataPrecision", nil), member("dataScale", nil), member("encoding", "utf8mb4"),
		member("columnComment", "备注"), member("isGenerateField", false)}
}
