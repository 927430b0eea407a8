//go:build slow

package e2e

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/oms-exporter/oms_exporter/oms/simulator"
)

var stormTime = flag.Duration("storm", 0, "how long the fault storm lasts; 0: a minute, or 10 s with -short")

// A day of OMS is short in the storm: tasks change during walks.
const haste = 10

// storm is three OMS that misbehave in turns, and an exporter that is scraped all the while.
type storm struct {
	*process
	targets  []*stormTarget
	config   string
	password string // file with the password of the first target
	log      *logPipe
	end      time.Time

	// Scrapes hold it for reading, a change of the paging for writing: an OMS does not change its paging within a walk.
	paging sync.RWMutex

	answers, complete, failed, refused, left, faults, reloads atomic.Int64
}

type stormTarget struct {
	omsServer
	name string

	mu   sync.Mutex
	past map[time.Time]map[string]string // the truth by second: statuses by task
}

const stormTimeout = 2 * time.Second // of the targets

func TestFaultStorm(t *testing.T) {
	lasts := *stormTime
	switch {
	case lasts > 0:
	case testing.Short():
		lasts = 10 * time.Second
	default:
		lasts = time.Minute
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("%s, seed %d", lasts, seed)
	s := startStorm(t)

	quiet := s.settle()
	s.blow(seed, lasts/5)
	before := s.settle()
	s.blow(seed+1, lasts-lasts/5)
	after := s.settle()

	t.Logf(
		"%d answers: %d complete walks, %d failed ones, %d refused, %d scrapers left; %d faults, %d reloads",
		s.answers.Load(),
		s.complete.Load(),
		s.failed.Load(),
		s.refused.Load(),
		s.left.Load(),
		s.faults.Load(),
		s.reloads.Load(),
	)
	t.Logf("quiet:  %v", quiet)
	t.Logf("before: %v", before)
	t.Logf("after:  %v", after)
	if s.complete.Load() == 0 || s.failed.Load() == 0 {
		t.Error("no walk was complete, or none failed: that was no storm")
	}
	// How many connections to the OMS stay open depends on how many pages were asked for at once; each has a descriptor
	// and two goroutines.
	const connections = 3 * 3
	if after.goroutines > before.goroutines+2*connections || after.files > before.files+connections {
		t.Error("goroutines or file descriptors are left over")
	}
	if limit := before.memory*3/2 + 32<<20; after.memory > limit {
		t.Errorf("memory grew from %.0f to %.0f bytes", before.memory, after.memory)
	}
	s.client.CloseIdleConnections()
	s.Signal(syscall.SIGTERM)
	if code := s.ExitCode(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if logged := s.log.text.String(); strings.Contains(logged, "panic") || strings.Contains(logged, "DATA RACE") {
		t.Error("it panicked, or raced")
	}
}

func startStorm(t *testing.T) *storm {
	began := time.Now()
	clock := func() time.Time { return epoch.Add(simulator.StoryTime).Add(haste * time.Since(began)) }
	s := &storm{}
	for i := range 3 {
		oms := serveOMS(t, simulator.Options{Now: clock, Epoch: epoch, User: "monitor", Password: password})
		s.targets = append(
			s.targets,
			&stormTarget{omsServer: oms, name: fmt.Sprintf("oms-%d", i), past: map[time.Time]map[string]string{}},
		)
	}
	s.password = file(t, "password", password)
	s.config = configFile(t, s.entries(stormTimeout)...)
	s.log = newLogPipe(t)
	s.log.env = []string{"GOMAXPROCS=4"} // what could race, shall
	s.process = s.log.launch("--config.file="+s.config, "--web.max-requests=3", "--log.level=debug")
	return s
}

func (s *storm) entries(timeout time.Duration) []string {
	var entries []string
	for _, target := range s.targets {
		entries = append(
			entries,
			target.target(
				target.name,
				fmt.Sprintf("  timeout: %dms", timeout.Milliseconds()),
				"  max_response_size: 1MiB",
				"  page_size: 20",
				"  auth_retry_interval: 0s",
			),
		) // some faults are refusals
	}
	for i, entry := range entries {
		entries[i] = strings.Replace(entry, "  page_size: 30\n", "", 1)
	}
	entries[0] = strings.Replace(entries[0], "password: "+password, "password_file: "+s.password, 1)
	return entries
}

// blow scrapes under changing faults.
func (s *storm) blow(seed uint64, lasts time.Duration) {
	s.end = time.Now().Add(lasts)
	var all sync.WaitGroup
	do := func(n uint64, what func(*rand.Rand)) {
		random := rand.New(rand.NewPCG(seed, n))
		all.Go(func() {
			for time.Now().Before(s.end) && !s.t.Failed() {
				what(random)
			}
		})
	}
	for i, path := range []string{"/metrics", "/probe?target=oms-0", "/probe?target=oms-1",
		"/probe?target=oms-2&debug=true"} {
		do(uint64(i), func(random *rand.Rand) { s.scrape(random, path) })
	}
	for i, target := range s.targets {
		do(uint64(10+i), func(random *rand.Rand) { s.strike(random, target) })
	}
	do(20, s.repage)
	do(21, s.reload)
	do(22, s.view)
	do(23, s.halfClose)
	do(24, s.closeConnections)
	do(25, s.replacePassword)
	do(26, s.readLog)
	all.Wait()
}

// settle lets all faults end and gives the least figures that are then seen: connections that are about to close take
// their time.
func (s *storm) settle() figures {
	s.t.Helper()
	for _, target := range s.targets {
		target.Set(func(b *simulator.Behaviour) { *b = simulator.Behaviour{} })
	}
	s.client.CloseIdleConnections()
	s.Eventually("no request is under way", func() bool {
		for _, target := range s.targets {
			if target.Counts().InFlight > 0 {
				return false
			}
		}
		return true
	})
	least := s.measure()
	for range 10 {
		now := s.measure()
		least.goroutines, least.files = min(least.goroutines, now.goroutines), min(least.files, now.files)
		least.memory = now.memory
		time.Sleep(200 * time.Millisecond)
	}
	return least
}

// strike lets one OMS fail in some way for a while, and then be well for a while.
func (s *storm) strike(random *rand.Rand, target *stormTarget) {
	kinds := []func() simulator.Fault{
		func() simulator.Fault {
			return simulator.StatusFault([]int{400, 401, 403, 404, 408, 500, 502, 503, 504}[random.IntN(9)], "no")
		},
		func() simulator.Fault {
			return simulator.CodeFault(simulator.ErrorCodes()[random.IntN(len(simulator.ErrorCodes()))])
		},
		simulator.HTMLFault,
		func() simulator.Fault {
			return simulator.RetryFault(429, []string{"0", "1", "100", "soon"}[random.IntN(4)])
		},
		func() simulator.Fault {
			return simulator.Fault{
				Kind: simulator.Silence + simulator.FaultKind(random.IntN(int(simulator.Endless-simulator.Silence)+1)),
			}
		},
		func() simulator.Fault {
			return simulator.Fault{Delay: time.Duration(random.IntN(2500)) * time.Millisecond}
		},
		func() simulator.Fault {
			return simulator.Fault{Stall: time.Duration(random.IntN(2500)) * time.Millisecond}
		},
	}
	fault := kinds[random.IntN(len(kinds))]()
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

// repage changes how one OMS pages, between walks.
func (s *storm) repage(random *rand.Rand) {
	target := s.targets[random.IntN(len(s.targets))]
	s.paging.Lock()
	target.Set(func(b *simulator.Behaviour) {
		b.Cap = []int{0, 7, 13}[random.IntN(3)]
		b.OverCap = simulator.CapAnnounced + simulator.OverCap(random.IntN(2))
		b.Total = simulator.Total(random.IntN(5))
		b.TotalMore = random.IntN(2) * random.IntN(10)
		b.PastEnd = simulator.PastEnd(random.IntN(3))
		b.Overlap = random.IntN(3)
		b.NullRows, b.NoIDRows, b.TextRows = random.IntN(2), random.IntN(2), random.IntN(2)
		untold := b.Total == simulator.TotalNull || b.Total == simulator.TotalAbsent || b.Total == simulator.TotalZero
		// As many pages, by a number that is too high, as the first page has rows: the list then looks complete.
		misleading := b.Total == simulator.TotalPages && b.TotalMore > 0
		if b.Cap > 0 && b.OverCap == simulator.CapSilent && (untold || misleading) {
			b.Total = simulator.TotalRecords // such a page looks like the last one
		}
	})
	s.paging.Unlock()
	s.pause(random, 5*time.Second)
}

// reload changes the targets, which then start again.
func (s *storm) reload(random *rand.Rand) {
	text := "targets:\n" + strings.Join(s.entries(stormTimeout+time.Duration(random.IntN(3))*time.Millisecond), "")
	if err := os.WriteFile(s.config, []byte(text), 0o600); err != nil {
		s.t.Error(err)
	}
	if got, err := s.ask(http.MethodPost, "/-/reload"); err != nil || got.Status != http.StatusOK {
		s.t.Errorf("reload: %v, %d %s", err, got.Status, got.Body)
	}
	s.reloads.Add(1)
	s.pause(random, 3*time.Second)
}

func (s *storm) pause(random *rand.Rand, longest time.Duration) {
	time.Sleep(min(time.Duration(random.Int64N(int64(longest))), time.Until(s.end)))
}
