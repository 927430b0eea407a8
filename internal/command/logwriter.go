package command

import (
	"bytes"
	"io"
	"strconv"
	"sync"
	"time"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	logQueueBytes   = 1 << 20         // limit of the lines in the queue
	logFlushTimeout = 2 * time.Second // of Close
)

// LogWriter writes log lines to a writer in the background, one call of Write per line. Write never blocks: if nothing
// reads the log, it drops and counts the lines that do not fit into the queue. When the log is read again, a line with
// the count replaces them. LogWriter escapes control characters and characters that change the direction of a text. It
// is safe for concurrent use.
type LogWriter struct {
	to   io.Writer
	done chan struct{} // closed after the last line

	mu      sync.Mutex
	queued  sync.Cond                 // signaled when a line is queued, and by Close
	notice  func(lines uint64) []byte // returns the line with the count
	queue   []logLine
	bytes   int    // of the queue and of the lines being written
	lost    uint64 // lines dropped since the last notice
	dropped uint64 // lines dropped since the start
	closed  bool
}

type logLine struct {
	text    []byte
	lost    uint64 // what to add to LogWriter.lost if the line is dropped
	dropped uint64 // what to add to LogWriter.dropped; 0 for a notice, whose lines are counted already
}

// NewLogWriter starts a LogWriter, which Close ends.
func NewLogWriter(to io.Writer) *LogWriter {
	w := &LogWriter{to: to, done: make(chan struct{}), notice: func(uint64) []byte { return nil }}
	w.queued.L = &w.mu
	go w.run()
	return w
}

// Write queues a line. Its error is always nil.
func (w *LogWriter) Write(line []byte) (int, error) {
	text := escapeLine(line)
	w.mu.Lock()
	defer w.mu.Unlock()
	limit := logQueueBytes
	if w.lost > 0 {
		limit /= 2 // one notice for many lines: at the limit, each line would need a notice of its own
	}
	if w.closed || w.bytes+len(text) > limit {
		w.lost++
		w.dropped++
		return len(line), nil
	}
	if w.lost > 0 {
		w.enqueueNotice()
	}
	w.enqueue(logLine{text: text, lost: 1, dropped: 1})
	return len(line), nil
}

func (w *LogWriter) enqueue(line logLine) {
	w.queue = append(w.queue, line)
	w.bytes += len(line.text)
	w.queued.Signal()
}

func (w *LogWriter) enqueueNotice() {
	if text := w.notice(w.lost); len(text) > 0 {
		w.enqueue(logLine{text: text, lost: w.lost})
	}
	w.lost = 0
}

// Dropped returns the number of lines dropped since the start.
func (w *LogWriter) Dropped() float64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return float64(w.dropped)
}

// Close waits until all lines are written, but at most logFlushTimeout.
func (w *LogWriter) Close() {
	w.mu.Lock()
	if w.lost > 0 && !w.closed {
		w.enqueueNotice()
	}
	w.closed = true
	w.queued.Signal()
	w.mu.Unlock()
	select {
	case <-w.done:
	case <-time.After(logFlushTimeout):
	}
}

func (w *LogWriter) setNotice(notice func(lines uint64) []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.notice = notice
}

func (w *LogWriter) run() {
	defer close(w.done)
	for {
		lines := w.takeQueue()
		if len(lines) == 0 {
			return
		}
		for _, line := range lines {
			_, err := w.to.Write(line.text)
			w.written(line, err)
		}
	}
}

// takeQueue waits for lines and takes them from the queue. It returns none after Close if no line is left.
func (w *LogWriter) takeQueue() []logLine {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.queue) == 0 && !w.closed {
		w.queued.Wait()
	}
	lines := w.queue
	w.queue = nil
	return lines
}

// written frees the bytes of a line. It counts a line that could not be written as dropped: the disk is full, or
// nothing reads the log any more.
func (w *LogWriter) written(line logLine, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.bytes -= len(line.text)
	switch {
	case err != nil:
		w.lost += line.lost
		w.dropped += line.dropped
	case w.lost > 0 && w.bytes == 0 && !w.closed:
		w.enqueueNotice()
	}
}

// escapeLine returns a copy of a line with every character that is not printable in the form \u00ad, as in JSON, and
// with one line break at its end.
func escapeLine(line []byte) []byte {
	end := len(bytes.TrimRight(line, "\n"))
	text := make([]byte, 0, len(line))
	for rest := line[:end]; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		switch {
		case unicode.IsPrint(r):
			text = utf8.AppendRune(text, r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			text = appendEscape(appendEscape(text, high), low)
		default:
			text = appendEscape(text, r)
		}
		rest = rest[size:]
	}
	return append(text, '\n')
}

func appendEscape(text []byte, r rune) []byte {
	const longest = 0x10000 // one digit more than the escape has
	return append(append(text, `\u`...), strconv.FormatInt(longest+int64(r), 16)[1:]...)
}
