//go:build !linux

package bench

import "time"

// start0 stands in for the process' CPU time where that is not known: wall time then, which is of use on an idle machine alone.
var start0 = time.Now()

func cpuTime() time.Duration { return time.Since(start0) }

func peakMemory() int64 { return 0 }

func resetPeak() {}
