package oms

import (
	"errors"
	"net/http"
	"strings"
	"testing"
)

// Pages are read in goroutines: a panic there ends the process, because no caller of Walk can recover it.
func TestWalkPanic(t *testing.T) {
	answers := roundTripFunc(func(r *http.Request) (*http.Response, error) {
		if pageNumber(t, r) == 1 {
			return answer(http.StatusOK, `{"success":true,"totalCount":3,"pageSize":1,"data":[{"id":"a"}]}`), nil
		}
		panic("over page 2")
	})
	c := newClient(t, "http://oms.test", &http.Client{Transport: answers}, Options{Target: "prod"})
	walk, err := newWalker(t, c, WalkOptions{PageSize: 1, Concurrency: 1}).Walk(t.Context(), nil)
	var failure *Error
	if !errors.As(err, &failure) || failure.Reason != Decode || failure.Page != 2 {
		t.Fatalf("got %v, want reason decode at page 2", err)
	}
	for _, part := range []string{"OMS prod: page 2", "a bug of the exporter", `"over page 2"`,
		"error_panic_test.go:"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not contain %q", err, part)
		}
	}
	if walk.Tasks != nil {
		t.Errorf("a failed walk shows %d tasks", len(walk.Tasks))
	}
}
