package bench

import (
	"context"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/oms-exporter/oms_exporter/collector"
)

// BenchmarkResponse reports how long /-/healthy and a scrape of a target of 10 tasks take (the 95th percentile) while nothing else happens, and
// while 100,000 active tasks of another target are walked and written on one CPU.
//
//	go test -run '^$' -bench Response -benchtime 1x -timeout 30m ./internal/bench
func BenchmarkResponse(b *testing.B) {
	large := start(b, setup{Role: roleSimulator, Tasks: 100_000, Active: all})
	small := start(b, setup{Role: roleSimulator, Tasks: 10, Active: all})
	s := &side{process: start(b, setup{Role: roleOurs, URL: large.url, SmallURL: small.url, Collectors: collector.AllCollectors})}
	if _, err := s.scrape(b.Context(), "", false, io.Discard); err != nil { // the simulated OMS makes its pages once
		b.Fatal(err)
	}
	paths := []struct{ name, path string }{{"healthy", "/-/healthy"}, {"small", "/probe?target=" + smallName}}
	idle, busy := make([]time.Duration, len(paths)), make([]time.Duration, len(paths))
	for i, p := range paths {
		idle[i] = s.percentile(b, p.path, 3*time.Second)
	}
	ctx, stop := context.WithCancel(b.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for ctx.Err() == nil {
			_, _ = s.scrape(ctx, "", true, io.Discard) // it fails at the end, when ctx is cancelled
		}
	}()
	for i, p := range paths {
		busy[i] = s.percentile(b, p.path, 20*time.Second)
	}
	stop()
	<-ended
	for i, p := range paths {
		b.ReportMetric(float64(idle[i].Microseconds())/1e3, p.name+"-idle-p95-ms")
		b.ReportMetric(float64(busy[i].Microseconds())/1e3, p.name+"-busy-p95-ms")
	}
}

// percentile requests a path every 20 ms for some time, and returns the 95th percentile of how long that took.
func (s *side) percentile(b *testing.B, path string, lasts time.Duration) time.Duration {
	b.Helper()
	var took []time.Duration
	for end := time.Now().Add(lasts); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		begin := time.Now()
		if err := s.view(b.Context(), path); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(begin))
	}
	slices.Sort(took)
	return took[len(took)*95/100]
}
