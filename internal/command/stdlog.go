package command

import (
	"bytes"
	stdlog "log"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"

	"github.com/oms-exporter/oms_exporter/internal/textutil"
)

const (
	stdLogInterval = time.Minute // between two lines of a kind
	stdLogBytes    = 500         // limit of a line
	stdLogKinds    = 32          // limit of the kinds to remember
)

// StdLog writes the lines that net/http and other packages send to Go's package log to the log of the program. It hides
// secrets and cuts lines to stdLogBytes. It logs one line of a kind per stdLogInterval, with the number of lines
// omitted since the previous one.
type StdLog struct {
	logger log.Logger
	redact func() func(string) string
	now    func() time.Time

	mu    sync.Mutex
	kinds map[string]*lineKind
}

// lineKind is a kind of lines, which begin with the same words.
type lineKind struct {
	logged  time.Time
	omitted int
}

// NewStdLog returns a StdLog. redact hides secrets: see config.Redactor.
func NewStdLog(logger log.Logger, redact func() func(string) string) *StdLog {
	return &StdLog{logger: logger, redact: redact, now: time.Now, kinds: make(map[string]*lineKind)}
}

// Logger returns a logger for http.Server.
func (l *StdLog) Logger() *stdlog.Logger { return stdlog.New(l, "", 0) }

// Capture makes l the output of the standard logger, which the client of net/http and other packages use. restore
// undoes it.
func (l *StdLog) Capture() (restore func()) {
	to, flags, prefix := stdlog.Writer(), stdlog.Flags(), stdlog.Prefix()
	stdlog.SetOutput(l)
	stdlog.SetFlags(0)
	stdlog.SetPrefix("")
	return func() {
		stdlog.SetOutput(to)
		stdlog.SetFlags(flags)
		stdlog.SetPrefix(prefix)
	}
}

// Write receives a line, which can contain line breaks.
func (l *StdLog) Write(line []byte) (int, error) {
	if text := string(bytes.TrimSpace(line)); isAbortedHandshake(text) {
		_ = level.Debug(l.logger).Log("msg", l.clean(text))
	} else if omitted, ok := l.allow(kindOf(text)); ok {
		fields := []any{"msg", l.clean(text)}
		if omitted > 0 {
			fields = append(fields, "similar_lines_omitted", omitted)
		}
		_ = level.Warn(l.logger).Log(fields...)
	}
	return len(line), nil
}

// isAbortedHandshake reports whether a client closed the connection during the TLS handshake. Port scans and the health
// checks of load balancers do.
func isAbortedHandshake(line string) bool {
	return strings.HasPrefix(line, "http: TLS handshake error") && (strings.HasSuffix(line, ": EOF") ||
		strings.HasSuffix(line, "connection reset by peer") || strings.HasSuffix(line, "broken pipe"))
}

// kindOf returns the first words of a line. They are the same in all lines of net/http about the same event.
func kindOf(line string) string {
	const words = 4
	fields := strings.Fields(line[:min(len(line), stdLogBytes)])
	return strings.Join(fields[:min(len(fields), words)], " ")
}

// allow reports whether to log a line of a kind now, and returns the number of lines omitted since the previous one. A
// new kind replaces the oldest one.
func (l *StdLog) allow(kind string) (omitted int, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	k := l.kinds[kind]
	switch {
	case k == nil:
		if len(l.kinds) >= stdLogKinds {
			delete(l.kinds, slices.MinFunc(slices.Collect(maps.Keys(l.kinds)), func(a, b string) int {
				return l.kinds[a].logged.Compare(l.kinds[b].logged)
			}))
		}
		l.kinds[kind] = &lineKind{logged: now}
		return 0, true
	case now.Sub(k.logged) < stdLogInterval:
		k.omitted++
		return 0, false
	}
	omitted = k.omitted
	*k = lineKind{logged: now}
	return omitted, true
}

// excerpt is the part of the message of net/http about bytes after a response that repeats them. It can end within a
// secret.
var excerpt = regexp.MustCompile(`(?s) starting with ".*"`)

// clean hides secrets in a line before it cuts the line.
func (l *StdLog) clean(line string) string {
	const limit = 64 << 10 // bounds the work
	line = excerpt.ReplaceAllString(line[:min(len(line), limit)], "")
	return textutil.Cut(textutil.OneLine(l.redact()(line)), stdLogBytes)
}
