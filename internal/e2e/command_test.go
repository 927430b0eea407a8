package e2e

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

func TestHelp(t *testing.T) {
	help := func(flag string) string {
		// --help has no environment variable, so this one changes nothing.
		got := runExporter(t, environment("OMS_EXPORTER_VERSION=true"), flag)
		if got.code != 0 || got.stderr != "" {
			t.Errorf("%s: %v", flag, got)
		}
		return got.stdout
	}
	long := help("--help") // its text is in the docs
	if short := help("-h"); short != long || !strings.Contains(long, "--config.file") {
		t.Errorf("-h and --help have different texts (-help +h):\n%s", cmp.Diff(long, short))
	}
}

func TestVersion(t *testing.T) {
	got := runExporter(t, environment("OMS_EXPORTER_HELP=true"), "--version")
	if got.code != 0 || got.stderr != "" || !strings.Contains(got.stdout, "go version:") ||
		!strings.HasPrefix(got.stdout, "oms_exporter, version "+testutil.Version+" (") {
		t.Error(got)
	}
}

func TestManPage(t *testing.T) {
	got := runExporter(t, nil, "--help-man")
	if got.code != 0 || got.stderr != "" {
		t.Fatal(got)
	}
	page := got.stdout
	if head := `.TH oms_exporter 1  "` + testutil.Version + "\"\n.SH"; !strings.HasPrefix(page, head) {
		t.Errorf("the page begins with %.200q", page)
	}
	request := regexp.MustCompile(`^\.(TH|SH|TP)\b`)
	for line := range strings.Lines(page) {
		if strings.HasPrefix(line, " ") || strings.HasPrefix(line, "'") ||
			strings.HasPrefix(line, ".") && !request.MatchString(line) {
			t.Errorf("this line is not roff: %q", line)
		}
	}
	groff := testutil.LookPath(t, "install the Debian package groff", "groff")
	_, warnings, err := testutil.Run(t, t.TempDir(), groff, "-man", "-ww", "-z", "-Tutf8", writeFile(t, "man.1", page))
	if err != nil || warnings != "" {
		t.Errorf("%v\n%s", err, warnings)
	}
}

func TestDemo(t *testing.T) {
	p := startExporter(t, "--demo")
	got := p.get("/metrics")
	pages, tasks := got.Value(t, `oms_scrape_pages{oms="demo"}`), got.Value(t, `oms_scrape_tasks{oms="demo"}`)
	if got.Value(t, `oms_up{oms="demo"}`) != 1 || pages < 3 || tasks < 60 || got.Tasks() != int(tasks) ||
		got.Value(t, `oms_scrape_reported_tasks{oms="demo"}`) != tasks {
		t.Errorf("%v pages and %v tasks, %d of them in the exposition", pages, tasks, got.Tasks())
	}
	p.reload(http.StatusOK)
	if after := p.get("/metrics"); after.Tasks() != got.Tasks() {
		t.Errorf("%d tasks after a reload, want %d", after.Tasks(), got.Tasks())
	}
}

func TestExternalURL(t *testing.T) {
	for _, c := range []struct {
		rule   string
		args   []string
		prefix string
	}{
		{"the proxy keeps the path", []string{"--web.external-url=https://oms.example.com/exporter/"}, "/exporter"},
		{"the proxy strips the path", []string{"--web.external-url=https://oms.example.com/exporter/", "--web.route-prefix=/"}, ""},
	} {
		t.Run(c.rule, func(t *testing.T) {
			p := startExporter(t, append(c.args, "--demo")...)
			const want = `[{"targets":["oms.example.com"],"labels":{"__metrics_path__":"/exporter/probe","__param_target":"demo","__scheme__":"https","instance":"demo"}}]` + "\n"
			if got := p.get(c.prefix + "/sd"); got.Body != want {
				t.Errorf("/sd is %s", got.Body)
			}
			for _, path := range []string{"/", "/metrics", "/-/healthy", "/-/ready"} {
				if got := p.get(c.prefix + path); got.Status != http.StatusOK {
					t.Errorf("%s: status %d", path, got.Status)
				}
			}
		})
	}
}

func TestLoggedURL(t *testing.T) {
	withTLS, _ := tlsFlag(t)
	for _, c := range []struct {
		name string
		args []string
		url  string // a regular expression
	}{
		{"the demo", nil, `http://127\.0\.0\.1:\d+/`},
		{"with TLS", []string{withTLS}, `https://127\.0\.0\.1:\d+/`},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := startExporter(t, append(c.args, "--demo")...)
			line := regexp.MustCompile(`msg="Open this address in a browser" url=` + c.url)
			p.Eventually("the URL is logged", func() bool { return line.MatchString(p.Stderr.String()) })
			p.waitForLogCount("Open this address", 1)
		})
	}
}

func TestGomaxprocs(t *testing.T) {
	for _, c := range []struct {
		rule string
		env  []string
		args []string
		want float64
	}{
		{"the default is one CPU", nil, nil, 1},
		{"the variable of Go sets the number", []string{"GOMAXPROCS=3"}, nil, 3},
		{"the flag takes precedence over the variable", []string{"GOMAXPROCS=3"}, []string{"--runtime.gomaxprocs=2"}, 2},
	} {
		t.Run(c.rule, func(t *testing.T) {
			p := startExporterWith(t, environment(c.env...), append(c.args, "--demo")...)
			if got := p.get("/metrics").Value(t, "go_sched_gomaxprocs_threads"); got != c.want {
				t.Errorf("%v CPUs, want %v", got, c.want)
			}
		})
	}
}
