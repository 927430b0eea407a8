package e2e

import (
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/oms-exporter/oms_exporter/oms/simulator"
)

// slow makes every page take that long.
func slow(by time.Duration) func(*simulator.Behaviour) {
	return func(b *simulator.Behaviour) { b.Faults = []simulator.Fault{{Delay: by}} }
}

func TestATermSignalLetsScrapesFinish(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		t.Run(signal.String(), func(t *testing.T) {
			oms := startOMS(t)
			oms.Set(slow(time.Second))
			p := start(t, nil, "--config.file="+configFile(t, oms.target("prod")))
			answers := p.background("/metrics")
			p.eventually("OMS is asked", func() bool { return oms.Counts().Requests > 0 })
			p.signal(signal)
			if got := <-answers; got.status != http.StatusOK || got.tasks() != oms.truth() {
				t.Errorf("%d, %d tasks", got.status, got.tasks())
			}
			if code := p.code(); code != 0 {
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
	p.url = "http://" + p.address()
	answers := p.background("/metrics")
	p.eventually("OMS is asked", func() bool { return oms.Counts().Requests > 0 })
	p.signal(syscall.SIGTERM)
	p.eventually("it is stopping", func() bool { return strings.Contains(p.stderr.String(), "Stopping") })
	select {
	case <-p.ended:
		t.Fatal("it does not wait for the scrape")
	case <-time.After(200 * time.Millisecond):
	}
	second := time.Now()
	p.signal(syscall.SIGTERM)
	if code := p.code(); code != -1 || time.Since(second) > 15*time.Second {
		t.Errorf("exit code %d after %s: want the signal's own effect", code, time.Since(second))
	}
	<-answers
	p.client.CloseIdleConnections()
}

// background asks beside the test. After a connection that broke the reply is empty.
func (p *process) background(path string) <-chan reply {
	answers := make(chan reply, 1)
	go func() {
		got, err := p.ask(http.MethodGet, path)
		if err != nil {
			got = reply{}
		}
		answers <- got
	}()
	return answers
}

func TestAHangupReloads(t *testing.T) {
	oms := startOMS(t)
	path := configFile(t, oms.target("prod"))
	p := start(t, nil, "--config.file="+path)
	if p.get("/metrics").value(t, `oms_up{oms="prod"}`) != 1 {
		t.Error("not up at first")
	}
	write(t, path, "targets:\n"+oms.target("other"))
	p.signal(syscall.SIGHUP)
	p.eventually("the new target is there", func() bool { return p.get("/probe?target=other").status == http.StatusOK })
	if got := p.get("/probe?target=prod"); got.status != http.StatusBadRequest {
		t.Errorf("the old target is still there: %d", got.status)
	}

	write(t, path, "targets: [}")
	p.signal(syscall.SIGHUP)
	p.eventually("the failure shows", func() bool {
		return p.get("/metrics").value(t, "oms_exporter_config_last_reload_successful") == 0
	})
	if p.get("/metrics").value(t, `oms_up{oms="other"}`) != 1 {
		t.Error("the running config is lost")
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
