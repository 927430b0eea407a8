package oms

import (
	"bytes"
	"crypto/sha256"
)

// knownParts are parts of answers that come again and again, by the hash of the bytes that OMS sent for them, so that each is read once.
type knownParts struct {
	endpoints map[[sha256.Size]byte]*Endpoint
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

func (k *knownParts) endpoint(sum [sha256.Size]byte, size int, e *Endpoint) {
	if e == nil || size > longPart {
		return
	}
	k.size += max(size, shortPart)
	k.bound()
	k.endpoints[sum] = e
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
