// Command oms_exporter is a Prometheus exporter for the tasks of OceanBase Migration Service (OMS).
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"sync"
	"syscall"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
	"github.com/prometheus/common/version"
	toolkit "github.com/prometheus/exporter-toolkit/web"

	"github.com/oms-exporter/oms_exporter/internal/command"
	"github.com/oms-exporter/oms_exporter/internal/config"
	"github.com/oms-exporter/oms_exporter/internal/demo"
	"github.com/oms-exporter/oms_exporter/internal/textutil"
	"github.com/oms-exporter/oms_exporter/internal/web"
)

// Bounds of the HTTP server. There is no write timeout: a walk can take as long as the timeout of its target.
const (
	headerTimeout  = 10 * time.Second
	idleTimeout    = 5 * time.Minute
	maxHeaderBytes = 64 << 10
	stopTimeout    = 20 * time.Second // for running scrapes
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run is the whole program and returns the exit code. It writes a start-up error to stderr in one line.
func run(args []string, stdout, stderr io.Writer) int {
	logWriter := command.NewLogWriter(stderr)
	defer logWriter.Close()
	flags, err := command.Parse(args, stdout)
	if err == nil {
		runtime.GOMAXPROCS(flags.CPUs)
		switch {
		case flags.Check:
			err = check(flags, stdout)
		case flags.Once:
			err = once(flags, stdout, logWriter)
		default:
			err = serve(flags, logWriter)
		}
	}
	if err != nil {
		_, _ = fmt.Fprintf(logWriter, "oms_exporter: error: %s\n", textutil.OneLine(err.Error()))
		return 1
	}
	return 0
}

// check loads the files that a start loads, and the secret and certificate files.
func check(flags *command.Flags, stdout io.Writer) error {
	store, stop, err := load(flags)
	if err != nil {
		return err
	}
	defer stop()
	if err := store.Current().CheckFiles(); err != nil {
		return err
	}
	if err := checkWebConfig(flags); err != nil {
		return err
	}
	fmt.Fprintln(stdout, "OK")
	return nil
}

func checkWebConfig(flags *command.Flags) error {
	if err := command.CheckRegular(*flags.Toolkit.WebConfigFile); err != nil {
		return fmt.Errorf("--web.config.file=%s: %w", *flags.Toolkit.WebConfigFile, err)
	}
	err := toolkit.Validate(*flags.Toolkit.WebConfigFile)
	if err == nil {
		return nil
	}
	hint := "correct the settings, see https://prometheus.io/docs/prometheus/latest/configuration/https/"
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		hint = "check the path and the permissions"
	}
	return fmt.Errorf("--web.config.file=%s: %w: %s", *flags.Toolkit.WebConfigFile, err, hint)
}

// once walks every target once and writes the metrics to stdout.
func once(flags *command.Flags, stdout io.Writer, logWriter *command.LogWriter) error {
	logger, _ := flags.Loggers(logWriter)
	store, stopDemo, err := load(flags)
	if err != nil {
		return err
	}
	defer stopDemo()
	defer command.NewStdLog(logger, config.Redactor(store.Secrets)).Capture()()
	exporter, err := newExporter(flags, store, logger, logWriter.Dropped)
	if err != nil {
		return err
	}
	defer exporter.Close()
	ctx, restore := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer restore()
	return exporter.Once(ctx, stdout)
}

// serve serves HTTP until a signal.
func serve(flags *command.Flags, logWriter *command.LogWriter) error {
	signal.Ignore(syscall.SIGPIPE) // a reader of the log that exits must not end the exporter
	defer signal.Reset(syscall.SIGPIPE)
	// Before this line SIGHUP ends the program. After it SIGHUP reloads the config.
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)

	logger, slogger := flags.Loggers(logWriter)
	store, stopDemo, err := load(flags)
	if err != nil {
		return err
	}
	defer stopDemo()
	stdLog := command.NewStdLog(logger, config.Redactor(store.Secrets))
	defer stdLog.Capture()()
	if err := checkWebConfig(flags); err != nil {
		return err
	}
	exporter, err := newExporter(flags, store, logger, logWriter.Dropped)
	if err != nil {
		return err
	}
	defer exporter.Close()

	// The first signal starts the shutdown and restores the default, so a second one ends the program at once.
	stop, restore := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer restore()
	context.AfterFunc(stop, restore)

	if flags.AutoReloadInterval > 0 {
		go exporter.AutoReload(stop, flags.AutoReloadInterval)
	}
	server := newServer(flags, exporter, logger, stdLog)
	failed := make(chan error, 1)
	go func() { failed <- toolkit.ListenAndServe(server, flags.Toolkit, slogger) }()
	for {
		select {
		case err := <-failed:
			return flags.ExplainListen(err)
		case <-hangups:
			_ = exporter.Reload() // logs its error
		case <-stop.Done():
			return shutdown(server, logger)
		}
	}
}

func newExporter(
	flags *command.Flags, store *config.Store, logger log.Logger, logDropped func() float64,
) (*web.Server, error) {
	return web.New(web.Options{
		Store:          store,
		Logger:         logger,
		LogDropped:     logDropped,
		UserAgent:      "oms_exporter/" + version.Version,
		Version:        version.Version,
		ExternalURL:    flags.ExternalURL,
		RoutePrefix:    flags.RoutePrefix,
		TelemetryPath:  flags.TelemetryPath,
		TasksOnMetrics: flags.TasksOnMetrics,
		MaxRequests:    flags.MaxRequests,
		TimeoutOffset:  flags.TimeoutOffset,
		EnablePprof:    flags.EnablePprof,
		Collectors:     flags.Collectors,
	})
}

// newServer returns a server that logs the start and the address of its page once it listens. It logs nothing earlier:
// a start-up error is then the only line.
func newServer(flags *command.Flags, handler http.Handler, logger log.Logger, stdLog *command.StdLog) *http.Server {
	started := sync.OnceFunc(func() {
		_ = level.Info(logger).Log("msg", "Started oms_exporter",
			"version", version.Version, "revision", version.GetRevision())
	})
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headerTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          stdLog.Logger(),
		ConnContext:       web.ConnContext,
		ConnState:         flags.CloseWithoutWebConfig,
		BaseContext: func(listener net.Listener) context.Context {
			started()
			if url := flags.PageURL(listener); url != "" {
				_ = level.Info(logger).Log("msg", "Open this address in a browser", "url", url)
			}
			return context.Background()
		},
	}
}

// load returns the targets of the config file, of the variables, or of the demo.
func load(flags *command.Flags) (store *config.Store, stop func(), err error) {
	switch {
	case flags.ConfigFile != "":
		store, err = config.NewStore(flags.ConfigFile)
		return store, func() {}, err
	case !flags.Demo:
		store, err = config.NewVariablesStore(flags.Variables)
		return store, func() {}, err
	}
	oms, err := demo.Start()
	if err != nil {
		return nil, nil, err
	}
	return config.NewStaticStore(oms.Config()), oms.Close, nil
}

// shutdown waits at most stopTimeout for running scrapes.
func shutdown(server *http.Server, logger log.Logger) error {
	_ = level.Info(logger).Log("msg", "Stopping, waiting for running scrapes", "within", stopTimeout)
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	if err := server.Shutdown(ctx); errors.Is(err, context.DeadlineExceeded) {
		_ = level.Warn(logger).Log("msg", "Stopped before all scrapes ended")
		return server.Close()
	} else if err != nil {
		return err
	}
	return nil
}
