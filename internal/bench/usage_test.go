package bench

import (
	"encoding/json"
	"net/http"
	"net/http/pprof"
	"runtime"
	"time"
)

const usagePath = "/usage"

// usage is what a process has used since it began, but for the peak, which is since the last reset.
type usage struct {
	CPU     time.Duration // user and system
	Mallocs uint64
	Bytes   uint64 // allocated, freed or not
	Peak    int64  // resident memory, bytes; 0 where the system does not tell
}

func serveUsage(w http.ResponseWriter, _ *http.Request) {
	u := usage{CPU: cpuTime(), Peak: peakMemory()}
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	u.Mallocs, u.Bytes = memory.Mallocs, memory.TotalAlloc
	_ = json.NewEncoder(w).Encode(u)
}

func resetUsage(http.ResponseWriter, *http.Request) { resetPeak() }

// profiling serves the profiles that explain the figures.
func profiling(mux *http.ServeMux) {
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
}
