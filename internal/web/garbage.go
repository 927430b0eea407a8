package web

import (
	"runtime"
	"runtime/metrics"
	"sync/atomic"
)

// minGarbage is the memory from which on a collection is worth its cost: that of some thousand tasks.
const minGarbage = 16 << 20

// garbageCollector collects garbage when no scrape is under way. The memory in use is at its lowest then: it is one list of tasks. Go's own pace depends
// on the memory that was in use at the last collection. During a walk that is two lists, and the next collection would come at four. A
// collection at this time delays no scrape.
type garbageCollector struct {
	running   atomic.Bool
	allocated uint64 // bytes allocated since the start, at the last collection here; only while running is true
	live      uint64 // bytes in use after it; likewise
}

// collect collects in the background, if about as much was allocated since the last time as was in use then: it takes no more CPU than the
// collections by Go's own pace.
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

// heap returns the bytes that were allocated since the start, and those that the last collection found in use.
func heap() (allocated, live uint64) {
	samples := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}, {Name: "/gc/heap/live:bytes"}}
	metrics.Read(samples)
	return samples[0].Value.Uint64(), samples[1].Value.Uint64()
}
