package command

import (
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/version"
	toolkit "github.com/prometheus/exporter-toolkit/web"

	"github.com/oms-exporter/oms_exporter/collector"
	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

func TestMain(m *testing.M) { testutil.Main(m) }

func parse(t *testing.T, args ...string) *Flags {
	t.Helper()
	f, err := Parse(args, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// someConfig returns the path of a file.
func someConfig(t *testing.T) string {
	t.Helper()
	return testutil.WriteFile(t, filepath.Join(t.TempDir(), "c.yml"), "")
}

func TestParseDefaults(t *testing.T) {
	addresses, empty, no := []string{":10089"}, "", false
	want := &Flags{
		Demo:           true,
		Toolkit:        &toolkit.FlagConfig{WebListenAddresses: &addresses, WebSystemdSocket: &no, WebConfigFile: &empty},
		TelemetryPath:  "/metrics",
		TasksOnMetrics: true,
		MaxRequests:    40,
		TimeoutOffset:  500 * time.Millisecond,
		Collectors:     collector.AllCollectors,
		CPUs:           1,
		LogLevel:       "info",
		LogFormat:      "logfmt",
	}
	if diff := cmp.Diff(want, parse(t, "--demo")); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// everyFlag has a value for each flag that is not its default.
var everyFlag = []struct{ name, value string }{
	{"config.file", "other.yml"},
	{"config.auto-reload-interval", "1m"},
	{"config.check", "true"},
	{"demo", "true"},
	{"once", "true"},
	{"web.listen-address", "127.0.0.1:1"},
	{"web.systemd-socket", "true"},
	{"web.config.file", "web.yml"},
	{"web.external-url", "http://example.com/oms"},
	{"web.route-prefix", "/inside"},
	{"web.telemetry-path", "/here"},
	{"web.tasks-on-metrics", "false"},
	{"web.max-requests", "7"},
	{"web.timeout-offset", "1m30s"},
	{"web.enable-pprof", "true"},
	{"collector.step", "false"},
	{"collector.sync", "false"},
	{"collector.alarm", "false"},
	{"runtime.gomaxprocs", "3"},
	{"log.level", "debug"},
	{"log.format", "json"},
}

func TestParseEnvironment(t *testing.T) {
	for _, flag := range everyFlag {
		t.Run(flag.name+" reads its variable", func(t *testing.T) {
			base := []string{"--config.file=" + someConfig(t)}
			if flag.name == "config.file" || flag.name == "demo" {
				base = nil
			}
			arg := "--" + flag.name + "=" + flag.value
			switch flag.value {
			case "true":
				arg = "--" + flag.name
			case "false":
				arg = "--no-" + flag.name
			}
			want := parse(t, append(base, arg)...)
			variable := "OMS_EXPORTER_" + strings.ToUpper(strings.NewReplacer(".", "_", "-", "_").Replace(flag.name))
			if flag.name == "runtime.gomaxprocs" {
				variable = "GOMAXPROCS" // of Go
			}
			t.Setenv(variable, flag.value)
			if diff := cmp.Diff(want, parse(t, base...)); diff != "" {
				t.Errorf("%s=%s is not %s:\n%s", variable, flag.value, arg, diff)
			}
		})
	}
	t.Run("a flag on the command line overrides its variable", func(t *testing.T) {
		t.Setenv("OMS_EXPORTER_WEB_MAX_REQUESTS", "7")
		t.Setenv("OMS_EXPORTER_COLLECTOR_STEP", "false")
		f := parse(t, "--demo", "--web.max-requests=8", "--collector.step")
		if f.MaxRequests != 8 || !f.Collectors.Step {
			t.Errorf("max requests %d, collector.step %t", f.MaxRequests, f.Collectors.Step)
		}
	})
	t.Run("every flag is in this test", func(t *testing.T) {
		source := testutil.ReadFile(t, "flags.go")
		for _, found := range regexp.MustCompile(`app\.Flag\("([a-z.-]+)"`).FindAllStringSubmatch(string(source), -1) {
			isFlag := func(flag struct{ name, value string }) bool { return flag.name == found[1] }
			if !slices.ContainsFunc(everyFlag, isFlag) && found[1] != "version" { // --version reads no variable
				t.Errorf("--%s is missing", found[1])
			}
		}
	})
}

func TestParseErrors(t *testing.T) {
	for _, c := range []struct {
		args     []string
		variable string
		want     string
	}{
		{[]string{"--web.max-requests=x"}, "", "--web.max-requests=x: must be a number, try --help"},
		{[]string{"--web.timeout-offset=1x"}, "", `--web.timeout-offset=1x: unknown unit "x" in duration "1x", try --help`},
		{[]string{"--log.format=xml"}, "", "--log.format=xml: enum value must be one of logfmt,json, got 'xml', try --help"},
		{nil, "OMS_EXPORTER_COLLECTOR_SYNC=2", "OMS_EXPORTER_COLLECTOR_SYNC=2: must be true or false, try --help"},
		{[]string{"--web.max-requests=1"}, "OMS_EXPORTER_WEB_TIMEOUT_OFFSET=x", `OMS_EXPORTER_WEB_TIMEOUT_OFFSET=x: invalid duration "x", try --help`},
		{[]string{"--web.max-requests=x"}, "OMS_EXPORTER_WEB_MAX_REQUESTS=y", "--web.max-requests=x: must be a number, try --help"},
		{[]string{"--runtime.gomaxprocs=0"}, "", "--runtime.gomaxprocs=0: must be 1 to 1024, try --help"},
		{[]string{"--runtime.gomaxprocs=1000000"}, "", "--runtime.gomaxprocs=1000000: must be 1 to 1024, try --help"},
		{[]string{"--runtime.gomaxprocs=all"}, "", "--runtime.gomaxprocs=all: must be a number, try --help"},
		{nil, "GOMAXPROCS=-1", "GOMAXPROCS=-1: must be 1 to 1024, try --help"},
		{[]string{"--nope"}, "", "unknown long flag '--nope', try --help"},
		{[]string{"--collector.step=false"}, "", "--collector.step takes no value: use --collector.step or --no-collector.step, try --help"},
		{[]string{"config.yml"}, "", "unexpected config.yml, try --help"},
		{[]string{"--web.max-requests"}, "", "expected argument for flag '--web.max-requests', try --help"},
		{[]string{"--demo", "--config.check"}, "", "--demo has no config to check: remove --config.check"},
		{[]string{"--once", "--config.check"}, "", "--config.check and --once exclude each other: remove one"},
		{[]string{"--demo", "--config.file=x"}, "", "--demo has its own config: remove --config.file"},
		{[]string{"--demo", "--web.max-requests=-1"}, "", "--web.max-requests=-1: must be at least 1"},
		{[]string{"--demo", "--config.auto-reload-interval=-1s"}, "", "--config.auto-reload-interval=-1s: must not be negative"},
		{[]string{"--config.auto-reload-interval=30"}, "", `--config.auto-reload-interval=30: missing unit in duration "30", try --help`},
		{[]string{"--demo", "--web.timeout-offset=-2s"}, "", "--web.timeout-offset=-2s: must not be negative"},
		{nil, "", "there is no config.yml in this folder: set --config.file or OMS_EXPORTER_TARGET_URL, or try --demo"},
		{[]string{"--demo"}, "OMS_EXPORTER_TARGET_URL=x", "--demo has its own target: unset OMS_EXPORTER_TARGET_URL"},
		{[]string{"--config.file=x"}, "OMS_EXPORTER_TARGET_NAME=y", "OMS_EXPORTER_TARGET_NAME: the targets come from the config file x: unset the variables or remove the file"},
	} {
		t.Run(c.want, func(t *testing.T) {
			if name, value, found := strings.Cut(c.variable, "="); found {
				t.Setenv(name, value)
			}
			if _, err := Parse(c.args, io.Discard); err == nil || err.Error() != c.want {
				t.Errorf("error is %v", err)
			}
		})
	}
}

func TestParseVersion(t *testing.T) {
	before := version.Version
	defer func() { version.Version = before }()
	version.Version = ""
	parse(t, "--demo")
	if version.Version == "" {
		t.Error("no version")
	}
	version.Version = "1.2.3"
	parse(t, "--demo")
	if version.Version != "1.2.3" {
		t.Errorf("the linker's version became %s", version.Version)
	}
}
