package command

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/go-kit/log/level"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

func TestLoggers(t *testing.T) {
	for _, c := range []struct {
		allowed string
		want    int
	}{{"debug", 4}, {"info", 3}, {"warn", 2}, {"error", 1}} {
		for _, format := range []string{"logfmt", "json"} {
			var text testutil.Output
			writer := NewLogWriter(&text)
			logger, slogger := (&Flags{LogLevel: c.allowed, LogFormat: format}).Loggers(writer)
			for _, at := range []func() error{
				func() error { return level.Debug(logger).Log("msg", "own") },
				func() error { return level.Info(logger).Log("msg", "own") },
				func() error { return level.Warn(logger).Log("msg", "own") },
				func() error { return level.Error(logger).Log("msg", "own") },
			} {
				if err := at(); err != nil {
					t.Error(err)
				}
			}
			for _, at := range []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError} {
				slogger.Log(t.Context(), at, "library's")
			}
			writer.Close()
			lines := strings.Split(strings.TrimSpace(text.String()), "\n")
			if len(lines) != 2*c.want {
				t.Errorf("%s, %s: %d lines, want %d", c.allowed, format, len(lines), 2*c.want)
			}
			for _, line := range lines {
				if (format == "json") != strings.HasPrefix(line, "{") || strings.Count(line, "time") != 1 ||
					strings.Count(line, "caller") != 1 {
					t.Errorf("%s: %s", format, line)
				}
			}
		}
	}
}
