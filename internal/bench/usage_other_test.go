//go:build !linux

package bench

import "time"

// processStart is the start of the process: wall time replaces CPU time on other systems.
var processStart = time.Now()

func cpuTime() time.Duration { return time.Since(processStart) }

func peakMemory() int64 { return 0 }
