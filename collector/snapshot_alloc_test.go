package collector

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"testing"
	"time"

	"github.com/oms-exporter/oms_exporter/internal/exposition"
	"github.com/oms-exporter/oms_exporter/oms"
)

// manyTasks returns a target with so many tasks. Every scrape within an hour shows the same walk.
func manyTasks(tasks int) *Target {
	walk := &oms.Walk{}
	for i := range tasks {
		walk.Tasks = append(walk.Tasks, &oms.Task{ID: fmt.Sprintf("np_%05d", i), Status: "RUNNING", Type: "MIGRATION",
			Steps: []oms.Step{{Name: "FULL_TRANSFER", Status: "RUNNING"}, {Name: "INCR_TRANSFER", Status: "INIT"}}})
	}
	settings := defaultSettings("prod")
	settings.MinInterval = time.Hour
	walker := walkerFunc(func(context.Context, *oms.Progress) (*oms.Walk, error) { return walk, nil })
	return NewTarget(settings, walker, nil)
}

// allocated returns the number of bytes that f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestSnapshotTaskViews(t *testing.T) {
	t.Run("many scrapes at once need the memory of one", func(t *testing.T) {
		const scrapes = 40
		target, metrics := manyTasks(3000), NewMetrics(AllCollectors)
		var inUse [][]exposition.Family
		scrape := func() {
			families := metrics.Families(Scrape(t.Context(), []*Target{target}))
			w := exposition.NewTextWriter(io.Discard, false)
			for _, f := range families {
				_ = f.WriteText(w)
			}
			inUse = append(inUse, families)
		}
		first := allocated(scrape)
		others := allocated(func() {
			for range scrapes - 1 {
				scrape()
			}
		})
		const buffers = scrapes * (100 << 10) // each has an answer to write
		if others > buffers {
			t.Errorf("the first scrape allocated %d bytes, %d more %d", first, scrapes-1, others)
		}
		runtime.KeepAlive(inUse)
	})
	t.Run("between scrapes none are kept", func(t *testing.T) {
		snapshots := Scrape(t.Context(), []*Target{manyTasks(10)})
		families := NewMetrics(AllCollectors).Families(snapshots)
		shared := snapshots[0].shared
		if shared.list.Value() == nil || shared.list.Value() != snapshots[0].TaskViews() {
			t.Error("views are not shared while they are in use")
		}
		runtime.KeepAlive(families)
		for range 10 {
			runtime.GC()
		}
		if shared.list.Value() != nil {
			t.Error("unused views are kept")
		}
	})
}
