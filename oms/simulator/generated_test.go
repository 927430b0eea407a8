package simulator

import (
	"fmt"
	"slices"
	"testing"
)

func generatedOptions(n int, active float64, tables int) Options {
	o := fixedClock(StoryTime)
	o.Generated, o.Active, o.Tables = n, active, tables
	return o
}

func TestGenerated(t *testing.T) {
	t.Run("the options set the tasks", func(t *testing.T) {
		const n = 333
		s, c := serve(t, generatedOptions(n, 0.1, 0))
		var got []string
		active := 0
		for number := 1; number <= 3; number++ {
			for _, r := range c.list(fmt.Sprintf(`{"order":"asc","pageSize":150,"pageNumber":%d}`,
				number)).envelope(t)["data"].([]any) {
				row := r.(map[string]any)
				got = append(got, row["id"].(string))
				steps := len(row["steps"].([]any))
				switch row["status"] {
				case "RUNNING":
					active++
					if steps < 7 || steps > 8 {
						t.Errorf("%v has %d steps", row["id"], steps)
					}
				case "RELEASED":
				default:
					t.Errorf("%v is %v", row["id"], row["status"])
				}
			}
		}
		if active != n/10 || !slices.Equal(got, idsOf(s.Truth(s.Now()))) || len(got) != n {
			t.Errorf("%d tasks, %d active", len(got), active)
		}
		if past := c.list(`{"order":"asc","pageSize":150,"pageNumber":4}`).ids(t); len(past) != 0 {
			t.Errorf("%d tasks past the end", len(past))
		}
		running := c.list(`{"order":"asc","pageSize":150,"status":["RUNNING"]}`).ids(t)
		if len(running) != active {
			t.Errorf("%d of %d by filter", len(running), active)
		}
	})
	t.Run("active tasks are spread evenly", func(t *testing.T) {
		for active, want := range map[float64]int{0: 0, 0.1: 100, 0.5: 500, 1: 1000} {
			got := 0
			for _, r := range New(generatedOptions(1000, active, 0)).Truth(testEpoch) {
				if r.Status == "RUNNING" {
					got++
				}
			}
			if got != want {
				t.Errorf("%v of 1000: %d", active, got)
			}
		}
	})
	t.Run("tables make rows large", func(t *testing.T) {
		_, c := serve(t, generatedOptions(4, 1, 25))
		for _, r := range c.list(`{"order":"asc"}`).envelope(t)["data"].([]any) {
			databases := r.(map[string]any)["transferMapping"].(map[string]any)["databases"].([]any)
			tables := databases[0].(map[string]any)["tables"].([]any)
			columns := tables[24].(map[string]any)["columns"].([]any)
			if len(tables) != 25 || len(columns) != columnsPerTable || len(columns[0].(map[string]any)) != 15 {
				t.Errorf("%d tables of %d columns", len(tables), len(columns))
			}
		}
	})
}
