package e2e

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/oms-exporter/oms_exporter/oms/simulator"
)

const password = "Pl4nted-password"

// omsServer is a simulated OMS on a loopback port.
type omsServer struct {
	*simulator.Simulator
	url              string
	closeConnections func() // also those that are idle
}

var epoch = time.Date(2025, 6, 1, 0, 0, 0, 0, time.UTC)

// startOMS starts one whose clock stands where every story is under way.
func startOMS(t *testing.T) omsServer {
	t.Helper()
	now := epoch.Add(simulator.StoryTime)
	return serveOMS(
		t,
		simulator.Options{Now: func() time.Time { return now }, Epoch: epoch, User: "monitor", Password: password},
	)
}

func serveOMS(t *testing.T, options simulator.Options) omsServer {
	t.Helper()
	o := omsServer{Simulator: simulator.New(options)}
	server := httptest.NewServer(o.Simulator)
	o.url, o.closeConnections = server.URL, server.CloseClientConnections
	t.Cleanup(func() {
		server.CloseClientConnections() // requests that hang on purpose end
		server.Close()
	})
	return o
}

// target is its entry in a config; more settings follow in lines of their own.
func (o omsServer) target(name string, settings ...string) string {
	return "- name: " + name + "\n  url: " + o.url +
		"\n  http_client: {basic_auth: {username: monitor, password: " + password + "}}" +
		"\n  page_size: 30\n" + strings.Join(append(append([]string{}, settings...), ""), "\n")
}

// truth is the number of its tasks.
func (o omsServer) truth() int { return len(o.Truth(o.Now())) }

// configFile writes a config of targets and gives its path.
func configFile(t *testing.T, targets ...string) string {
	t.Helper()
	return file(t, "config.yml", "targets:\n"+strings.Join(targets, ""))
}
