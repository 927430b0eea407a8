package e2e

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/oms-exporter/oms_exporter/oms/simulator"
)

const (
	password      = "Pl4nted-password"
	wrongPassword = "Wr0ng-password"
)

var epoch = time.Date(2025, 6, 1, 0, 0, 0, 0, time.UTC)

// omsServer is a simulated OMS on a loopback port.
type omsServer struct {
	*simulator.Simulator
	url              string
	closeConnections func() // also those that are idle
}

// startOMS starts an OMS with the tasks of the simulator's stories.
func startOMS(t *testing.T) omsServer {
	t.Helper()
	return serveOMS(t, simulator.Options{User: "monitor", Password: password})
}

// startLargeOMS starts an OMS whose exposition does not fit into the buffers of a connection.
func startLargeOMS(t *testing.T) omsServer {
	t.Helper()
	return serveOMS(t, simulator.Options{User: "monitor", Password: password, Generated: 3000, Active: 1})
}

// serveOMS starts an OMS. Without options.Now its clock is stopped at a time when every story is running.
func serveOMS(t *testing.T, options simulator.Options) omsServer {
	t.Helper()
	options.Epoch = epoch
	if options.Now == nil {
		now := epoch.Add(simulator.StoryTime)
		options.Now = func() time.Time { return now }
	}
	o := omsServer{Simulator: simulator.New(options)}
	server := httptest.NewServer(o.Simulator)
	o.url, o.closeConnections = server.URL, server.CloseClientConnections
	t.Cleanup(func() {
		server.CloseClientConnections() // ends the requests that hang
		server.Close()
	})
	return o
}

// target returns the config entry of a target that reads this OMS. Each of settings is a further line.
func (o omsServer) target(name string, settings ...string) string {
	return "- name: " + name + "\n  url: " + o.url +
		"\n  http_client: {basic_auth: {username: monitor, password: " + password + "}}" +
		"\n  page_size: 30\n" + strings.Join(append(append([]string{}, settings...), ""), "\n")
}

// targetWithFile returns the config entry of a target whose password is in a file.
func (o omsServer) targetWithFile(name, file string, settings ...string) string {
	return strings.Replace(o.target(name, settings...), "password: "+password, "password_file: "+file, 1)
}

// taskCount returns the number of tasks in the list.
func (o omsServer) taskCount() int { return len(o.Truth(o.Now())) }

// serve starts an HTTP server until the end of the test and returns its URL.
func serve(t *testing.T, handler http.HandlerFunc) (url string) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

// prodTarget returns the config entry of a target without authentication.
func prodTarget(url string) string { return "- {name: prod, timeout: 2m, url: " + url + "}\n" }

// closedPort is a URL at which nothing listens.
const closedPort = "http://127.0.0.1:1"
