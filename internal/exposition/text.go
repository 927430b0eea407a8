package exposition

import (
	"io"
	"math"
	"runtime"
	"strconv"
	"strings"
)

// TextWriter writes samples as text, in the format of Prometheus or in that of OpenMetrics. The bytes are the same as
// the client library writes of its model. A series only needs the memory of its line.
type TextWriter struct {
	to          io.Writer
	openMetrics bool
	buf         []byte
	headed      bool // the head of the current family is written
	err         error
}

const (
	textBuffer    = 64 << 10 // bytes after which the buffer is written
	longLine      = 4 << 10  // further capacity: the buffer rarely grows
	maxKeptBuffer = 2 * textBuffer
	fewDigits     = 1e6 // below it a whole number is written without an exponent
)

// NewTextWriter returns a TextWriter over an io.Writer. Call Flush at the end. After the first error it writes nothing
// more, and Flush returns the error.
func NewTextWriter(to io.Writer, openMetrics bool) *TextWriter {
	return &TextWriter{to: to, openMetrics: openMetrics, buf: make([]byte, 0, textBuffer+longLine)}
}

// Reset makes w a new writer, for another answer, that keeps its buffer.
func (w *TextWriter) Reset(to io.Writer, openMetrics bool) {
	if cap(w.buf) > maxKeptBuffer {
		w.buf = make([]byte, 0, textBuffer+longLine)
	}
	*w = TextWriter{to: to, openMetrics: openMetrics, buf: w.buf[:0]}
}

// Write implements io.Writer, for the families that the client library encodes.
func (w *TextWriter) Write(p []byte) (int, error) {
	w.buf = append(w.buf, p...)
	if len(w.buf) >= textBuffer {
		_ = w.Flush() // the error stays in w
	}
	return len(p), w.err
}

// Flush writes what is left in the buffer. The error is the first one since the beginning.
func (w *TextWriter) Flush() error {
	if w.err == nil && len(w.buf) > 0 {
		_, w.err = w.to.Write(w.buf)
		runtime.Gosched() // on one CPU, other requests would wait for the end of a large exposition
	}
	w.buf = w.buf[:0]
	return w.err
}

// textHead returns the lines before the samples of a metric. Prometheus' own format escapes less in a help text.
func textHead(m *Metric, openMetrics bool) string {
	help := strings.NewReplacer("\\", `\\`, "\n", `\n`).Replace(m.Help)
	if openMetrics {
		help = strings.ReplaceAll(help, `"`, `\"`)
	}
	return "# HELP " + m.Name + " " + help + "\n# TYPE " + m.Name + " gauge\n"
}

// sample writes one line.
func (w *TextWriter) sample(of *Metric, identity *Identity, value float64, labels []string) {
	if !w.headed {
		head := of.head
		if w.openMetrics {
			head = of.openHead
		}
		w.buf = append(w.buf, head...)
		w.headed = true
	}
	line := append(w.buf, of.Name...)
	open := len(line)
	for i := range of.text {
		switch p := &of.text[i]; {
		case p.own < 0:
			line = append(line, identity.text[identity.ends[p.from]:identity.ends[p.to]]...)
		default:
			line = append(line, p.name...)
			line = appendEscaped(line, labels[p.own])
			line = append(line, '"')
		}
	}
	line[open] = '{' // over the first comma: there is always a label
	line = append(line, '}', ' ')
	line = w.appendValue(line, value)
	w.buf = append(line, '\n')
	if len(w.buf) >= textBuffer {
		_ = w.Flush() // the error stays in w
	}
}

// textPiece is a run of labels of the identity, or one of the metric's own labels.
type textPiece struct {
	from, to int    // indices in identityOrder
	own      int    // index among the metric's own labels; -1: none
	name     string // of the own label, as it stands before the value
}

// textLayout returns the pieces of a metric's labels from the order of the labels by name.
func textLayout(own []string, layout []int) []textPiece {
	var pieces []textPiece
	rank := 0
	for _, at := range layout {
		last := len(pieces) - 1
		switch {
		case at >= len(TaskLabels):
			own := own[at-len(TaskLabels)]
			pieces = append(pieces, textPiece{own: at - len(TaskLabels), name: string(appendLabelName(nil, own))})
			continue
		case last >= 0 && pieces[last].own < 0:
			pieces[last].to++
		default:
			pieces = append(pieces, textPiece{from: rank, to: rank + 1, own: -1})
		}
		rank++
	}
	return pieces
}

func appendLabelName(to []byte, name string) []byte {
	to = append(to, ',')
	to = append(to, name...)
	return append(to, '=', '"')
}

// appendEscaped appends the value of a label.
func appendEscaped(to []byte, value string) []byte {
	begin := 0
	for i := range len(value) {
		var escape byte
		switch value[i] {
		case '\\', '"':
			escape = value[i]
		case '\n':
			escape = 'n'
		default:
			continue
		}
		to = append(to, value[begin:i]...)
		to = append(to, '\\', escape)
		begin = i + 1
	}
	return append(to, value[begin:]...)
}

// appendValue appends a number in its shortest form. Whole numbers are most frequent and have a fast path to the same
// text.
func (w *TextWriter) appendValue(to []byte, value float64) []byte {
	whole := math.Abs(value) < fewDigits && value == math.Trunc(value)
	switch {
	case whole:
		to = strconv.AppendInt(to, int64(value), 10)
	case math.IsInf(value, +1):
		return append(to, "+Inf"...)
	case math.IsInf(value, -1):
		return append(to, "-Inf"...)
	default:
		begin := len(to)
		to = strconv.AppendFloat(to, value, 'g', -1, 64)
		if !w.openMetrics || strings.ContainsAny(string(to[begin:]), "e.N") {
			return to
		}
	}
	if w.openMetrics {
		to = append(to, ".0"...)
	}
	return to
}
