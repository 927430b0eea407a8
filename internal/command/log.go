package command

import (
	"bytes"
	"io"
	"log/slog"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
	sloggokit "github.com/tjhop/slog-gokit"
)

// Loggers returns the logger of the program, and a logger for libraries that use log/slog. Both write to w, with the
// level and the format in the flags.
func (f *Flags) Loggers(w *LogWriter) (log.Logger, *slog.Logger) {
	w.setNotice(func(lines uint64) []byte {
		var line bytes.Buffer
		_ = level.Warn(log.With(f.bareLogger(&line), "time", log.DefaultTimestampUTC)).
			Log("msg", "Log lines were dropped: the log was not read in time or could not be written", "lines", lines)
		return line.Bytes()
	})
	bare := f.bareLogger(w)
	var from slog.Level
	_ = from.UnmarshalText([]byte(f.LogLevel)) // the flag allows only valid levels
	// The adapter adds time and caller itself.
	return log.With(bare, "time", log.DefaultTimestampUTC, "caller", log.DefaultCaller),
		slog.New(sloggokit.NewGoKitHandler(bare, from))
}

// bareLogger returns a logger with the level and the format in the flags.
func (f *Flags) bareLogger(w io.Writer) log.Logger {
	logger := log.NewLogfmtLogger(w)
	if f.LogFormat == "json" {
		logger = log.NewJSONLogger(w)
	}
	return level.NewFilter(logger, level.Allow(level.ParseDefault(f.LogLevel, level.InfoValue())))
}
