package bench

import (
	"context"
	"fmt"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
)

// fixedMemory is the memory of an exporter without tasks in bytes, as in docs/cost.md.
const fixedMemory = 30e6

// BenchmarkMemory reports the CPU time and the peak of resident memory (VmHWM) per task, and the growth of that peak by
// 40 scrapes and 40 page views at once. The settings of Go's garbage collector are the defaults.
//
//	go test -run '^$' -bench Memory -benchtime 1x -timeout 30m ./internal/bench
func BenchmarkMemory(b *testing.B) {
	const scrapes = 8
	const pause = time.Second // Prometheus makes a longer one
	for _, tasks := range []int{15_000, 100_000} {
		for _, active := range []float64{few, all} {
			oms := start(b, setup{Role: roleSimulator, Tasks: tasks, Active: active})
			for _, gzip := range []bool{false, true} {
				b.Run(fmt.Sprintf("tasks=%d/active=%.0f%%/gzip=%t", tasks, 100*active, gzip), func(b *testing.B) {
					exporter := start(b, setup{Role: roleExporter, URL: oms.url})
					before := exporter.usage(b)
					for range scrapes {
						if err := exporter.scrape(b.Context(), gzip); err != nil {
							b.Fatal(err)
						}
						time.Sleep(pause)
					}
					after := exporter.usage(b)
					peak := float64(after.Peak)
					b.ReportMetric(float64((after.CPU-before.CPU).Microseconds())/scrapes/float64(tasks), "µs-CPU/task")
					b.ReportMetric(peak/1e6, "MB")
					b.ReportMetric((peak-fixedMemory)/float64(tasks)/1e3, "kB/task")
					if tasks > 15_000 {
						return
					}
					if err := exporter.allAtOnce(b.Context(), gzip, 40); err != nil {
						b.Fatal(err)
					}
					b.ReportMetric(float64(exporter.usage(b).Peak)/peak, "at-once/one")
				})
			}
		}
	}
}

// allAtOnce makes n scrapes and n page views at the same time.
func (p *process) allAtOnce(ctx context.Context, gzip bool, n int) error {
	group, ctx := errgroup.WithContext(ctx)
	for i := range n {
		group.Go(func() error { return p.scrape(ctx, gzip) })
		group.Go(func() error { return p.view(ctx, []string{"/", "/tasks?target=" + targetName}[i%2]) })
	}
	return group.Wait()
}
