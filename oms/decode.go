package oms

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"sync"

	"github.com/go-faster/jx"
)

// decoder decodes one answer at a time. The next answer reuses its buffers and caches.
type decoder struct {
	buffer       []byte      // the start of the answer, usually all of it
	memory       *jx.Decoder // reads an answer that fits into buffer: its keys and numbers need no memory of their own
	member       *jx.Decoder // reads one whole member of a row of any other answer
	part         *jx.Decoder // reads a part that is not in the cache
	keyBuffer    [48]byte    // buffer of fold; longer than any known key
	stringCache  map[string]string
	endpoints    endpointCache
	emptyFailure []byte // raw extraInfo of a step without a failure, the last one read
	skippedSteps []byte // raw steps of this row if they were left out

	// The fields below belong to one answer.
	decodeOptions
	arena    rowArena
	row      int   // number of the current row, from 1; 0: none yet
	elements int   // elements of lists and maps in this row
	task     *Task // the current row; nil: it is no object
	inRows   bool  // the decoder is within a row
	tail     *tail // the last bytes of an answer that does not fit into buffer
}

// decodeOptions configure the decoding of one answer.
type decodeOptions struct {
	rows      int                      // expected number of rows
	redact    func(string) string      // may be nil
	skipSteps func(status string) bool // Options.SkipSteps
}

// Longer answers are not buffered as a whole. Pages of usual rows have less than half of this.
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
		endpoints:   newEndpointCache(),
	}
}}

// decodePage reads one answer from r to its end. It returns an error of r, io.ErrUnexpectedEOF for an answer that ends
// early, or an error of the decoder, which can be long. After an error there is no page.
func decodePage(r io.Reader, how decodeOptions) (*Page, error) {
	return decodeBuffered(maxBuffered, r, how)
}

// decodeBuffered decodes a page and buffers answers up to longest bytes as a whole.
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
	// Next comes first: an end within a second object would look like the end of the answer.
	if d.Next() != jx.Invalid || !errors.Is(d.Skip(), io.EOF) {
		return nil, p.syntaxError(errTrailing)
	}
	if refused := page.Success.Valid && !page.Success.Value; page.dataErr != nil && !refused {
		return nil, page.dataErr
	}
	return &page, nil
}

// open returns the decoder for the answer of r.
func (p *decoder) open(r io.Reader, longest int) *jx.Decoder {
	p.buffer = p.buffer[:0]
	for len(p.buffer) < longest {
		if len(p.buffer) == cap(p.buffer) {
			p.buffer = slices.Grow(p.buffer, len(p.buffer)) // doubles it
		}
		n, err := r.Read(p.buffer[len(p.buffer):min(cap(p.buffer), longest)])
		p.buffer = p.buffer[:len(p.buffer)+n]
		if err == io.EOF { //nolint:errorlint // as io.Reader has it
			p.memory.ResetBytes(p.buffer)
			return p.memory
		}
		if err != nil {
			break // the next Read returns the error again
		}
	}
	p.tail = &tail{from: io.MultiReader(bytes.NewReader(p.buffer), r)}
	return jx.Decode(p.tail, readBuffer) // Reset would go on counting offsets
}

// readError distinguishes an answer that ends early from an invalid one: after a key, jx reports the end of its buffer
// as a bad character.
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

// release puts p back for another answer, without the data of this one.
func (p *decoder) release() {
	p.memory.ResetBytes(nil)
	p.member.ResetBytes(nil)
	p.part.ResetBytes(nil)
	p.decodeOptions, p.arena, p.tail = decodeOptions{}, rowArena{}, nil
	p.row, p.elements, p.task, p.inRows = 0, 0, nil, false
	if cap(p.skippedSteps) > readBuffer {
		p.skippedSteps = nil
	}
	if len(p.stringCache) > maxInterned {
		p.stringCache = make(map[string]string, usualInterned) // clear would keep the memory of a large map
	}
	decoders.Put(p)
}

func asUnexpectedEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
