package oms

import "bytes"

// knownParts are parts of answers that come again and again, by the bytes that OMS sent for them: they need not be read anew.
type knownParts struct {
	endpoints map[string]*Endpoint
	size      int    // bytes of their keys
	well      []byte // the extraInfo of a step that is well
}

// maxKnown bounds what is remembered, in bytes of what OMS sent. A part that is longer than most are is read anew each time; one that is
// shorter needs as much memory as a usual one, once it is read.
const (
	maxKnown  = 1 << 20
	longPart  = maxKnown / 16
	shortPart = 256
)

func (k *knownParts) endpoint(raw []byte, e *Endpoint) {
	if e == nil || len(raw) > longPart {
		return
	}
	k.size += max(len(raw), shortPart)
	k.bound()
	k.endpoints[string(raw)] = e
}

// bound forgets everything, should it have become too much.
func (k *knownParts) bound() {
	if k.size > maxKnown {
		clear(k.endpoints)
		k.size = 0
	}
}

func (k *knownParts) rememberWell(raw []byte) {
	if len(raw) <= longPart {
		k.well = append(k.well[:0], raw...)
	}
}

func (k *knownParts) isWell(raw []byte) bool { return len(k.well) > 0 && bytes.Equal(raw, k.well) }
