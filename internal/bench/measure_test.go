package bench

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/oms-exporter/oms_exporter/collector"
)

// cost is what one scrape took: the median of several.
type cost struct {
	CPU     time.Duration
	Wall    time.Duration
	Mallocs float64
	Bytes   float64 // allocated
	Peak    float64 // resident bytes
	Size    float64 // of the exposition as it is sent
	Plain   float64 // of the exposition as text, before compression
	Series  float64 // of the targets
	Pages   float64
}

// result is a case measured.
type result struct {
	benchCase
	ours, other cost
	cpu, wall   float64 // of ours, that of the other being 1: the median of the rounds, in each of which both met the same machine
}

// side is one exporter under measurement.
type side struct {
	*process
	benchCase
	costs []cost
}

const roundTime = time.Second // that a round takes at least: asking for what was used costs something, too

// rounds is how many rounds are counted where one takes so long.
func rounds(took time.Duration) int {
	switch {
	case took > 30*time.Second:
		return 2
	case took > 10*time.Second:
		return 3
	}
	return 7
}

// measure scrapes both exporters in turn, so that whatever else the machine does meets both.
func measure(b *testing.B, c benchCase) result {
	b.Helper()
	ctx := b.Context()
	c.oms.Role = roleSimulator
	oms := start(b, c.oms)
	if c.ours.Collectors == (collector.Collectors{}) && c.other == nil {
		c.ours.Collectors = collector.AllCollectors
	}
	c.ours.Role, c.ours.URL = roleOurs, oms.url
	other := setup{Role: roleBaseline}
	if c.other != nil {
		other = *c.other
	}
	other.URL = oms.url
	if c.of > 0 {
		another := c.oms
		another.Tasks = c.of
		other.URL = start(b, another).url
	}
	plain := c
	plain.scrapes, plain.atOnce = c.others, false
	sides := [2]*side{{process: start(b, c.ours), benchCase: c}, {process: start(b, other), benchCase: plain}}

	took := warm(b, sides)
	repeats := 1 + int(roundTime/took)
	if c.ours.MinInterval > 0 {
		repeats = 1
	}
	for range rounds(took) {
		roundOf(b, sides, repeats)
	}
	r := result{benchCase: c}
	r.cpu = medianRatio(sides, func(c cost) time.Duration { return c.CPU })
	r.wall = medianRatio(sides, func(c cost) time.Duration { return c.Wall })
	r.ours, r.other = median(sides[0].costs), median(sides[1].costs)
	for _, s := range []struct {
		of *side
		to *cost
	}{{sides[0], &r.ours}, {sides[1], &r.other}} {
		if err := s.of.describe(ctx, s.to); err != nil {
			b.Fatalf("%s: %v", c.name, err)
		}
	}
	return r
}

// warm lets both sides scrape until their memory no longer grows, if that is not beyond all patience, and gives how long both took at last.
// What an exporter costs is what it costs after months, not while its heap is new.
func warm(b *testing.B, sides [2]*side) (took time.Duration) {
	b.Helper()
	const most, patience = 6, 30 * time.Second
	for begin, n := time.Now(), 0; n == 0 || n < most && time.Since(begin) < patience; n++ {
		took = roundOf(b, sides, 1)
	}
	for _, s := range sides {
		s.costs = nil
	}
	return took
}

// roundOf makes a round of each side.
func roundOf(b *testing.B, sides [2]*side, repeats int) time.Duration {
	b.Helper()
	begin := time.Now()
	for _, s := range sides {
		if err := s.round(b.Context(), repeats); err != nil {
			b.Fatalf("%s: %v", s.name, err)
		}
	}
	return time.Since(begin)
}

// round takes the cost of so many scrapes.
func (s *side) round(ctx context.Context, repeats int) error {
	if s.ours.MinInterval > 0 && s.scrapes > 1 {
		time.Sleep(s.ours.MinInterval)
	}
	if err := s.reset(ctx); err != nil {
		return err
	}
	before, err := s.usage(ctx)
	if err != nil {
		return err
	}
	begin := time.Now()
	size := int64(0)
	for range repeats {
		if size, err = s.scrapeAll(ctx); err != nil {
			return err
		}
	}
	wall := time.Since(begin)
	after, err := s.usage(ctx)
	if err != nil {
		return err
	}
	n := float64(repeats)
	s.costs = append(s.costs, cost{
		CPU:     (after.CPU - before.CPU) / time.Duration(repeats),
		Wall:    wall / time.Duration(repeats),
		Mallocs: float64(after.Mallocs-before.Mallocs) / n,
		Bytes:   float64(after.Bytes-before.Bytes) / n,
		Peak:    float64(after.Peak),
		Size:    float64(size),
	})
	return nil
}

// scrapeAll makes the scrapes that count as one.
func (s *side) scrapeAll(ctx context.Context) (size int64, err error) {
	group, ctx := errgroup.WithContext(ctx)
	if !s.atOnce {
		group.SetLimit(1)
	}
	sizes := make([]int64, max(1, s.scrapes))
	for i := range sizes {
		group.Go(func() (err error) {
			sizes[i], err = s.scrape(ctx, s.accept, s.gzip, io.Discard)
			return err
		})
	}
	err = group.Wait()
	return sizes[0], err
}

var scraper = &http.Client{Transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 8}}

func (s *side) scrape(ctx context.Context, accept string, gzip bool, to io.Writer) (int64, error) {
	path := tasksPath
	if s.own {
		path = metricsPath
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+path, nil)
	if err != nil {
		return 0, err
	}
	if accept != "" {
		req.Header.Set("Accept", accept)
	}
	if gzip {
		req.Header.Set("Accept-Encoding", "gzip")
	}
	req.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", strconv.Itoa(int(patient.Seconds())))
	res, err := scraper.Do(req)
	if err != nil {
		return 0, err
	}
	defer func() { _ = res.Body.Close() }()
	n, err := io.Copy(to, res.Body)
	switch {
	case err != nil:
		return n, err
	case res.StatusCode != http.StatusOK:
		return n, fmt.Errorf("status %d", res.StatusCode)
	case (res.Header.Get("Content-Encoding") == "gzip") != gzip:
		return n, fmt.Errorf("Content-Encoding is %q", res.Header.Get("Content-Encoding"))
	}
	return n, nil
}

// describe counts what stands in the exposition.
func (s *side) describe(ctx context.Context, to *cost) error {
	counter := &seriesCounter{begin: true}
	size, err := s.scrape(ctx, "", false, counter)
	to.Plain, to.Series = float64(size), float64(counter.series)
	return err
}

// seriesCounter counts the lines of a text exposition that are series of a target.
type seriesCounter struct {
	series int
	begin  bool // of a line
}

func (c *seriesCounter) Write(p []byte) (int, error) {
	for _, b := range p {
		if c.begin && b == 'o' { // oms_; the exporter's own hardly count
			c.series++
		}
		c.begin = b == '\n'
	}
	return len(p), nil
}

// medianRatio compares what both sides took, round by round. The rounds are in their order.
func medianRatio(sides [2]*side, took func(cost) time.Duration) float64 {
	ratios := make([]float64, len(sides[0].costs))
	for i := range ratios {
		ratios[i] = took(sides[0].costs[i]).Seconds() / took(sides[1].costs[i]).Seconds()
	}
	slices.Sort(ratios)
	return ratios[len(ratios)/2]
}

// median is that of each cost by itself; it changes the order.
func median(costs []cost) cost {
	var m cost
	middle := len(costs) / 2
	durations := func(of func(*cost) *time.Duration) {
		slices.SortFunc(costs, func(a, b cost) int { return int(*of(&a) - *of(&b)) })
		*of(&m) = *of(&costs[middle])
	}
	floats := func(of func(*cost) *float64) {
		slices.SortFunc(costs, func(a, b cost) int { return int(*of(&a) - *of(&b)) })
		*of(&m) = *of(&costs[middle])
	}
	durations(func(c *cost) *time.Duration { return &c.CPU })
	durations(func(c *cost) *time.Duration { return &c.Wall })
	floats(func(c *cost) *float64 { return &c.Mallocs })
	floats(func(c *cost) *float64 { return &c.Bytes })
	floats(func(c *cost) *float64 { return &c.Peak })
	floats(func(c *cost) *float64 { return &c.Size })
	return m
}
