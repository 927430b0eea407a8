package web

import (
	"runtime"
	"testing"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

func TestGarbageCollector(t *testing.T) {
	collections := func() uint32 {
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return stats.NumForcedGC
	}
	var c garbageCollector
	collect := func() (forced uint32) {
		before := collections()
		c.collect()
		testutil.Eventually(t, "the collector is done", func() bool { return !c.running.Load() })
		return collections() - before
	}
	collect()
	if n := collect(); n != 0 {
		t.Errorf("%d collections with nothing to collect", n)
	}
	garbage := make([]byte, max(minGarbage, c.live)) // as much as was in use
	runtime.KeepAlive(garbage)
	if n := collect(); n != 1 {
		t.Errorf("%d collections after as much was allocated as is in use, want 1", n)
	}
}
