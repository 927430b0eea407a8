package oms

import (
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"

	"github.com/oms-exporter/oms_exporter/internal/textutil"
)

// syntaxError is the error for an answer that is no JSON, or not the JSON of a page.
type syntaxError struct {
	text    string // innermost error of the decoder
	row     string // position of the row; empty: the error is not in a row
	context string // text around the error; empty: the place is unknown, or close to the start
	err     error
}

func (e *syntaxError) Error() string {
	if e.row == "" {
		return e.text
	}
	return e.text + " in " + e.row
}

func (e *syntaxError) Unwrap() error { return e.err }

// syntaxError adds the row and the text around it to an error of the decoder.
func (p *decoder) syntaxError(err error) *syntaxError {
	e := &syntaxError{text: rootCause(err), err: err}
	if p.inRows {
		e.row = p.rowPosition()
	}
	if text, at := p.errorContext(err); at > maxExcerpt/2 {
		e.context = excerptAt(p.redact, text, at)
	}
	return e
}

// errorContext returns a part of the answer and the index of the error in it, -1 if that is unknown.
func (p *decoder) errorContext(err error) (text []byte, at int) {
	if p.tail == nil {
		if syntax, ok := errors.AsType[*json.SyntaxError](json.Unmarshal(p.buffer, new(json.RawMessage))); ok {
			return p.buffer, int(syntax.Offset) - 1
		}
		return nil, -1
	}
	// The decoder of a part counts from the start of the part. If the byte at the offset is another one, the error
	// comes from such a decoder.
	found := badToken.FindStringSubmatch(lastError(err).Error())
	if found == nil {
		return nil, -1
	}
	token, _ := strconv.Atoi(found[1])
	offset, _ := strconv.Atoi(found[2])
	at = offset - p.tail.dropped
	if at < 0 || at >= len(p.tail.buffer) || int(p.tail.buffer[at]) != token {
		return nil, -1
	}
	return p.tail.buffer, at
}

// badToken matches the error of jx with the byte and its offset.
var badToken = regexp.MustCompile(`^unexpected byte (\d+) .* at (\d+)$`)

// excerptAt returns the text around an index. It shows no part of a secret that the cut divides.
func excerptAt(redact func(string) string, text []byte, at int) string {
	from, to := max(0, at-maxStart), min(len(text), at+maxStart)
	window, before := string(text[from:to]), string(text[from:at])
	if redact != nil {
		window, before = redact(window), redact(before)
	}
	place := 0 // index after redaction: a secret may be at the index itself
	for place < min(len(window), len(before)) && window[place] == before[place] {
		place++
	}
	first, last := max(0, place-maxExcerpt/2), min(len(window), place+maxExcerpt/2)
	if from > 0 {
		first = max(first, maxStart/2)
	}
	if to < len(text) {
		last = min(last, len(window)-maxStart/2)
	}
	if first >= last {
		return ""
	}
	return "…" + textutil.OneLine(window[first:last]) + "…"
}

// tail keeps the last bytes of a reader, to find the place of an error.
type tail struct {
	from    io.Reader
	buffer  []byte
	dropped int
}

func (t *tail) Read(b []byte) (int, error) {
	n, err := t.from.Read(b)
	if most := 2 * readBuffer; len(t.buffer)+n > most {
		drop := min(len(t.buffer), len(t.buffer)+n-readBuffer)
		t.buffer = append(t.buffer[:0], t.buffer[drop:]...)
		t.dropped += drop
	}
	t.buffer = append(t.buffer, b[:n]...)
	return n, err
}

// lastError returns the innermost error.
func lastError(err error) error {
	for next := errors.Unwrap(err); next != nil; next = errors.Unwrap(err) {
		err = next
	}
	return err
}

// rootCause returns the text of the innermost error without the offset at its end. The path that a decoder puts before
// it is omitted.
func rootCause(err error) string {
	text := lastError(err).Error()
	if text == "depth: maximum" { // jx exports no error for it
		return "objects or arrays are nested too deeply"
	}
	if before, ok := strings.CutSuffix(strings.TrimRight(text, "0123456789"), " at "); ok {
		return before
	}
	return text
}
