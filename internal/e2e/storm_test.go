//go:build slow

package e2e

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
	"github.com/oms-exporter/oms_exporter/oms/simulator"
)

var stormDuration = flag.Duration("storm", time.Minute, "duration of the fault storm")

const (
	// stormClockRate is the speed of the clock of each OMS: tasks change during a walk.
	stormClockRate = 10
	stormTimeout   = 2 * time.Second // of each target
)

// storm is an exporter under load and three OMS with random faults.
type storm struct {
	*process
	targets  []*stormTarget
	config   string // file
	password string // file with the password of the first target
	log      *logPipe
	end      time.Time

	// A scrape locks paging for reading, and a change of the paging locks it for writing: an OMS does not change its
	// paging during a walk.
	paging sync.RWMutex

	answers, complete, failed, refused, canceled, faults, reloads atomic.Int64
}

type stormTarget struct {
	omsServer
	name string

	mu       sync.Mutex
	statuses map[time.Time]map[string]string // by second and task
}

func TestFaultStorm(t *testing.T) {
	duration := *stormDuration
	seed := uint64(time.Now().UnixNano())
	t.Logf("%s, seed %d", duration, seed)
	s := startStorm(t)

	idle := s.settle()
	s.run(seed, duration/5)
	before := s.settle()
	s.run(seed+1, duration-duration/5)
	after := s.settle()

	t.Logf("%d answers: %d complete and %d failed walks; %d scrapes refused, %d canceled; %d faults, %d reloads",
		s.answers.Load(), s.complete.Load(), s.failed.Load(), s.refused.Load(), s.canceled.Load(), s.faults.Load(),
		s.reloads.Load())
	t.Logf("idle:   %v", idle)
	t.Logf("before: %v", before)
	t.Logf("after:  %v", after)
	if s.complete.Load() == 0 || s.failed.Load() == 0 {
		t.Error("no walk was complete, or no walk failed: the faults are too many or too few")
	}
	// The number of connections that stay open depends on the pages that were requested at once. Each connection has a
	// file descriptor and two goroutines.
	const connections = 3 * 3
	if after.goroutines > before.goroutines+2*connections || after.files > before.files+connections {
		t.Error("the storm has left goroutines or file descriptors")
	}
	if limit := before.memory*3/2 + 32<<20; after.memory > limit {
		t.Errorf("the memory grew from %.0f to %.0f bytes, want at most %.0f", before.memory, after.memory, limit)
	}
	s.stop()
	if log := s.log.text.String(); strings.Contains(log, "panic") || strings.Contains(log, "DATA RACE") {
		t.Error("the log has a panic or a data race")
	}
}

func startStorm(t *testing.T) *storm {
	t.Helper()
	begin := time.Now()
	clock := func() time.Time { return epoch.Add(simulator.StoryTime).Add(stormClockRate * time.Since(begin)) }
	s := &storm{password: writeFile(t, "password", password), log: newLogPipe(t)}
	for i := range 3 {
		s.targets = append(s.targets, &stormTarget{
			omsServer: serveOMS(t, simulator.Options{Now: clock, User: "monitor", Password: password}),
			name:      fmt.Sprintf("oms-%d", i),
			statuses:  map[time.Time]map[string]string{},
		})
	}
	s.config = writeFile(t, "config.yml", s.configText(stormTimeout))
	s.process = s.log.startExporter("--config.file="+s.config, "--web.max-requests=3", "--log.level=debug",
		"--runtime.gomaxprocs=4") // data races need several CPUs
	return s
}

func (s *storm) configText(timeout time.Duration) string {
	var targets []string
	for i, target := range s.targets {
		settings := []string{
			fmt.Sprintf("  timeout: %dms", timeout.Milliseconds()),
			"  max_response_size: 1MiB",
			"  auth_retry_interval: 0s", // some faults refuse the credentials
		}
		entry := target.target(target.name, settings...)
		if i == 0 {
			entry = target.targetWithFile(target.name, s.password, settings...)
		}
		targets = append(targets, strings.Replace(entry, "page_size: 30", "page_size: 20", 1))
	}
	return configText(targets...)
}

// run scrapes the exporter and changes faults at the same time.
func (s *storm) run(seed uint64, duration time.Duration) {
	s.end = time.Now().Add(duration)
	var running sync.WaitGroup
	stream := uint64(0)
	repeat := func(action func(*rand.Rand)) {
		random := rand.New(rand.NewPCG(seed, stream))
		stream++
		running.Go(func() {
			for time.Now().Before(s.end) && !s.t.Failed() {
				action(random)
			}
		})
	}
	for _, path := range []string{
		"/metrics", "/probe?target=oms-0", "/probe?target=oms-1", "/probe?target=oms-2&debug=true",
	} {
		repeat(func(random *rand.Rand) { s.scrape(random, path) })
	}
	for _, target := range s.targets {
		repeat(func(random *rand.Rand) { s.injectFault(random, target) })
	}
	for _, action := range []func(*rand.Rand){
		s.changePaging, s.reloadConfig, s.openPage, s.scrapeHalfClosed, s.closeConnections, s.replacePassword, s.readLog,
	} {
		repeat(action)
	}
	running.Wait()
}

// settle ends all faults and waits until no request to an OMS runs. It returns the usage in the two seconds after that:
// the least goroutines and files, because connections close some time after a request, and the last memory.
func (s *storm) settle() usage {
	s.t.Helper()
	for _, target := range s.targets {
		target.Set(func(b *simulator.Behaviour) { *b = simulator.Behaviour{} })
	}
	s.client.CloseIdleConnections()
	s.Eventually("all requests have ended", func() bool {
		for _, target := range s.targets {
			if target.Counts().InFlight > 0 {
				return false
			}
		}
		return true
	})
	settled := s.usage()
	for range 10 {
		now := s.usage()
		settled.goroutines, settled.files = min(settled.goroutines, now.goroutines), min(settled.files, now.files)
		settled.memory = now.memory
		time.Sleep(200 * time.Millisecond)
	}
	return settled
}

// injectFault lets one OMS fail for a while, and then work for a while.
func (s *storm) injectFault(random *rand.Rand, target *stormTarget) {
	var fault simulator.Fault
	switch random.IntN(7) {
	case 0:
		fault = simulator.StatusFault(pick(random, 400, 401, 403, 404, 408, 500, 502, 503, 504), "no")
	case 1:
		fault = simulator.CodeFault(pick(random, simulator.ErrorCodes()...))
	case 2:
		fault = simulator.HTMLFault()
	case 3:
		fault = simulator.RetryFault(http.StatusTooManyRequests, pick(random, "0", "1", "100", "soon"))
	case 4:
		fault.Kind = simulator.Silence + simulator.FaultKind(random.IntN(int(simulator.Endless-simulator.Silence)+1))
	case 5:
		fault.Delay = time.Duration(random.IntN(2500)) * time.Millisecond
	case 6:
		fault.Stall = time.Duration(random.IntN(2500)) * time.Millisecond
	}
	fault.Page = random.IntN(6) // 0: every page
	fault.Attempts = random.IntN(4)
	target.Set(func(b *simulator.Behaviour) {
		b.Faults = []simulator.Fault{fault}
		b.Form = simulator.Form(random.IntN(3))
		b.Unused = simulator.Unused(random.IntN(3))
		b.Gzip = random.IntN(2) == 0
		b.WithoutDate = random.IntN(4) == 0
	})
	s.faults.Add(1)
	s.pause(random, 500*time.Millisecond)
	target.Set(func(b *simulator.Behaviour) { b.Faults = nil })
	s.pause(random, 500*time.Millisecond)
}

// changePaging changes the paging of one OMS, between walks.
func (s *storm) changePaging(random *rand.Rand) {
	target := pick(random, s.targets...)
	s.paging.Lock()
	target.Set(func(b *simulator.Behaviour) {
		b.Cap = pick(random, 0, 7, 13)
		b.OverCap = simulator.CapAnnounced + simulator.OverCap(random.IntN(2))
		b.Total = simulator.Total(random.IntN(5))
		b.TotalMore = random.IntN(2) * random.IntN(10)
		b.PastEnd = simulator.PastEnd(random.IntN(3))
		b.Overlap = random.IntN(3)
		b.NullRows, b.NoIDRows, b.TextRows = random.IntN(2), random.IntN(2), random.IntN(2)
		noTotal := b.Total == simulator.TotalNull || b.Total == simulator.TotalAbsent || b.Total == simulator.TotalZero
		// If totalCount counts pages and its inflated value equals the rows of page 1, the list looks complete.
		misleading := b.Total == simulator.TotalPages && b.TotalMore > 0
		if b.Cap > 0 && b.OverCap == simulator.CapSilent && (noTotal || misleading) {
			b.Total = simulator.TotalRecords // a capped page would look like the last one
		}
	})
	s.paging.Unlock()
	s.pause(random, 5*time.Second)
}

// reloadConfig changes the timeout of all targets, which starts them again.
func (s *storm) reloadConfig(random *rand.Rand) {
	timeout := stormTimeout + time.Duration(random.IntN(3))*time.Millisecond
	testutil.WriteFile(s.t, s.config, s.configText(timeout))
	s.reload(http.StatusOK)
	s.reloads.Add(1)
	s.pause(random, 3*time.Second)
}

func (s *storm) pause(random *rand.Rand, longest time.Duration) {
	time.Sleep(min(time.Duration(random.Int64N(int64(longest))), time.Until(s.end)))
}

func pick[T any](random *rand.Rand, values ...T) T { return values[random.IntN(len(values))] }
