package bench

import (
	"context"
	"slices"
	"testing"
	"time"
)

// BenchmarkResponse reports the 95th percentile of the response times of /-/healthy and of a scrape of 10 tasks: on an
// idle exporter, and while it walks and writes 100,000 active tasks of another target on one CPU.
//
//	go test -run '^$' -bench Response -benchtime 1x -timeout 30m ./internal/bench
func BenchmarkResponse(b *testing.B) {
	large := start(b, setup{Role: roleSimulator, Tasks: 100_000, Active: all})
	small := start(b, setup{Role: roleSimulator, Tasks: 10, Active: all})
	exporter := start(b, setup{Role: roleExporter, URL: large.url, SmallURL: small.url})
	if err := exporter.scrape(b.Context(), false); err != nil { // the simulated OMS makes its pages once
		b.Fatal(err)
	}
	paths := []struct{ name, path string }{{"healthy", "/-/healthy"}, {"small", "/probe?target=" + smallName}}
	idle, busy := make([]time.Duration, len(paths)), make([]time.Duration, len(paths))
	for i, p := range paths {
		idle[i] = exporter.percentile(b, p.path, 3*time.Second)
	}
	ctx, stop := context.WithCancel(b.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for ctx.Err() == nil {
			_ = exporter.scrape(ctx, true) // it fails at the end, when ctx is cancelled
		}
	}()
	for i, p := range paths {
		busy[i] = exporter.percentile(b, p.path, 20*time.Second)
	}
	stop()
	<-ended
	for i, p := range paths {
		b.ReportMetric(float64(idle[i].Microseconds())/1e3, p.name+"-idle-p95-ms")
		b.ReportMetric(float64(busy[i].Microseconds())/1e3, p.name+"-busy-p95-ms")
	}
}

// percentile requests a path every 20 ms for some time and returns the 95th percentile of the response times.
func (p *process) percentile(b *testing.B, path string, lasts time.Duration) time.Duration {
	b.Helper()
	var took []time.Duration
	for end := time.Now().Add(lasts); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		begin := time.Now()
		if err := p.view(b.Context(), path); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(begin))
	}
	slices.Sort(took)
	return took[len(took)*95/100]
}
