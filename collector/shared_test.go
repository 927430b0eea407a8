package collector

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"testing"
	"time"

	"github.com/oms-exporter/oms_exporter/oms"
)

// manyTasks is a target of so many tasks; every scrape within an hour is given the same walk.
func manyTasks(tasks int) *Target {
	walk := &oms.Walk{}
	for i := range tasks {
		walk.Tasks = append(walk.Tasks, &oms.Task{ID: fmt.Sprintf("np_%05d", i), Status: "RUNNING", Type: "MIGRATION",
			Steps: []oms.Step{{Name: "FULL_TRANSFER", Status: "RUNNING"}, {Name: "INCR_TRANSFER", Status: "INIT"}}})
	}
	settings := usual("prod")
	settings.MinInterval = time.Hour
	return NewTarget(settings, walkerFunc(func(context.Context, *oms.Progress) (*oms.Walk, error) { return walk, nil }), nil)
}

// allocated is how many bytes f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestMemoryOfManyScrapesAtOnceIsThatOfOne(t *testing.T) {
	const scrapes = 40
	target, metrics := manyTasks(3000), NewMetrics(AllParts)
	var underWay []*Exposition
	scrape := func() {
		e := metrics.Exposition(Scrape(t.Context(), []*Target{target}))
		w := NewTextWriter(io.Discard, false)
		for _, f := range e.Families() {
			_ = f.WriteText(w)
		}
		underWay = append(underWay, e)
	}
	first := allocated(scrape)
	others := allocated(func() {
		for range scrapes - 1 {
			scrape()
		}
	})
	const buffers = scrapes * (textBuffer + longLine + 32<<10) // each has an answer to write
	if others > buffers {
		t.Errorf("the first scrape allocated %d bytes, %d more %d", first, scrapes-1, others)
	}
	for _, e := range underWay[1:] {
		if e.views[0] != underWay[0].views[0] {
			t.Error("two scrapes of one walk have views of their own")
		}
	}
}

func TestBetweenScrapesNoViewsAreKept(t *testing.T) {
	target, metrics := manyTasks(10), NewMetrics(AllParts)
	snapshots := Scrape(t.Context(), []*Target{target})
	e := metrics.Exposition(snapshots)
	shared := snapshots[0].shared
	if shared.list.Value() != e.views[0] {
		t.Error("views are not shared while they are in use")
	}
	runtime.KeepAlive(e)
	e = nil
	for range 10 {
		runtime.GC()
	}
	if shared.list.Value() != nil {
		t.Error("views are kept that nobody uses")
	}
}
