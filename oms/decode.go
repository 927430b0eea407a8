package oms

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"slices"
	"sync"

	"github.com/go-faster/jx"
)

// decoder reads one answer at a time. Its buffers, and what it knows from other answers, serve the next one, too.
type decoder struct {
	buffer       []byte      // of the answer, as a rule all of it
	memory       *jx.Decoder // reads an answer of usual length, which is all in begin: keys and numbers need no memory of their own
	member       *jx.Decoder // reads one member of a row of that, whole
	part         *jx.Decoder // reads a part that has not been seen before
	keyBuffer    [48]byte    // room for fold; longer than any key that is known
	stringCache  map[string]string
	cache        partCache
	skippedSteps []byte // the steps of this row, as they came, if they were left out

	// Of this answer.
	decodeOptions
	arena    rowArena
	row      int   // the number of the row that is read, from 1; 0: none yet
	elements int   // of its lists and maps
	task     *Task // what was read of it; nil: it is no object
	inRows   bool  // it is within a row that the answer is read
	tail     *tail // of an answer that is read while it arrives
}

// reading is how an answer is read.
type decodeOptions struct {
	rows      int                      // expected
	redact    func(string) string      // may be nil
	skipSteps func(status string) bool // Options.SkipSteps
}

// Answers longer than this are not held: rows of usual size fill less than half of it.
const maxBuffered = 2 << 20

const (
	readBuffer    = 64 << 10
	usualInterned = 256
	maxInterned   = 4096
)

var decoders = sync.Pool{New: func() any {
	return &decoder{
		buffer:      make([]byte, 0, readBuffer),
		memory:      jx.DecodeBytes(nil),
		member:      jx.DecodeBytes(nil),
		part:        jx.DecodeBytes(nil),
		stringCache: make(map[string]string, usualInterned),
		cache:       partCache{endpoints: make(map[[sha256.Size]byte]*Endpoint)},
	}
}}

// decodePage reads one answer from r to its end. Errors are those of r, io.ErrUnexpectedEOF for an answer that ends early, and a
// decoder's own, which can be long. The rows before an error are lost: half a page is no page.
func decodePage(r io.Reader, how decodeOptions) (*Page, error) {
	return decodeBuffered(maxBuffered, r, how)
}

// decodeHolding is decodePage that holds answers up to a length.
func decodeBuffered(longest int, r io.Reader, how decodeOptions) (*Page, error) {
	p := decoders.Get().(*decoder)
	defer p.release()
	p.decodeOptions = how
	p.arena.expected = how.rows

	d := p.open(r, longest)
	if d.Next() != jx.Object {
		if err := d.Skip(); err != nil {
			return nil, asUnexpectedEOF(err)
		}
		return nil, errNoObject
	}
	var page Page
	err := d.ObjBytes(func(d *jx.Decoder, key []byte) error {
		return p.readEnvelopeMember(d, p.fold(key), &page)
	})
	if err != nil {
		return nil, p.readError(d, err)
	}
	// Next first: the end within a second object would look like the end of the answer.
	if d.Next() != jx.Invalid || !errors.Is(d.Skip(), io.EOF) {
		return nil, p.syntaxError(errTrailing)
	}
	if refused := page.Success.Valid && !page.Success.Value; page.dataErr != nil && !refused {
		return nil, page.dataErr
	}
	return &page, nil
}

// open gives the decoder for the answer that r reads.
func (p *decoder) open(r io.Reader, longest int) *jx.Decoder {
	p.buffer = p.buffer[:0]
	for len(p.buffer) < longest {
		if len(p.buffer) == cap(p.buffer) {
			p.buffer = slices.Grow(p.buffer, len(p.buffer)) // twice as much
		}
		n, err := r.Read(p.buffer[len(p.buffer):min(cap(p.buffer), longest)])
		p.buffer = p.buffer[:len(p.buffer)+n]
		if err == io.EOF { //nolint:errorlint // as io.Reader has it
			p.memory.ResetBytes(p.buffer)
			return p.memory
		}
		if err != nil {
			break // it comes again, at its place
		}
	}
	p.tail = &tail{from: io.MultiReader(bytes.NewReader(p.buffer), r)}
	return jx.Decode(p.tail, readBuffer) // one that is used again would count on from the answer before
}

// cause tells an answer that ends early from one that is wrong: behind a key, jx calls the end of what it has in memory a bad character.
func (p *decoder) readError(d *jx.Decoder, err error) error {
	if excess, ok := errors.AsType[*limitError](err); ok {
		return excess
	}
	if d == p.memory {
		p.part.ResetBytes(p.buffer)
		if again := p.part.Skip(); errors.Is(again, io.EOF) || errors.Is(again, io.ErrUnexpectedEOF) {
			return io.ErrUnexpectedEOF
		}
	}
	if err = asUnexpectedEOF(err); errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	return p.syntaxError(err)
}

// release keeps p for another answer, without what is of this one.
func (p *decoder) release() {
	p.memory.ResetBytes(nil)
	p.member.ResetBytes(nil)
	p.part.ResetBytes(nil)
	p.decodeOptions, p.arena, p.row, p.elements, p.task, p.inRows, p.tail = decodeOptions{}, rowArena{}, 0, 0, nil, false, nil
	if cap(p.skippedSteps) > readBuffer {
		p.skippedSteps = nil
	}
	if len(p.stringCache) > maxInterned {
		p.stringCache = make(map[string]string, usualInterned) // one that is cleared keeps its room
	}
	p.cache.evict()
	decoders.Put(p)
}

func asUnexpectedEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
