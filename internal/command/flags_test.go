package command

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/version"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

func TestMain(m *testing.M) { testutil.Main(m) }

// show writes flags as text, so that they can be compared.
func show(f *Flags) string {
	return fmt.Sprintf("%s %s %v %q %t %t %t %t %q %q %t %s %t %d %s %+v %d %s %s", f.ConfigFile, f.AutoReloadInterval, f.ExternalURL, f.RoutePrefix, f.Check, f.Demo, f.Once, f.EnablePprof, *f.Toolkit.WebListenAddresses,
		*f.Toolkit.WebConfigFile, *f.Toolkit.WebSystemdSocket, f.TelemetryPath, f.TasksOnMetrics, f.MaxRequests, f.TimeoutOffset, f.Collectors,
		f.CPUs, f.LogLevel, f.LogFormat)
}

func parse(t *testing.T, args ...string) *Flags {
	t.Helper()
	f, err := Parse(args, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// someConfig is the name of a file that is there.
func someConfig(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "c.yml")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestDefaults(t *testing.T) {
	got := show(parse(t, "--demo"))
	want := ` 0s <nil> "" false true false false [":10089"] "" false /metrics true 40 500ms {Step:true Sync:true Alarm:true} 1 info logfmt`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// everyFlag has for each flag a value that is not its default.
var everyFlag = map[string]string{
	"config.file": "other.yml", "config.auto-reload-interval": "1m", "config.check": "true", "demo": "true", "once": "true", "web.systemd-socket": "true", "web.listen-address": "127.0.0.1:1",
	"web.config.file": "web.yml", "web.telemetry-path": "/here", "web.tasks-on-metrics": "false", "web.max-requests": "7", "web.enable-pprof": "true",
	"web.external-url": "http://example.com/oms", "web.route-prefix": "/inside", "web.timeout-offset": "2s", "collector.step": "false", "collector.sync": "false", "collector.alarm": "false",
	"runtime.gomaxprocs": "3", "log.level": "debug", "log.format": "json",
}

func TestEveryFlagReadsItsVariable(t *testing.T) {
	for name, value := range everyFlag {
		t.Run(name, func(t *testing.T) {
			base := []string{"--config.file=" + someConfig(t)}
			if name == "config.file" || name == "demo" {
				base = nil
			}
			flag := "--" + name + "=" + value
			switch value {
			case "true":
				flag = "--" + name
			case "false":
				flag = "--no-" + name
			}
			want := show(parse(t, append(base, flag)...))
			variable := "OMS_EXPORTER_" + strings.ToUpper(strings.NewReplacer(".", "_", "-", "_").Replace(name))
			if name == "runtime.gomaxprocs" {
				variable = "GOMAXPROCS" // Go's own
			}
			t.Setenv(variable, value)
			if diff := cmp.Diff(want, show(parse(t, base...))); diff != "" {
				t.Errorf("%s=%s is not %s:\n%s", variable, value, flag, diff)
			}
		})
	}
}

func TestTheCommandLineGoesBeforeTheEnvironment(t *testing.T) {
	t.Setenv("OMS_EXPORTER_WEB_MAX_REQUESTS", "7")
	t.Setenv("OMS_EXPORTER_COLLECTOR_STEP", "false")
	if f := parse(t, "--demo", "--web.max-requests=8", "--collector.step"); f.MaxRequests != 8 || !f.Collectors.Step {
		t.Error(show(f))
	}
}

func TestNoFlagIsLeftOutOfThisTest(t *testing.T) {
	// The error of a flag that is none comes after all flags are known; their names are those in the help, which ends the program.
	known := regexp.MustCompile(`app\.Flag\("([a-z.-]+)"`)
	source := testutil.ReadFile(t, "flags.go")
	for _, found := range known.FindAllStringSubmatch(string(source), -1) {
		if name := found[1]; name != "version" && everyFlag[name] == "" { // --version reads no variable
			t.Errorf("--%s is not tested", name)
		}
	}
}

func TestErrorsNameTheFlagOrTheVariable(t *testing.T) {
	for _, c := range []struct {
		args     []string
		variable string
		want     string
	}{
		{[]string{"--web.max-requests=x"}, "", "--web.max-requests=x: not a number, try --help"},
		{[]string{"--web.timeout-offset=1x"}, "", `--web.timeout-offset=1x: unknown unit "x" in duration "1x", try --help`},
		{[]string{"--log.format=xml"}, "", "--log.format=xml: enum value must be one of logfmt,json, got 'xml', try --help"},
		{nil, "OMS_EXPORTER_COLLECTOR_SYNC=2", "OMS_EXPORTER_COLLECTOR_SYNC=2: neither true nor false, try --help"},
		{[]string{"--web.max-requests=1"}, "OMS_EXPORTER_WEB_TIMEOUT_OFFSET=x", `OMS_EXPORTER_WEB_TIMEOUT_OFFSET=x: invalid duration "x", try --help`},
		{[]string{"--web.max-requests=x"}, "OMS_EXPORTER_WEB_MAX_REQUESTS=y", "--web.max-requests=x: not a number, try --help"},
		{[]string{"--runtime.gomaxprocs=0"}, "", "--runtime.gomaxprocs=0: not 1 to 1024, try --help"},
		{[]string{"--runtime.gomaxprocs=1000000"}, "", "--runtime.gomaxprocs=1000000: not 1 to 1024, try --help"},
		{[]string{"--runtime.gomaxprocs=all"}, "", "--runtime.gomaxprocs=all: not a number, try --help"},
		{nil, "GOMAXPROCS=-1", "GOMAXPROCS=-1: not 1 to 1024, try --help"},
		{[]string{"--nope"}, "", "unknown long flag '--nope', try --help"},
		{[]string{"--collector.step=false"}, "", "--collector.step takes no value: it is --collector.step or --no-collector.step, try --help"},
		{[]string{"config.yml"}, "", "unexpected config.yml, try --help"},
		{[]string{"--web.max-requests"}, "", "expected argument for flag '--web.max-requests', try --help"},
		{[]string{"--demo", "--config.check"}, "", "--demo has no config to check: leave --config.check out"},
		{[]string{"--once", "--config.check"}, "", "--config.check walks no target: leave --once out"},
		{[]string{"--demo", "--config.file=x"}, "", "--demo has a config of its own: leave --config.file out"},
		{[]string{"--demo", "--web.max-requests=-1"}, "", "--web.max-requests=-1: not 1 or more"},
		{[]string{"--demo", "--config.auto-reload-interval=-1s"}, "", "--config.auto-reload-interval=-1s: below 0"},
		{[]string{"--config.auto-reload-interval=30"}, "", `--config.auto-reload-interval=30: missing unit in duration "30", try --help`},
		{[]string{"--demo", "--web.timeout-offset=-2s"}, "", "--web.timeout-offset=-2s: below 0"},
		{nil, "", "there is no config.yml here: name a config with --config.file (config.example.yml shows how), set OMS_EXPORTER_TARGET_URL, or try --demo"},
		{[]string{"--demo"}, "OMS_EXPORTER_TARGET_URL=x", "--demo has a target of its own: leave OMS_EXPORTER_TARGET_URL out"},
		{[]string{"--config.file=x"}, "OMS_EXPORTER_TARGET_NAME=y", "OMS_EXPORTER_TARGET_NAME: the targets come from the config file x: leave one of the two out"},
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

func TestAProgramThatNobodyVersionedSaysSo(t *testing.T) {
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

func TestAnOffsetIsADuration(t *testing.T) {
	if f := parse(t, "--demo", "--web.timeout-offset=1m30s"); f.TimeoutOffset != 90*time.Second {
		t.Error(f.TimeoutOffset)
	}
}
