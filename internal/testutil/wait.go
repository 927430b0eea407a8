package testutil

import (
	"errors"
	"testing"
	"time"
)

// waitLimit is how long a test waits for something that has to happen. It is long enough for a machine that is ten
// times slower than usual. A test on a usual machine never waits that long.
const waitLimit = 5 * time.Minute

var errNotYet = errors.New("not yet")

// WaitFor calls check until it returns nil. When the limit is over, it fails the test with the last error.
func WaitFor(tb testing.TB, what string, check func() error) {
	tb.Helper()
	for deadline := time.Now().Add(waitLimit); ; time.Sleep(50 * time.Millisecond) {
		err := check()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			tb.Fatalf("%s: did not happen within %s: %v", what, waitLimit, err)
		}
	}
}

// Eventually waits until done returns true.
func Eventually(tb testing.TB, what string, done func() bool) {
	tb.Helper()
	WaitFor(tb, what, func() error {
		if done() {
			return nil
		}
		return errNotYet
	})
}
