package web

import (
	"runtime"
	"runtime/metrics"
	"sync/atomic"
)

// minGarbage is the least garbage that is worth a collection: the memory of some thousand tasks.
const minGarbage = 16 << 20

// garbageCollector collects garbage between scrapes, when the exporter holds one list of tasks. Go's own collector
// waits until the memory in use at its last collection has doubled. After a collection during a walk, with two lists in
// memory, it waits for four. A collection between scrapes delays no scrape.
type garbageCollector struct {
	running   atomic.Bool
	allocated uint64 // bytes allocated since the start, at the last collection here; only while running is true
	live      uint64 // bytes in use after that collection; likewise
}

// collect collects garbage in the background if the exporter has allocated about as much since the last collection as
// was in use then. That takes no more CPU than Go's own collections.
func (c *garbageCollector) collect() {
	if !c.running.CompareAndSwap(false, true) {
		return
	}
	go func() {
		defer c.running.Store(false)
		if allocated, _ := heap(); allocated-c.allocated < max(minGarbage, c.live*3/4) {
			return
		}
		runtime.GC()
		c.allocated, c.live = heap()
	}()
}

// heap returns the bytes allocated since the start and the bytes in use at the last collection.
func heap() (allocated, live uint64) {
	samples := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}, {Name: "/gc/heap/live:bytes"}}
	metrics.Read(samples)
	return samples[0].Value.Uint64(), samples[1].Value.Uint64()
}
