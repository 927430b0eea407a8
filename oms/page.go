package oms

import (
	"errors"
	"io"
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

// decoder reads one answer at a time. Its buffers and interned strings serve the next answer, too.
type decoder struct {
	stream  *jx.Decoder // the envelope and the members of rows, while they arrive
	member  *jx.Decoder // one member of a row, whole: here keys and numbers need no memory of their own
	key     [48]byte    // room for fold; longer than any key that is known
	strings map[string]string
	redact  func(string) string
	rows    []Task // room for the rows of this page
}

const (
	readBuffer  = 64 << 10
	maxInterned = 4096
)

var decoders = sync.Pool{New: func() any {
	return &decoder{
		stream:  jx.Decode(nil, readBuffer),
		member:  jx.DecodeBytes(nil),
		strings: make(map[string]string, 256),
	}
}}

// decodePage reads one answer from r to its end. Errors are those of r, io.ErrUnexpectedEOF for an answer that ends early, and a
// decoder's own, which can be long. The rows before an error are lost: half a page is no page.
func decodePage(r io.Reader, redact func(string) string, rowsExpected int) (*Page, error) {
	p := decoders.Get().(*decoder)
	defer func() {
		p.stream.Reset(nil)
		p.member.ResetBytes(nil)
		p.redact, p.rows = nil, nil
		if len(p.strings) > maxInterned {
			clear(p.strings)
		}
		decoders.Put(p)
	}()
	p.stream.Reset(r)
	p.redact = redact
	p.rows = make([]Task, 0, rowsExpected)

	if p.stream.Next() != jx.Object {
		if err := p.stream.Skip(); err != nil {
			return nil, endsEarly(err)
		}
		return nil, errNoObject
	}
	var page Page
	err := p.stream.ObjBytes(func(d *jx.Decoder, key []byte) error {
		return p.envelopeMember(d, p.fold(key), &page)
	})
	if err != nil {
		return nil, endsEarly(err)
	}
	if err := p.stream.Skip(); !errors.Is(err, io.EOF) {
		return nil, errTrailing
	}
	if refused := page.Success.Valid && !page.Success.Value; page.dataErr != nil && !refused {
		return nil, page.dataErr
	}
	return &page, nil
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
	page.Tasks, page.Invalid, page.dataErr, p.rows = nil, 0, nil, p.rows[:0]
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
	if len(p.rows) == cap(p.rows) { // never grown in place: page.Tasks points into it
		p.rows = make([]Task, 0, max(16, cap(p.rows)))
	}
	p.rows = p.rows[:len(p.rows)+1]
	t := &p.rows[len(p.rows)-1]
	*t = Task{}
	err := d.ObjBytes(func(d *jx.Decoder, key []byte) error {
		return p.taskMember(d, p.fold(key), t)
	})
	switch {
	case err != nil:
		return err
	case t.ID == "":
		page.Invalid++
		p.rows = p.rows[:len(p.rows)-1]
	default:
		page.Tasks = append(page.Tasks, t)
	}
	return nil
}
