// Package command has the flags of the exporter and its log. It parses the flags, explains errors in them, and writes
// the log without blocking.
package command

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"runtime/debug"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/version"
	toolkit "github.com/prometheus/exporter-toolkit/web"
	"github.com/prometheus/exporter-toolkit/web/kingpinflag"

	"github.com/oms-exporter/oms_exporter/collector"
	"github.com/oms-exporter/oms_exporter/internal/config"
)

// Flags are the flags on the command line and in the environment.
type Flags struct {
	ConfigFile         string           // empty: the target is in Variables, or Demo is set
	Variables          config.Variables // the target if there is no ConfigFile
	Check              bool
	AutoReloadInterval time.Duration // 0: never
	Once               bool
	Demo               bool
	Toolkit            *toolkit.FlagConfig
	ExternalURL        *url.URL // nil: not set; without scheme and host: a path; no trailing slash
	RoutePrefix        string   // of all paths; no trailing slash
	TelemetryPath      string
	TasksOnMetrics     bool
	MaxRequests        int
	TimeoutOffset      time.Duration
	EnablePprof        bool
	Collectors         collector.Collectors
	CPUs               int
	LogLevel           string
	LogFormat          string
}

const defaultConfigFile = "config.yml"

// Parse parses args and the environment. --help and --version write to stdout and exit the program.
func Parse(args []string, stdout io.Writer) (*Flags, error) {
	if version.Version == "" {
		version.Version = moduleVersion()
	}
	var (
		f   Flags
		app = kingpin.New("oms_exporter", "Prometheus exporter for the tasks of OceanBase Migration Service (OMS). "+
			"Every flag except --help and --version can also be set with an environment variable: OMS_EXPORTER_CONFIG_FILE for --config.file, and so on; --runtime.gomaxprocs uses GOMAXPROCS. "+
			"Without a config file, OMS_EXPORTER_TARGET_URL is the URL of the one target; OMS_EXPORTER_TARGET_NAME, OMS_EXPORTER_TARGET_USERNAME, OMS_EXPORTER_TARGET_PASSWORD or OMS_EXPORTER_TARGET_PASSWORD_FILE, and OMS_EXPORTER_TARGET_CA_FILE are its other settings.")
	)
	app.UsageWriter(stdout)
	app.DefaultEnvars()
	app.Author(version.Version) // shown in the header of --help-man, which the version of several lines would break
	app.HelpFlag.NoEnvar().Short('h')
	app.Flag("version", "Show application version.").NoEnvar().PreAction(func(*kingpin.ParseContext) error {
		fmt.Fprintln(stdout, version.Print("oms_exporter"))
		os.Exit(0)
		return nil
	}).Bool()

	app.Flag("config.file", "Path to the configuration file with the targets. SIGHUP and POST /-/reload reload it.").
		PlaceHolder(defaultConfigFile).StringVar(&f.ConfigFile)
	app.Flag("config.auto-reload-interval", "Interval at which to check the configuration file and the files that it references, and to reload the configuration if their content has changed. 0s disables the check.").
		Default("0s").DurationVar(&f.AutoReloadInterval)
	app.Flag("config.check", "Validate the configuration file, the --web.config.file and every file that they reference. Print OK and exit with 0, or print the first error and exit with 1.").
		BoolVar(&f.Check)
	app.Flag("demo", "Scrape a simulated OMS that runs in this process, to try the exporter without an OMS. Needs no configuration file.").
		BoolVar(&f.Demo)
	app.Flag("once", "Walk every target once, write the metrics of the tasks to standard output, and exit with 0, or with 1 if a walk failed. Opens no port.").
		BoolVar(&f.Once)
	f.Toolkit = kingpinflag.AddFlags(app, ":10089")
	externalURL := app.Flag("web.external-url", "The URL under which the exporter is externally reachable (for example, if it is served through a reverse proxy). "+
		"Used by /sd, redirects and the log. If the URL has a path portion, it will be used to prefix all HTTP endpoints. If omitted, relevant URL components will be derived automatically.").
		PlaceHolder("<URL>").String()
	routePrefix := app.Flag("web.route-prefix", "Prefix for the internal routes of web endpoints. Defaults to path of --web.external-url.").
		PlaceHolder("<path>").String()
	app.Flag("web.telemetry-path", "Path under which to expose metrics.").Default("/metrics").StringVar(&f.TelemetryPath)
	app.Flag("web.tasks-on-metrics", "Expose the tasks of all targets on the telemetry path, beside the exporter's own metrics. "+
		"Disable this if Prometheus scrapes the tasks through /probe?target=NAME or /sd; otherwise each task is scraped twice and sums are doubled.").
		Default("true").BoolVar(&f.TasksOnMetrics)
	app.Flag("web.max-requests", "Maximum number of parallel scrapes, over the telemetry path and /probe together. Further scrapes get status 503.").
		Default("40").IntVar(&f.MaxRequests)
	app.Flag("web.timeout-offset", "Offset to subtract from Prometheus' scrape timeout, for the answer to arrive in time. Capped at half of that timeout.").
		Default("0.5s").DurationVar(&f.TimeoutOffset)
	app.Flag("web.enable-pprof", "Enable the profiling endpoints of the exporter under /debug/pprof/.").
		BoolVar(&f.EnablePprof)
	app.Flag("collector.step", "Enable the metrics of the steps of tasks: oms_task_step_*.").
		Default("true").BoolVar(&f.Collectors.Step)
	app.Flag("collector.sync", "Enable the metrics of incremental synchronization: oms_task_sync_*.").
		Default("true").BoolVar(&f.Collectors.Sync)
	app.Flag("collector.alarm", "Enable the metrics of the alarms that OMS itself raises: oms_task_alarming, oms_task_recent_alarms*.").
		Default("true").BoolVar(&f.Collectors.Alarm)
	// A scrape often waits a short time, for OMS and for the client. After each wait Go wakes a second CPU, which finds no
	// work left. That is a fifth of the cost of a small scrape.
	app.Flag("runtime.gomaxprocs", "Number of CPUs that the exporter uses at a time (GOMAXPROCS).").
		Envar("GOMAXPROCS").Default("1").SetValue((*cpus)(&f.CPUs))
	app.Flag("log.level", "Only log messages with the given severity or above. One of: [debug, info, warn, error]").
		Default("info").EnumVar(&f.LogLevel, "debug", "info", "warn", "error")
	app.Flag("log.format", "Output format of log messages. One of: [logfmt, json]").
		Default("logfmt").EnumVar(&f.LogFormat, "logfmt", "json")

	if _, err := app.Parse(args); err != nil {
		return nil, explainFlag(app, args, err)
	}
	if err := f.setURLs(*externalURL, *routePrefix); err != nil {
		return nil, err
	}
	if err := f.validate(); err != nil {
		return nil, err
	}
	return &f, f.setTargets()
}

// validate refuses values out of range and flags that exclude each other.
func (f *Flags) validate() error {
	switch {
	case f.Demo && f.ConfigFile != "":
		return errors.New("--demo has its own config: remove --config.file")
	case f.Demo && f.Check:
		return errors.New("--demo has no config to check: remove --config.check")
	case f.Once && f.Check:
		return errors.New("--config.check and --once exclude each other: remove one")
	case f.MaxRequests < 1:
		return fmt.Errorf("--web.max-requests=%d: must be at least 1", f.MaxRequests)
	case f.AutoReloadInterval < 0:
		return fmt.Errorf("--config.auto-reload-interval=%s: must not be negative", f.AutoReloadInterval)
	case f.TimeoutOffset < 0:
		return fmt.Errorf("--web.timeout-offset=%s: must not be negative", f.TimeoutOffset)
	case !isPath(f.TelemetryPath):
		return fmt.Errorf("--web.telemetry-path=%s: "+
			"use a path such as /metrics with letters, digits, and _ . ~ - between the slashes", f.TelemetryPath)
	}
	return nil
}

// setTargets decides where the targets come from: the demo, a config file or variables.
func (f *Flags) setTargets() error {
	variables := config.VariablesOf(os.Environ())
	if f.Demo {
		if len(variables) > 0 {
			return fmt.Errorf("--demo has its own target: unset %s", variables.Names())
		}
		return nil
	}
	if f.ConfigFile == "" {
		if _, err := os.Stat(defaultConfigFile); !errors.Is(err, os.ErrNotExist) {
			f.ConfigFile = defaultConfigFile
		} else if len(variables) == 0 {
			return fmt.Errorf("there is no %s in this folder: "+
				"set --config.file or OMS_EXPORTER_TARGET_URL, or try --demo", defaultConfigFile)
		}
	}
	if f.ConfigFile != "" && len(variables) > 0 {
		return fmt.Errorf("%s: the targets come from the config file %s: unset the variables or remove the file",
			variables.Names(), f.ConfigFile)
	}
	f.Variables = variables
	return nil
}

// moduleVersion returns the version of a program built with "go install module@version", which has no linker flags.
func moduleVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "dev"
	}
	return info.Main.Version
}
