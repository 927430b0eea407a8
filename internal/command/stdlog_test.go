package command

import (
	"bytes"
	"fmt"
	stdlog "log"
	"strings"
	"testing"
	"time"

	"github.com/go-kit/log"
)

// newStdLog returns a StdLog that hides the word secret, the lines that it logs, and a function that moves its clock.
func newStdLog(t *testing.T) (l *StdLog, lines func() []string, pass func(time.Duration)) {
	t.Helper()
	var text bytes.Buffer
	redact := func() func(string) string {
		return func(s string) string { return strings.ReplaceAll(s, "secret", "<hidden>") }
	}
	l = NewStdLog(log.NewLogfmtLogger(&text), redact)
	now := time.Unix(1e9, 0)
	l.now = func() time.Time { return now }
	lines = func() []string {
		defer text.Reset()
		return strings.Split(strings.TrimSpace(text.String()), "\n")
	}
	return l, lines, func(d time.Duration) { now = now.Add(d) }
}

func TestStdLog(t *testing.T) {
	t.Run("a line is a warning", func(t *testing.T) {
		l, lines, _ := newStdLog(t)
		l.Logger().Print("http: TLS handshake error from 192.0.2.1:1: tls: unsupported SSLv2 handshake received")
		if got, want := lines()[0], `level=warn msg="http: TLS handshake error from 192.0.2.1:1: tls: unsupported SSLv2 handshake received"`; got != want {
			t.Errorf("got %s", got)
		}
	})
	t.Run("a client that disconnects during the TLS handshake is logged at debug", func(t *testing.T) {
		l, lines, _ := newStdLog(t)
		for _, end := range []string{"EOF", "read tcp 192.0.2.1:2->192.0.2.1:1: read: connection reset by peer"} {
			l.Logger().Print("http: TLS handshake error from 192.0.2.1:1: " + end)
		}
		if got := lines(); len(got) != 2 || !strings.HasPrefix(got[0], "level=debug ") ||
			!strings.HasPrefix(got[1], "level=debug ") {
			t.Errorf("got %q", got)
		}
	})
	t.Run("one line of each kind is logged per minute, with the number of omitted lines", func(t *testing.T) {
		l, lines, pass := newStdLog(t)
		scan := func(times int) {
			for i := range times {
				l.Logger().Printf("http: TLS handshake error from 192.0.2.1:%d: no cipher", i)
			}
		}
		scan(200)
		l.Logger().Print("another kind")
		if got := lines(); len(got) != 2 || !strings.Contains(got[1], "another kind") {
			t.Errorf("in the first minute: %q", got)
		}
		pass(stdLogInterval)
		scan(10)
		if got := lines(); len(got) != 1 || !strings.HasSuffix(got[0], "similar_lines_omitted=199") {
			t.Errorf("after it: %q", got)
		}
	})
	t.Run("the number of kinds is bounded", func(t *testing.T) {
		l, lines, pass := newStdLog(t)
		for i := range 10 * stdLogKinds {
			l.Logger().Printf("kind%d", i)
			pass(time.Millisecond)
		}
		if got := len(lines()); got != 10*stdLogKinds || len(l.kinds) != stdLogKinds {
			t.Errorf("%d lines, %d kinds", got, len(l.kinds))
		}
	})
	t.Run("secrets are hidden before a line is cut to 500 bytes", func(t *testing.T) {
		l, lines, _ := newStdLog(t)
		for _, before := range []int{0, 480, 490, 495, 499, 600} {
			l.kinds = map[string]*lineKind{}
			l.Logger().Print(strings.Repeat("界", before/3) + strings.Repeat("x", before%3) +
				" secret\nof several lines " + strings.Repeat("y", 9000))
			got := lines()
			text := strings.TrimPrefix(got[0], `level=warn msg=`)
			if len(got) != 1 || strings.Contains(text, "sec") || len(strings.Trim(text, `"`)) > stdLogBytes {
				t.Errorf("after %d bytes: %d lines, the first has %d bytes: %s", before, len(got), len(text), text)
			}
		}
	})
	t.Run("bytes after the end of a response are not shown", func(t *testing.T) {
		l, lines, _ := newStdLog(t)
		l.Logger().Printf("Unsolicited response received on idle HTTP channel starting with %q; err=%v", "Authorization: \"Basic se", nil)
		if got, want := lines()[0], `level=warn msg="Unsolicited response received on idle HTTP channel; err=<nil>"`; got != want {
			t.Errorf("got %s", got)
		}
	})
	t.Run("Go's own logger is captured and restored", func(t *testing.T) {
		var before bytes.Buffer
		to := stdlog.Writer()
		stdlog.SetOutput(&before)
		defer stdlog.SetOutput(to)
		l, lines, _ := newStdLog(t)
		restore := l.Capture()
		stdlog.Print("captured")
		restore()
		stdlog.Print("not captured")
		if got := fmt.Sprint(lines()); got != "[level=warn msg=captured]" ||
			!strings.HasSuffix(before.String(), "not captured\n") ||
			strings.Count(before.String(), "\n") != 1 {
			t.Errorf("got %s and %q", got, before.String())
		}
	})
}
