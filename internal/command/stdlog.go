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
	stdLogEvery = time.Minute // one line of each kind
	stdLogBytes = 500         // of one line
	stdLogKinds = 32
)

// StdLog sends the lines that net/http and other packages write by Go's package log to the program's own log: without secrets, cut to
// stdLogBytes, and one line of a kind per minute, with the number of lines that were left out since the last one.
type StdLog struct {
	logger log.Logger
	redact func() func(string) string
	now    func() time.Time

	mu    sync.Mutex
	kinds map[string]*lineKind
}

// lineKind is the lines that begin with the same words.
type lineKind struct {
	logged  time.Time
	omitted int
}

// NewStdLog makes a StdLog. redact, see config.Redactor, removes secrets.
func NewStdLog(logger log.Logger, redact func() func(string) string) *StdLog {
	return &StdLog{logger: logger, redact: redact, now: time.Now, kinds: make(map[string]*lineKind)}
}

// Logger returns a logger of Go's package log, for http.Server.
func (l *StdLog) Logger() *stdlog.Logger { return stdlog.New(l, "", 0) }

// Capture makes l the output of package log's own logger, which net/http's client and other packages use. The result undoes that.
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

// Write takes one line, which can contain line breaks.
func (l *StdLog) Write(line []byte) (int, error) {
	if text := string(bytes.TrimSpace(line)); isHangUp(text) {
		_ = level.Debug(l.logger).Log("msg", l.tidy(text))
	} else if omitted, ok := l.allow(kindOf(text)); ok {
		fields := []any{"msg", l.tidy(text)}
		if omitted > 0 {
			fields = append(fields, "similar_lines_omitted", omitted)
		}
		_ = level.Warn(l.logger).Log(fields...)
	}
	return len(line), nil
}

// isHangUp reports whether a client left during the TLS handshake, as a port scan and the health check of a load balancer do.
func isHangUp(line string) bool {
	return strings.HasPrefix(line, "http: TLS handshake error") &&
		(strings.HasSuffix(line, ": EOF") || strings.HasSuffix(line, "connection reset by peer") || strings.HasSuffix(line, "broken pipe"))
}

// kindOf returns the first words of a line, which net/http begins all lines about the same thing with.
func kindOf(line string) string {
	const words = 4
	fields := strings.Fields(line[:min(len(line), stdLogBytes)])
	return strings.Join(fields[:min(len(fields), words)], " ")
}

// allow reports whether a line of a kind can be logged now, and how many were not since the last one. The oldest kind makes room for a new one.
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
	case now.Sub(k.logged) < stdLogEvery:
		k.omitted++
		return 0, false
	}
	omitted = k.omitted
	*k = lineKind{logged: now}
	return omitted, true
}

// received is the excerpt in the message of net/http about bytes after a whole answer. It ends anywhere, perhaps within a secret.
var received = regexp.MustCompile(`(?s) starting with ".*"`)

// tidy removes secrets, then shortens.
func (l *StdLog) tidy(line string) string {
	const longest = 64 << 10 // bounds the work
	line = received.ReplaceAllString(line[:min(len(line), longest)], "")
	return textutil.Cut(textutil.OneLine(l.redact()(line)), stdLogBytes)
}
