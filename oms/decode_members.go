package oms

import (
	"time"

	"github.com/go-faster/jx"
)

// The functions in this file read the members of any object. A value of the wrong type is skipped, and its member stays
// missing.

// fold returns the key of a member in lower case: OMS sends success, behind some gateways Success. The result is valid
// until the next call. It is nil for a key that is longer than any known key.
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

// lower has the lower case of each byte.
var lower = func() (table [256]byte) {
	for i := range table {
		table[i] = byte(i)
		if 'A' <= i && i <= 'Z' {
			table[i] += 'a' - 'A'
		}
	}
	return table
}()

// readWhole calls f with a decoder that has the whole next value in memory, so reading its members is cheap.
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

// readObject calls f for each member of the next value. It reports whether the value is an object.
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

// readList calls f for each element of the next value if that is a list.
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

// readString reads a string that differs from row to row.
func (p *decoder) readString(d *jx.Decoder, to *string) error {
	b, err := readScalar(d)
	*to = validString(b)
	return err
}

// readInterned reads a string that many rows share: a status, the name of a step, an owner.
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

// readText reads a text for people and keeps its beginning.
func (p *decoder) readText(d *jx.Decoder, to *string) error {
	b, err := readScalar(d)
	*to = sanitize(p.redact, string(b))
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
