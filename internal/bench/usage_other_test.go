//go:build !linux

package bench

import "time"

// start0 is the start of the process: wall time replaces CPU time on other systems.
var start0 = time.Now()

func cpuTime() time.Duration { return time.Since(start0) }

func peakMemory() int64 { return 0 }
