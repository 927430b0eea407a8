package e2e

import (
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
	"github.com/oms-exporter/oms_exporter/oms/simulator"
)

// slow makes every page take that long.
func slow(by time.Duration) func(*simulator.Behaviour) {
	return func(b *simulator.Behaviour) { b.Faults = []simulator.Fault{{Delay: by}} }
}

func TestATermSignalLetsScrapesFinish(t *testing.T) {
	t.Parallel() // it waits more than it computes
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		t.Run(signal.String(), func(t *testing.T) {
			oms := startOMS(t)
			oms.Set(slow(time.Second))
			p := start(t, nil, "--config.file="+configFile(t, oms.target("prod")))
			answers := p.background("/metrics")
			p.Eventually("OMS is asked", func() bool { return oms.Counts().Requests > 0 })
			p.Signal(signal)
			if got := <-answers; got.Status != http.StatusOK || got.Tasks() != oms.truth() {
				t.Errorf("%d, %d tasks", got.Status, got.Tasks())
			}
			if code := p.ExitCode(); code != 0 {
				t.Errorf("exit code %d", code)
			}
			if _, err := p.ask("GET", "/-/healthy"); err == nil {
				t.Error("it still answers")
			}
		})
	}
}

func TestASecondSignalEndsAtOnce(t *testing.T) {
	oms := startOMS(t)
	oms.Set(func(b *simulator.Behaviour) { b.Faults = []simulator.Fault{{Kind: simulator.Silence}} })
	p := launch(t, nil, "--web.listen-address=127.0.0.1:0", "--config.file="+configFile(t, oms.target("prod")))
	p.url = p.URL()
	answers := p.background("/metrics")
	p.Eventually("OMS is asked", func() bool { return oms.Counts().Requests > 0 })
	p.Signal(syscall.SIGTERM)
	p.Eventually("it is stopping", func() bool { return strings.Contains(p.Stderr.String(), "Stopping") })
	select {
	case <-p.Ended:
		t.Fatal("it does not wait for the scrape")
	case <-time.After(200 * time.Millisecond):
	}
	second := time.Now()
	p.Signal(syscall.SIGTERM)
	if code := p.ExitCode(); code != -1 || time.Since(second) > 15*time.Second {
		t.Errorf("exit code %d after %s: want the signal's own effect", code, time.Since(second))
	}
	<-answers
	p.client.CloseIdleConnections()
}

// background sends a request in the background. The Reply is empty if the connection breaks.
func (p *process) background(path string) <-chan testutil.Reply {
	answers := make(chan testutil.Reply, 1)
	go func() {
		got, err := p.ask(http.MethodGet, path)
		if err != nil {
			got = testutil.Reply{}
		}
		answers <- got
	}()
	return answers
}

func TestAHangupReloads(t *testing.T) {
	oms := startOMS(t)
	path := configFile(t, oms.target("prod"))
	p := start(t, nil, "--config.file="+path)
	if p.get("/metrics").Value(t, `oms_up{oms="prod"}`) != 1 {
		t.Error("not up at first")
	}
	testutil.WriteFile(t, path, "targets:\n"+oms.target("other"))
	p.Signal(syscall.SIGHUP)
	p.Eventually("the new target is there", func() bool { return p.get("/probe?target=other").Status == http.StatusOK })
	if got := p.get("/probe?target=prod"); got.Status != http.StatusBadRequest {
		t.Errorf("the old target is still there: %d", got.Status)
	}

	testutil.WriteFile(t, path, "targets: [}")
	p.Signal(syscall.SIGHUP)
	p.Eventually("the failure shows", func() bool {
		return p.get("/metrics").Value(t, "oms_exporter_config_last_reload_successful") == 0
	})
	if p.get("/metrics").Value(t, `oms_up{oms="other"}`) != 1 {
		t.Error("the running config is lost")
	}
}
