package oms

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"sync"

	"github.com/go-faster/jx"
)

// Page is the answer to one ListProjects request.
type Page struct {
	Envelope
	Tasks   []*Task // the rows that have an id, in OMS' order
	Invalid int     // rows left out: null, no object, or without an id
}

// Rows is the number of rows of the answer, those that were left out among them.
func (p *Page) Rows() int { return len(p.Tasks) + p.Invalid }

// Envelope is what every answer of OMS carries around its data.
type Envelope struct {
	Success     Opt[bool]
	ErrorDetail *ErrorDetail
	Code        string // an error code; PascalCase versions say 200 here when all is well
	Message     string // localized and cut, like Advice
	Advice      string
	RequestID   string
	PageNumber  Opt[int64]
	PageSize    Opt[int64]
	TotalCount  Opt[int64] // records in practice, pages in the document
	Cost        string     // "54 ms", or a number: informational
	HasData     bool       // a data member is there, be it null

	dataErr error // why data is no list of tasks; of no interest where OMS says no
}

var (
	errNoObject = errors.New("the answer is no JSON object")
	errTrailing = errors.New("something follows the JSON object")
	errRows     = errors.New("the rows of data are no objects")
	errData     = errors.New("data is neither a list nor null")
)

// decoder reads one answer at a time. Its buffers, and what it knows from other answers, serve the next one, too.
type decoder struct {
	begin   []byte      // of the answer, as a rule all of it
	memory  *jx.Decoder // reads an answer of usual length, which is all in begin: keys and numbers need no memory of their own
	stream  *jx.Decoder // reads a longer one while it arrives
	member  *jx.Decoder // reads one member of a row of that, whole
	part    *jx.Decoder // reads a part that has not been seen before
	key     [48]byte    // room for fold; longer than any key that is known
	redact  func(string) string
	strings map[string]string
	known   knownParts
	room    room // for the rows of this page
}

// Answers longer than this are not held: rows of usual size fill less than half of it.
const maxHeld = 2 << 20

const (
	readBuffer    = 64 << 10
	usualInterned = 256
	maxInterned   = 4096
)

var decoders = sync.Pool{New: func() any {
	return &decoder{
		begin:   make([]byte, 0, readBuffer),
		memory:  jx.DecodeBytes(nil),
		stream:  jx.Decode(nil, readBuffer),
		member:  jx.DecodeBytes(nil),
		part:    jx.DecodeBytes(nil),
		strings: make(map[string]string, usualInterned),
		known:   knownParts{endpoints: make(map[string]*Endpoint)},
	}
}}

// decodePage reads one answer from r to its end. Errors are those of r, io.ErrUnexpectedEOF for an answer that ends early, and a
// decoder's own, which can be long. The rows before an error are lost: half a page is no page.
func decodePage(r io.Reader, redact func(string) string, rowsExpected int) (*Page, error) {
	return decodeHolding(maxHeld, r, redact, rowsExpected)
}

// decodeHolding is decodePage that holds answers up to a length.
func decodeHolding(longest int, r io.Reader, redact func(string) string, rowsExpected int) (*Page, error) {
	p := decoders.Get().(*decoder)
	defer p.release()
	p.redact = redact
	p.room.expected = rowsExpected

	d := p.open(r, longest)
	if d.Next() != jx.Object {
		if err := d.Skip(); err != nil {
			return nil, endsEarly(err)
		}
		return nil, errNoObject
	}
	var page Page
	err := d.ObjBytes(func(d *jx.Decoder, key []byte) error {
		return p.envelopeMember(d, p.fold(key), &page)
	})
	if err != nil {
		return nil, p.cause(d, err)
	}
	// Next first: the end within a second object would look like the end of the answer.
	if d.Next() != jx.Invalid || !errors.Is(d.Skip(), io.EOF) {
		return nil, errTrailing
	}
	if refused := page.Success.Valid && !page.Success.Value; page.dataErr != nil && !refused {
		return nil, page.dataErr
	}
	return &page, nil
}

// open gives the decoder for the answer that r reads.
func (p *decoder) open(r io.Reader, longest int) *jx.Decoder {
	p.begin = p.begin[:0]
	for len(p.begin) < longest {
		if len(p.begin) == cap(p.begin) {
			p.begin = slices.Grow(p.begin, len(p.begin)) // twice as much
		}
		n, err := r.Read(p.begin[len(p.begin):min(cap(p.begin), longest)])
		p.begin = p.begin[:len(p.begin)+n]
		if err == io.EOF { //nolint:errorlint // as io.Reader has it
			p.memory.ResetBytes(p.begin)
			return p.memory
		}
		if err != nil {
			break // it comes again, at its place
		}
	}
	p.stream.Reset(io.MultiReader(bytes.NewReader(p.begin), r))
	return p.stream
}

// cause tells an answer that ends early from one that is wrong: behind a key, jx calls the end of what it has in memory a bad character.
func (p *decoder) cause(d *jx.Decoder, err error) error {
	if d == p.memory {
		p.part.ResetBytes(p.begin)
		if again := p.part.Skip(); errors.Is(again, io.EOF) || errors.Is(again, io.ErrUnexpectedEOF) {
			return io.ErrUnexpectedEOF
		}
	}
	return endsEarly(err)
}

// release keeps p for another answer, without what is of this one.
func (p *decoder) release() {
	p.memory.ResetBytes(nil)
	p.stream.Reset(nil)
	p.member.ResetBytes(nil)
	p.part.ResetBytes(nil)
	p.redact, p.room = nil, room{}
	if len(p.strings) > maxInterned {
		p.strings = make(map[string]string, usualInterned) // one that is cleared keeps its room
	}
	p.known.bound()
	decoders.Put(p)
}

func endsEarly(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func (p *decoder) envelopeMember(d *jx.Decoder, key []byte, page *Page) error {
	switch string(key) {
	case "success":
		return readBool(d, &page.Success)
	case "errordetail":
		return p.whole(d, func(d *jx.Decoder) error {
			detail, err := p.errorDetail(d)
			if detail != (ErrorDetail{}) {
				page.ErrorDetail = &detail
			}
			return err
		})
	case "code":
		return p.interned(d, &page.Code)
	case "message":
		return p.text(d, &page.Message)
	case "advice":
		return p.text(d, &page.Advice)
	case "requestid":
		return p.text(d, &page.RequestID)
	case "pagenumber":
		return readInt(d, &page.PageNumber)
	case "pagesize":
		return readInt(d, &page.PageSize)
	case "totalcount":
		return readInt(d, &page.TotalCount)
	case "cost":
		return p.text(d, &page.Cost)
	case "data":
		page.HasData = true
		return p.data(d, page)
	}
	return d.Skip()
}

// data reads the rows. Null is an empty page; anything but a list, and a list of rows none of which is an object, is an error, but for
// rows that are null.
func (p *decoder) data(d *jx.Decoder, page *Page) error {
	page.Tasks, page.Invalid, page.dataErr, p.room.rows = nil, 0, nil, p.room.rows[:0]
	if kind := d.Next(); kind != jx.Array {
		if kind != jx.Null {
			page.dataErr = errData
		}
		return d.Skip()
	}
	objects, others := 0, 0
	err := d.Arr(func(d *jx.Decoder) error {
		switch d.Next() {
		case jx.Object:
			objects++
			return p.row(d, page)
		case jx.Null:
		default:
			others++
		}
		page.Invalid++
		return d.Skip()
	})
	if others > 0 && objects == 0 {
		page.dataErr = errRows
	}
	return err
}

func (p *decoder) row(d *jx.Decoder, page *Page) error {
	t := p.room.task()
	err := d.ObjBytes(func(d *jx.Decoder, key []byte) error {
		return p.taskMember(d, p.fold(key), t)
	})
	switch {
	case err != nil:
		return err
	case t.ID == "":
		page.Invalid++
	default:
		page.Tasks = append(page.Tasks, t)
	}
	return nil
}
