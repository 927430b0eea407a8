package oms

import (
	"bytes"
	"crypto/sha256"
)

// knownParts are parts of answers that come again and again, by the hash of the bytes that OMS sent for them, so that each is read once.
type partCache struct {
	endpoints    map[[sha256.Size]byte]*Endpoint
	size         int    // bytes of their keys
	emptyFailure []byte // the extraInfo of a step that is well
}

// maxKnown bounds what is remembered, in bytes of what OMS sent. A part that is longer than most are is read anew each time; one that is
// shorter needs as much memory as a usual one, once it is read.
const (
	maxCached = 1 << 20
	maxPart   = maxCached / 16
	minPart   = 256
)

func (k *partCache) addEndpoint(sum [sha256.Size]byte, size int, e *Endpoint) {
	if e == nil || size > maxPart {
		return
	}
	k.size += max(size, minPart)
	k.evict()
	k.endpoints[sum] = e
}

// bound forgets everything, should it have become too much.
func (k *partCache) evict() {
	if k.size > maxCached {
		clear(k.endpoints)
		k.size = 0
	}
}

func (k *partCache) setEmptyFailure(raw []byte) {
	if len(raw) <= maxPart {
		k.emptyFailure = append(k.emptyFailure[:0], raw...)
	}
}

func (k *partCache) isEmptyFailure(raw []byte) bool {
	return len(k.emptyFailure) > 0 && bytes.Equal(raw, k.emptyFailure)
}
