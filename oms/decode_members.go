package oms

import (
	"time"

	"github.com/go-faster/jx"
)

// How the members of an object are read, whatever object it is. A value of a kind that does not fit is skipped and leaves its
// member missing.

// fold makes the key of a member comparable whatever its case: OMS sends success, behind some gateways Success. The text lives until
// the next fold. A key too long to be known is nil.
func (p *decoder) fold(key []byte) []byte {
	if len(key) > len(p.keyBuffer) {
		return nil
	}
	folded := p.keyBuffer[:len(key)]
	for i, c := range key {
		folded[i] = lower[c]
	}
	return folded
}

// lower is each byte's form in lower case.
var lower = func() (table [256]byte) {
	for i := range table {
		table[i] = byte(i)
		if 'A' <= i && i <= 'Z' {
			table[i] += 'a' - 'A'
		}
	}
	return table
}()

// whole hands f the next value with a decoder that holds all of the value, which makes reading its members cheap.
func (p *decoder) readWhole(d *jx.Decoder, f func(d *jx.Decoder) error) error {
	if d == p.memory {
		return f(d)
	}
	raw, err := d.Raw()
	if err != nil {
		return err
	}
	p.member.ResetBytes(raw)
	return f(p.member)
}

// object calls f for each member of the next value, and says whether that is an object at all.
func (p *decoder) readObject(d *jx.Decoder, f func(key []byte) error) (bool, error) {
	if d.Next() != jx.Object {
		return false, d.Skip()
	}
	members, err := d.ObjIter()
	if err != nil {
		return false, err
	}
	for members.Next() {
		if err := f(p.fold(members.Key())); err != nil {
			return false, err
		}
	}
	return true, members.Err()
}

// list calls f for each element of the next value, if that is a list.
func readList(d *jx.Decoder, f func() error) error {
	if d.Next() != jx.Array {
		return d.Skip()
	}
	elements, err := d.ArrIter()
	if err != nil {
		return err
	}
	for elements.Next() {
		if err := f(); err != nil {
			return err
		}
	}
	return elements.Err()
}

// str reads a string that differs from row to row.
func (p *decoder) readString(d *jx.Decoder, to *string) error {
	b, err := readScalar(d)
	*to = validString(b)
	return err
}

// interned reads a string that many rows share: a status, a step's name, an owner.
func (p *decoder) readInterned(d *jx.Decoder, to *string) error {
	const longest = 64
	b, err := readScalar(d)
	if len(b) > longest {
		*to = validString(b)
		return err
	}
	s, ok := p.stringCache[string(b)]
	if !ok {
		s = validString(b)
		if len(p.stringCache) <= maxInterned {
			p.stringCache[string(b)] = s
		}
	}
	*to = s
	return err
}

// text reads a text for people, of which only the beginning is kept.
func (p *decoder) readText(d *jx.Decoder, to *string) error {
	b, err := readScalar(d)
	*to = tidy(p.redact, string(b))
	return err
}

func readBool(d *jx.Decoder, to *Opt[bool]) error {
	b, err := readScalar(d)
	*to = parseBool(b)
	return err
}

func readInt(d *jx.Decoder, to *Opt[int64]) error {
	b, err := readScalar(d)
	*to = parseInt(b)
	return err
}

func readFloat(d *jx.Decoder, to *Opt[float64]) error {
	b, err := readScalar(d)
	*to = parseFloat(b)
	return err
}

func readTime(d *jx.Decoder, to *time.Time) error {
	b, err := readScalar(d)
	*to = parseTime(b)
	return err
}
