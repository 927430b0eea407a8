package simulator_test

import (
	"context"
	"fmt"
	"io"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/oms-exporter/oms_exporter/oms/simulator"
)

// The first request for each page fails, the second is answered.
func ExampleSimulator_Set() {
	epoch := time.Date(2025, 6, 1, 0, 0, 0, 0, time.UTC)
	s := simulator.New(simulator.Options{Epoch: epoch, Now: func() time.Time { return epoch.Add(simulator.StoryTime) }})
	s.Set(func(b *simulator.Behaviour) {
		b.Faults = []simulator.Fault{{Attempts: 1, Kind: simulator.Answer, Status: 503}}
	})
	for range 2 {
		r := httptest.NewRequestWithContext(context.Background(), "POST", "/api/v2?Action=ListProjects",
			strings.NewReader(`{"pageSize":1,"order":"asc"}`))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		body, _ := io.ReadAll(w.Body)
		fmt.Println(w.Code, len(body) > 0)
	}
	fmt.Println(s.Requests()[1].Page, s.Truth(s.Now())[0].Name)
	// Output:
	// 503 false
	// 200 true
	// 1 finished_long_ago
}
