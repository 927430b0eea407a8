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

// syntaxError is an answer that is no JSON, or not the JSON of a page.
type syntaxError struct {
	cause  string // what a decoder makes of it
	row    string // the row that was read; empty: none was
	around string // the bytes around the place; empty: the place is not known, or at the beginning
	err    error
}

func (e *syntaxError) Error() string {
	if e.row == "" {
		return e.cause
	}
	return e.cause + " in " + e.row
}

func (e *syntaxError) Unwrap() error { return e.err }

// syntaxError names the place of a decoder's error.
func (p *decoder) syntaxError(err error) *syntaxError {
	e := &syntaxError{cause: rootCause(err), err: err}
	if p.inRows {
		e.row = p.place()
	}
	if text, at := p.around(err); at > maxExcerpt/2 {
		e.around = excerptAt(p.redact, text, at)
	}
	return e
}

// around returns a part of the answer and where in it the place of an error is; -1: it is not known.
func (p *decoder) around(err error) (text []byte, at int) {
	if p.tail == nil {
		if syntax, ok := errors.AsType[*json.SyntaxError](json.Unmarshal(p.begin, new(json.RawMessage))); ok {
			return p.begin, int(syntax.Offset) - 1
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
	if at < 0 || at >= len(p.tail.kept) || int(p.tail.kept[at]) != token {
		return nil, -1
	}
	return p.tail.kept, at
}

// badToken is jx's own error: the byte and its place.
var badToken = regexp.MustCompile(`^unexpected byte (\d+) .* at (\d+)$`)

// excerptAt is what stands around a place in a text, for people. Of the bytes of a secret that the cut leaves, none is shown.
func excerptAt(redact func(string) string, text []byte, at int) string {
	from, to := max(0, at-maxBegin), min(len(text), at+maxBegin)
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
		first = max(first, maxBegin/2)
	}
	if to < len(text) {
		last = min(last, len(window)-maxBegin/2)
	}
	if first >= last {
		return ""
	}
	return "…" + textutil.OneLine(window[first:last]) + "…"
}

// tail keeps the end of what was read, for the place of an error.
type tail struct {
	from    io.Reader
	kept    []byte
	dropped int
}

func (t *tail) Read(b []byte) (int, error) {
	n, err := t.from.Read(b)
	if most := 2 * readBuffer; len(t.kept)+n > most {
		drop := min(len(t.kept), len(t.kept)+n-readBuffer)
		t.kept = append(t.kept[:0], t.kept[drop:]...)
		t.dropped += drop
	}
	t.kept = append(t.kept, b[:n]...)
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
