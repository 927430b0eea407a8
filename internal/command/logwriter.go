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
	logQueueBytes   = 1 << 20         // of lines that wait to be written
	logFlushTimeout = 2 * time.Second // at the end of the program
)

// LogWriter writes log lines to the standard error in the background, one call of Write per line. Write never waits: a line that does not fit
// into the queue, because nobody reads the log, is dropped and counted. When the log is read again, a line in its place has the count. Control
// characters and characters that change the direction of a text are escaped. It is safe for concurrent use.
type LogWriter struct {
	to   io.Writer
	done chan struct{} // closed when nothing is left to write

	mu      sync.Mutex
	filled  sync.Cond
	notice  func(lines uint64) []byte // makes the line that has the count
	queue   []logLine
	bytes   int    // in queue and in the line being written
	lost    uint64 // lines dropped since the last notice
	dropped uint64 // lines dropped since the start
	closed  bool
}

type logLine struct {
	text    []byte
	lost    uint64 // lines that the next notice counts if this one is dropped
	dropped uint64 // likewise for Dropped, which has counted the lines of a notice before
}

// NewLogWriter starts a LogWriter. Close ends it.
func NewLogWriter(to io.Writer) *LogWriter {
	w := &LogWriter{to: to, done: make(chan struct{}), notice: func(uint64) []byte { return nil }}
	w.filled.L = &w.mu
	go w.run()
	return w
}

// Write queues one line. It returns no error.
func (w *LogWriter) Write(line []byte) (int, error) {
	text := escapeLine(line)
	w.mu.Lock()
	defer w.mu.Unlock()
	room := logQueueBytes
	if w.lost > 0 {
		room /= 2 // one notice for many lines: without it, each line that fits in at the limit would get one
	}
	if w.closed || w.bytes+len(text) > room {
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
	w.filled.Signal()
}

func (w *LogWriter) enqueueNotice() {
	if text := w.notice(w.lost); len(text) > 0 {
		w.enqueue(logLine{text: text, lost: w.lost})
	}
	w.lost = 0
}

// Dropped returns the number of lines that were dropped since the start.
func (w *LogWriter) Dropped() float64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return float64(w.dropped)
}

// Close waits until all lines are written, but not longer than logFlushTimeout.
func (w *LogWriter) Close() {
	w.mu.Lock()
	if w.lost > 0 && !w.closed {
		w.enqueueNotice()
	}
	w.closed = true
	w.filled.Signal()
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
		line, ok := w.next()
		if !ok {
			return
		}
		_, err := w.to.Write(line.text)
		w.written(line, err)
	}
}

// next waits for a line. It returns false after Close when no line is left.
func (w *LogWriter) next() (logLine, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.queue) == 0 && !w.closed {
		w.filled.Wait()
	}
	if len(w.queue) == 0 {
		return logLine{}, false
	}
	line := w.queue[0]
	w.queue[0] = logLine{}
	if w.queue = w.queue[1:]; len(w.queue) == 0 {
		w.queue = nil
	}
	return line, true
}

// written releases the line's room in the queue. A line that could not be written, because the disk is full or the reader has gone, is dropped.
func (w *LogWriter) written(line logLine, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.bytes -= len(line.text)
	switch {
	case err != nil:
		w.lost += line.lost
		w.dropped += line.dropped
	case w.lost > 0 && len(w.queue) == 0 && !w.closed:
		w.enqueueNotice()
	}
}

// escapeLine returns a copy of a line in which every character that is not printable is written as \u00ad, which is its form in JSON too. The
// end of the line stays.
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
