package oms

import (
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
)

// syntaxError is an answer that is no JSON, or not the JSON of a page.
type syntaxError struct {
	text    string // what a decoder makes of it
	row     string // the row that was read; empty: none was
	context string // the bytes around the place; empty: the place is not known, or at the beginning
	err     error
}

func (e *syntaxError) Error() string {
	if e.row == "" {
		return e.text
	}
	return e.text + " in " + e.row
}

func (e *syntaxError) Unwrap() error { return e.err }

// syntaxError names the place of a decoder's error.
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

// around returns a part of the answer and where in it the place of an error is; -1: it is not known.
func (p *decoder) errorContext(err error) (text []byte, at int) {
	if p.tail == nil {
		if syntax, ok := errors.AsType[*json.SyntaxError](json.Unmarshal(p.buffer, new(json.RawMessage))); ok {
			return p.buffer, int(syntax.Offset) - 1
		}
		return nil, -1
	}
	// A decoder of a part counts from the beginning of that part. Where the byte does not stand there, the place is such a one.
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

// badToken is jx's own error: the byte and its place.
var badToken = regexp.MustCompile(`^unexpected byte (\d+) .* at (\d+)$`)

// excerptAt is what stands around a place in a text, for people. Of the bytes of a secret that the cut leaves, none is shown.
func excerptAt(redact func(string) string, text []byte, at int) string {
	from, to := max(0, at-maxStart), min(len(text), at+maxStart)
	window, before := string(text[from:to]), string(text[from:at])
	if redact != nil {
		window, before = redact(window), redact(before)
	}
	place := 0 // in what was redacted: a secret may stand at the place itself
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
	return "…" + oneLine(window[first:last]) + "…"
}

// tail keeps the end of what was read, for the place of an error.
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

// lastError is what is at the bottom of an error.
func lastError(err error) error {
	for next := errors.Unwrap(err); next != nil; next = errors.Unwrap(err) {
		err = next
	}
	return err
}

// rootCause is the text of what is at the bottom of an error, without the place at its end. The path to it, which a decoder puts before it,
// is of no use.
func rootCause(err error) string {
	text := lastError(err).Error()
	if before, ok := strings.CutSuffix(strings.TrimRight(text, "0123456789"), " at "); ok {
		return before
	}
	return text
}
