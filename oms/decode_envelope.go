package oms

import (
	"errors"

	"github.com/go-faster/jx"
)

var (
	errNoObject = errors.New("the answer is not a JSON object")
	errTrailing = errors.New("unexpected data after the JSON object")
	errRows     = errors.New("the rows of data are not objects")
	errData     = errors.New("data is neither a list nor null")
)

func (p *decoder) readEnvelopeMember(d *jx.Decoder, key []byte, page *Page) error {
	switch string(key) {
	case "success":
		return readBool(d, &page.Success)
	case "errordetail":
		return p.readWhole(d, func(d *jx.Decoder) error {
			detail, err := p.readErrorDetail(d)
			if detail != (ErrorDetail{}) {
				page.ErrorDetail = &detail
			}
			return err
		})
	case "code":
		return p.readText(d, &page.Code)
	case "message":
		return p.readText(d, &page.Message)
	case "advice":
		return p.readText(d, &page.Advice)
	case "requestid":
		return p.readText(d, &page.RequestID)
	case "pagesize":
		return readInt(d, &page.PageSize)
	case "totalcount":
		return readInt(d, &page.TotalCount)
	case "data":
		page.HasData = true
		return p.readData(d, page)
	}
	return d.Skip()
}

// readData reads the rows. Null is an empty page. An error is returned for any other value that is no list, and for a
// list in which no row is an object, unless all rows are null.
func (p *decoder) readData(d *jx.Decoder, page *Page) error {
	page.Tasks, page.Invalid, page.dataErr, p.arena.rows = nil, 0, nil, p.arena.rows[:0]
	if kind := d.Next(); kind != jx.Array {
		if kind != jx.Null {
			page.dataErr = errData
		}
		return d.Skip()
	}
	objects, others := 0, 0
	p.inRows = true
	err := d.Arr(func(d *jx.Decoder) error {
		if err := p.beginRow(); err != nil {
			return err
		}
		switch d.Next() {
		case jx.Object:
			objects++
			return p.readRow(d, page)
		case jx.Null:
		default:
			others++
		}
		page.Invalid++
		return d.Skip()
	})
	p.inRows = err != nil
	if others > 0 && objects == 0 {
		page.dataErr = errRows
	}
	return err
}

func (p *decoder) readRow(d *jx.Decoder, page *Page) error {
	t := p.arena.newTask()
	p.skippedSteps, p.task = p.skippedSteps[:0], t
	err := d.ObjBytes(func(d *jx.Decoder, key []byte) error {
		return p.readTaskMember(d, p.fold(key), t)
	})
	if err == nil {
		err = p.finishSteps(t)
	}
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
