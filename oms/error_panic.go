package oms

import (
	"fmt"
	"path"
	"runtime"
	"strings"
)

// FaultError is for a walk of target that panicked, at page if that is known, else 0. Its reason is decode: all that differs from one walk
// to the next is what OMS sent. It is called from the deferred function that recovered the value of the panic.
func PanicError(target string, page int, value any) *Error {
	return &Error{
		Reason: Decode, Target: target, Page: page,
		Message: fmt.Sprintf("a bug of the exporter, please report it with this line: panic %.200q in %s", fmt.Sprint(value), panicPlace()),
	}
}

// panicked names the innermost functions that were running, in one line.
func panicPlace() string {
	const functions, skipped = 5, 3 // runtime.Callers, panicked, FaultError
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
