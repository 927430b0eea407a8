package testutil

import (
	"errors"
	"testing"
	"time"
)

// waitLimit is the longest wait of a test for an event. It suffices for a machine that is ten times slower than usual.
const waitLimit = 5 * time.Minute

var errNotYet = errors.New("not yet")

// WaitFor calls check until it returns nil. After the limit it fails the test with the last error.
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

// Eventually waits until done returns true. After the limit it fails the test.
func Eventually(tb testing.TB, what string, done func() bool) {
	tb.Helper()
	WaitFor(tb, what, func() error {
		if done() {
			return nil
		}
		return errNotYet
	})
}
