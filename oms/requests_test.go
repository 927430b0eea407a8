package oms

import (
	"encoding/json"
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
)

// An OMS whose last page always promises less than the others costs one second pass, not one on each scrape.
func TestAListThatAlwaysShrinksIsReadTwiceOnce(t *testing.T) {
	pages := []string{
		`{"totalCount":5,"data":[{"id":"a"},{"id":"b"}]}`,
		`{"totalCount":5,"data":[{"id":"c"},{"id":"d"}]}`,
		`{"totalCount":4,"data":[]}`,
	}
	url, hc := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var asked struct{ PageNumber int }
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
			t.Error(err)
		}
		_, _ = w.Write([]byte(pages[asked.PageNumber-1]))
	}))
	w := newWalker(t, newClient(t, url, hc, Options{}), WalkOptions{PageSize: 2})
	for scrape, want := range []int{6, 3, 3} {
		if walk, err := w.Walk(t.Context(), nil); err != nil || walk.Pages != want || len(walk.Tasks) != 4 {
			t.Errorf("scrape %d: %v, %d pages, %d tasks", scrape, err, walk.Pages, len(walk.Tasks))
		}
	}
}

// Where the server drops the connection after each request, what net/http would send again by itself is not counted: it must not.
func TestEachRequestForAPageIsAnAttemptThatIsCounted(t *testing.T) {
	var requests atomic.Int32
	attempts := 0
	url, hc := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if requests.Add(1) > 1 { // the first leaves a connection to use again
			panic(http.ErrAbortHandler)
		}
		_, _ = w.Write([]byte(`{"totalCount":4,"data":[{"id":"a"},{"id":"b"}]}`))
	}))
	w := newWalker(t, newClient(t, url, hc, Options{OnAttempt: func(Attempt) { attempts++ }}), WalkOptions{PageSize: 2})
	_, err := w.Walk(t.Context(), nil)
	var failure *Error
	if !errors.As(err, &failure) || failure.Reason != Connect || requests.Load() != 1+maxAttempts || attempts != 1+maxAttempts {
		t.Errorf("%v: %d requests, %d attempts", err, requests.Load(), attempts)
	}
}
