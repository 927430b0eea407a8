package command

import (
	"io"
	stdlog "log"
	"log/slog"
	"strings"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
	sloggokit "github.com/tjhop/slog-gokit"
)

// Loggers write to w as the flags say: the program's own, and one for libraries that log by slog, to the same place in the same form.
func (f *Flags) Loggers(w io.Writer) (log.Logger, *slog.Logger) {
	var bare log.Logger
	if f.LogFormat == "json" {
		bare = log.NewJSONLogger(log.NewSyncWriter(w))
	} else {
		bare = log.NewLogfmtLogger(log.NewSyncWriter(w))
	}
	bare = level.NewFilter(bare, level.Allow(level.ParseDefault(f.LogLevel, level.InfoValue())))
	var from slog.Level
	_ = from.UnmarshalText([]byte(f.LogLevel)) // one of the four that the flag allows
	// The adapter adds time and caller itself.
	return log.With(bare, "time", log.DefaultTimestampUTC, "caller", log.DefaultCaller),
		slog.New(sloggokit.NewGoKitHandler(bare, from))
}

// ServerLog takes what net/http has to say.
func ServerLog(logger log.Logger) *stdlog.Logger {
	return stdlog.New(serverLog{level.Warn(logger)}, "", 0)
}

// serverLog writes each line as one message. The adapter of go-kit/log would take what stands before an address in it for a caller.
type serverLog struct{ logger log.Logger }

func (l serverLog) Write(line []byte) (int, error) {
	return len(line), l.logger.Log("msg", strings.TrimSpace(string(line)))
}
