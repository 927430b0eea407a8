package collector

import (
	"fmt"
	"path"
	"runtime"
	"strings"

	"github.com/oms-exporter/oms_exporter/oms"
)

// faultError is for a walk of target that panicked. Its reason is decode: all that differs from one walk to the next is what OMS sent.
// It is called from the deferred function that recovered the value of the panic.
func faultError(target string, value any) *oms.Error {
	return &oms.Error{
		Reason: oms.Decode, Target: target,
		Message: fmt.Sprintf("a bug of the exporter, please report it with this line: panic %.200q in %s", fmt.Sprint(value), panicked()),
	}
}

// panicked names the innermost functions that were running, in one line.
func panicked() string {
	const functions, skipped = 5, 3 // runtime.Callers, panicked, faultError
	var callers [32]uintptr
	frames := runtime.CallersFrames(callers[:runtime.Callers(skipped, callers[:])])
	var names []string
	inside := false // of what panicked: above it are the deferred function and the runtime
	for {
		frame, more := frames.Next()
		switch {
		case strings.HasPrefix(frame.Function, "runtime."):
			inside = true
		case inside:
			names = append(names, fmt.Sprintf("%s (%s:%d)", path.Base(frame.Function), path.Base(frame.File), frame.Line))
		}
		if !more || len(names) == functions {
			return strings.Join(names, ", called by ")
		}
	}
}
