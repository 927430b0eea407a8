package oms

import (
	"fmt"
	"path"
	"runtime"
	"strings"
)

// PanicError returns the error for a walk of target that panicked. page is 0 if it is unknown. The reason is decode:
// only the answers of OMS differ from one walk to the next. Call it in the deferred function that recovers value.
func PanicError(target string, page int, value any) *Error {
	return &Error{
		Reason: Decode, Target: target, Page: page,
		Message: fmt.Sprintf("a bug of the exporter, please report it with this line: panic %.200q in %s",
			fmt.Sprint(value), panicPlace()),
	}
}

// panicPlace returns the innermost functions that were running, in one line.
func panicPlace() string {
	const functions, skipped = 5, 3 // runtime.Callers, panicPlace, PanicError
	var callers [32]uintptr
	frames := runtime.CallersFrames(callers[:runtime.Callers(skipped, callers[:])])
	var names []string
	inside := false // of the panic: the frames above are the deferred function and the runtime
	for {
		frame, more := frames.Next()
		switch {
		case strings.HasPrefix(frame.Function, "runtime."):
			inside = true
		case inside:
			names = append(names, fmt.Sprintf("%s (%s:%d)", path.Base(frame.Function), path.Base(frame.File),
				frame.Line))
		}
		if !more || len(names) == functions {
			return strings.Join(names, ", called by ")
		}
	}
}
