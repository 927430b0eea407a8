package bench

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/oms-exporter/oms_exporter/collector"
)

// fixedMemory is the memory of an exporter without tasks, in bytes, as docs/cost.md has it.
const fixedMemory = 30e6

// memoryCase is an OMS whose scrapes are measured by the peak of resident memory, with the settings of Go's garbage collector as they are.
type memoryCase struct {
	tasks  int
	active float64
	gzip   bool
}

func (c memoryCase) String() string {
	return fmt.Sprintf("tasks=%d/active=%.0f%%/gzip=%t", c.tasks, 100*c.active, c.gzip)
}

// BenchmarkMemory reports the peak of resident memory (VmHWM) of the exporter per task, and how it grows when 40 scrapes and 40 page views
// come at once.
//
//	go test -run '^$' -bench Memory -benchtime 1x -timeout 30m ./internal/bench
func BenchmarkMemory(b *testing.B) {
	const scrapes = 8
	const pause = time.Second // between two scrapes, as Prometheus makes a longer one
	for _, tasks := range []int{15_000, 100_000} {
		for _, active := range []float64{few, all} {
			oms := start(b, setup{Role: roleSimulator, Tasks: tasks, Active: active})
			for _, gzip := range []bool{false, true} {
				c := memoryCase{tasks, active, gzip}
				b.Run(c.String(), func(b *testing.B) {
					s := c.side(b, oms)
					before, err := s.usage(b.Context())
					for range scrapes {
						if err == nil {
							_, err = s.scrape(b.Context(), s.accept, s.gzip, io.Discard)
						}
						time.Sleep(pause)
					}
					if err != nil {
						b.Fatal(err)
					}
					after, err := s.usage(b.Context())
					if err != nil {
						b.Fatal(err)
					}
					peak := float64(after.Peak)
					b.ReportMetric(float64((after.CPU-before.CPU).Microseconds())/scrapes/float64(tasks), "µs-CPU/task")
					b.ReportMetric(peak/1e6, "MB")
					b.ReportMetric((peak-fixedMemory)/float64(tasks)/1e3, "kB/task")
					if tasks > usualSize {
						return
					}
					if err := s.allAtOnce(b.Context(), 40); err != nil {
						b.Fatal(err)
					}
					if after, err = s.usage(b.Context()); err != nil {
						b.Fatal(err)
					}
					b.ReportMetric(float64(after.Peak)/peak, "at-once/one")
				})
			}
		}
	}
}

func (c memoryCase) side(b *testing.B, oms *process) *side {
	b.Helper()
	return &side{process: start(b, setup{Role: roleOurs, URL: oms.url, Collectors: collector.AllCollectors}), benchCase: benchCase{gzip: c.gzip}}
}

// allAtOnce makes n scrapes and n page views at the same time. A page view can be refused.
func (s *side) allAtOnce(ctx context.Context, n int) error {
	group, ctx := errgroup.WithContext(ctx)
	for i := range n {
		group.Go(func() error {
			_, err := s.scrape(ctx, s.accept, s.gzip, io.Discard)
			return err
		})
		group.Go(func() error { return s.view(ctx, []string{"/", "/tasks?target=" + targetName}[i%2]) })
	}
	return group.Wait()
}

func (s *side) view(ctx context.Context, path string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+path, nil)
	if err != nil {
		return err
	}
	res, err := scraper.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK && res.StatusCode != http.StatusServiceUnavailable {
		return fmt.Errorf("%s: status %d", path, res.StatusCode)
	}
	return nil
}
