package web

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-kit/log"

	"github.com/oms-exporter/oms_exporter/collector"
	"github.com/oms-exporter/oms_exporter/internal/config"
	"github.com/oms-exporter/oms_exporter/internal/testutil"
	"github.com/oms-exporter/oms_exporter/oms/simulator"
)

func TestMain(m *testing.M) { testutil.Main(m) }

const password = "Pl4nted-password"

// omsServer is a simulated OMS on a loopback port.
type omsServer struct {
	*simulator.Simulator
	*httptest.Server
}

// startOMS starts an OMS with the tasks of the simulator's stories.
func startOMS(t *testing.T) omsServer {
	t.Helper()
	return serveOMS(t, simulator.Options{}, nil)
}

// startListOMS starts an OMS whose list has 79 tasks: two pages of 30 rows and one page of 19.
func startListOMS(t *testing.T) omsServer {
	t.Helper()
	return serveOMS(t, simulator.Options{Generated: 79}, nil)
}

// startWatchedOMS starts an OMS that reports the states of its connections to watch.
func startWatchedOMS(t *testing.T, watch func(net.Conn, http.ConnState)) omsServer {
	t.Helper()
	return serveOMS(t, simulator.Options{}, watch)
}

// serveOMS starts an OMS whose clock stands at a time when every story is running.
func serveOMS(t *testing.T, options simulator.Options, watch func(net.Conn, http.ConnState)) omsServer {
	t.Helper()
	options.Epoch = time.Date(2025, 6, 1, 0, 0, 0, 0, time.UTC)
	now := options.Epoch.Add(simulator.StoryTime)
	options.Now, options.User, options.Password = func() time.Time { return now }, "monitor", password
	o := omsServer{Simulator: simulator.New(options)}
	o.Server = httptest.NewUnstartedServer(o.Simulator)
	o.Config.ConnState = watch
	o.Start()
	t.Cleanup(o.Close)
	return o
}

// target returns the entry for a config; each of settings is a further line.
func (o omsServer) target(name string, settings ...string) string {
	return "- name: " + name + "\n  url: " + o.URL +
		"\n  http_client: {basic_auth: {username: monitor, password: " + password + "}}" +
		"\n  page_size: 30\n" + strings.Join(append(append([]string{}, settings...), ""), "\n")
}

// requests returns the number of requests so far.
func (o omsServer) requests() int { return o.Counts().Requests }

// exporter is a Server under test behind real HTTP.
type exporter struct {
	*Server
	t    *testing.T
	http *httptest.Server
	log  *logText
	file string // its config
}

// startExporter serves targets with the usual options, modified by change.
func startExporter(t *testing.T, change func(*Options), targets ...string) *exporter {
	t.Helper()
	e := &exporter{t: t, log: &logText{}, file: filepath.Join(t.TempDir(), "config.yml")}
	e.configure(targets...)
	store, err := config.NewStore(e.file)
	if err != nil {
		t.Fatal(err)
	}
	options := usualOptions(store, e.log)
	if change != nil {
		change(&options)
	}
	if e.Server, err = New(options); err != nil {
		t.Fatal(err)
	}
	e.http = httptest.NewServer(e.Server)
	t.Cleanup(func() {
		e.http.Close()
		e.Close()
	})
	return e
}

func usualOptions(store *config.Store, to io.Writer) Options {
	return Options{
		Store:          store,
		Logger:         log.NewLogfmtLogger(to),
		UserAgent:      "oms_exporter/test",
		Version:        "test",
		TelemetryPath:  "/metrics",
		TasksOnMetrics: true,
		MaxRequests:    40,
		TimeoutOffset:  500 * time.Millisecond,
		Collectors:     collector.Collectors{Step: true, Sync: true, Alarm: true},
	}
}

// configure writes the config. A reload reads it.
func (e *exporter) configure(targets ...string) {
	e.t.Helper()
	text := "targets:\n" + strings.Join(targets, "")
	testutil.WriteFile(e.t, e.file, text)
}

func (e *exporter) get(path string, header ...string) testutil.Reply {
	e.t.Helper()
	return e.do(http.MethodGet, path, header...)
}

// do sends a request; header alternates names and values.
func (e *exporter) do(method, path string, header ...string) testutil.Reply {
	e.t.Helper()
	got, err := testutil.Request(e.t, e.http.Client(), method, e.http.URL+path, header...)
	if err != nil {
		e.t.Fatal(err)
	}
	return got
}

// logText is a log that tests read during a test.
type logText struct{ testutil.Output }

// count returns the number of lines that contain text.
func (l *logText) count(text string) int {
	n := 0
	for line := range strings.Lines(l.String()) {
		if strings.Contains(line, text) {
			n++
		}
	}
	return n
}
