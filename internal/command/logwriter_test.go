package command

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-kit/log/level"
)

// gate is a log that nobody reads until it is opened.
type gate struct {
	opened chan struct{}
	text   bytes.Buffer
	err    error
}

func newGate() *gate { return &gate{opened: make(chan struct{})} }

func (g *gate) Write(p []byte) (int, error) {
	<-g.opened
	if g.err != nil {
		return 0, g.err
	}
	return g.text.Write(p)
}

func TestLogWriter(t *testing.T) {
	line := []byte(strings.Repeat("x", 1023) + "\n")
	const capacity = logQueueBytes / 1024 // lines that fit into the queue

	t.Run("lines that nobody reads are dropped and counted, and a notice replaces them", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			to := newGate()
			w := NewLogWriter(to)
			logger, _ := (&Flags{LogLevel: "info", LogFormat: "json"}).Loggers(w)
			for range capacity + 7 {
				_, _ = w.Write(line)
			}
			if got := w.Dropped(); got != 7 {
				t.Errorf("%v lines were dropped, want 7", got)
			}
			close(to.opened)
			synctest.Wait()
			_ = level.Info(logger).Log("msg", "after")
			w.Close()
			lines := strings.Split(strings.TrimSpace(to.text.String()), "\n")
			if len(lines) != capacity+2 {
				t.Fatalf("%d lines, want %d", len(lines), capacity+2)
			}
			if notice, after := lines[capacity], lines[capacity+1]; !strings.Contains(notice, `"lines":7`) ||
				!strings.Contains(notice, `"level":"warn"`) ||
				!strings.Contains(after, "after") {
				t.Errorf("the last lines are\n%s\n%s", notice, after)
			}
		})
	})
	t.Run("Close waits a bounded time", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			to := newGate()
			w := NewLogWriter(to)
			_, _ = w.Write(line)
			begin := time.Now()
			w.Close()
			if waited := time.Since(begin); waited != logFlushTimeout {
				t.Errorf("it waited %s", waited)
			}
			close(to.opened)
		})
	})
	t.Run("Close waits for lines that are being written", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			to := newGate()
			w := NewLogWriter(to)
			_, _ = w.Write(line)
			time.AfterFunc(time.Second, func() { close(to.opened) })
			w.Close()
			if to.text.String() != string(line) {
				t.Errorf("got %q", to.text.String())
			}
		})
	})
	t.Run("a line that cannot be written is dropped and counted", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			to := newGate()
			close(to.opened)
			to.err = errors.New("no space left on device")
			w := NewLogWriter(to)
			_, _ = (&Flags{LogLevel: "info", LogFormat: "logfmt"}).Loggers(w)
			for range 3 {
				_, _ = w.Write(line)
				synctest.Wait()
			}
			if got := w.Dropped(); got != 3 {
				t.Errorf("%v lines were dropped, want 3", got)
			}
			to.err = nil
			_, _ = w.Write(line)
			w.Close()
			if got := to.text.String(); strings.Count(got, "\n") != 2 || !strings.Contains(got, "lines=3") {
				t.Errorf("got %q", got)
			}
		})
	})
}

func TestEscapeLine(t *testing.T) {
	for _, c := range []struct {
		text string
		want string
	}{
		{"plain = \"text\" 数据迁移\n", "plain = \"text\" 数据迁移\n"},
		{"no end of line", "no end of line\n"},
		{"a\nb\n", `a\u000ab` + "\n"},
		{"\x1b[31m\x7f\u0085\r\n", `\u001b[31m\u007f\u0085\u000d` + "\n"},
		{"\u202egpj.exe\u2066\u200b\n", `\u202egpj.exe\u2066\u200b` + "\n"},
		{"\U000e0041\n", `\udb40\udc41` + "\n"},
		{"\xff\n", "\ufffd\n"},
	} {
		if got := string(escapeLine([]byte(c.text))); got != c.want {
			t.Errorf("%q: got %q, want %q", c.text, got, c.want)
		}
	}
}
