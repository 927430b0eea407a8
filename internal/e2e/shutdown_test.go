package e2e

import (
	"net/http"
	"syscall"
	"testing"
	"time"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
	"github.com/oms-exporter/oms_exporter/oms/simulator"
)

// delayPages returns a behaviour in which every page is late.
func delayPages(delay time.Duration) func(*simulator.Behaviour) {
	return func(b *simulator.Behaviour) { b.Faults = []simulator.Fault{{Delay: delay}} }
}

// scrape starts a scrape in the background. The Reply is empty if the connection breaks.
func (p *process) scrape() <-chan testutil.Reply {
	replies := make(chan testutil.Reply, 1)
	go func() {
		got, err := p.request(http.MethodGet, "/metrics")
		if err != nil {
			got = testutil.Reply{}
		}
		replies <- got
	}()
	return replies
}

func TestShutdown(t *testing.T) {
	t.Parallel()
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		t.Run("the exporter finishes a running scrape after signal "+signal.String(), func(t *testing.T) {
			oms := startOMS(t)
			oms.Set(delayPages(time.Second))
			p := startExporter(t, configFlag(t, oms.target("prod")))
			reply := p.scrape()
			p.Eventually("the walk has begun", func() bool { return oms.Counts().Requests > 0 })
			p.Signal(signal)
			if got := <-reply; got.Status != http.StatusOK || got.Tasks() != oms.taskCount() {
				t.Errorf("status %d, %d tasks, want %d", got.Status, got.Tasks(), oms.taskCount())
			}
			if code := p.ExitCode(); code != 0 {
				t.Errorf("exit code %d", code)
			}
			if _, err := p.request(http.MethodGet, "/-/healthy"); err == nil {
				t.Error("the exporter still answers after it has stopped")
			}
		})
	}
	t.Run("a second signal ends the exporter at once", func(t *testing.T) {
		oms := startOMS(t)
		oms.Set(func(b *simulator.Behaviour) { b.Faults = []simulator.Fault{{Kind: simulator.Silence}} })
		p := launchExporter(t, nil, "--web.listen-address=127.0.0.1:0", configFlag(t, oms.target("prod")))
		p.url = p.URL()
		reply := p.scrape()
		p.Eventually("the walk has begun", func() bool { return oms.Counts().Requests > 0 })
		p.Signal(syscall.SIGTERM)
		p.waitForLog("Stopping")
		select {
		case <-p.Ended:
			t.Fatal("the exporter ended before the scrape")
		case <-time.After(200 * time.Millisecond):
		}
		p.Signal(syscall.SIGTERM)
		if code := p.ExitCode(); code != -1 { // after the 20 s for running scrapes it would be 1
			t.Errorf("exit code %d, want an end by the signal", code)
		}
		<-reply
	})
}
