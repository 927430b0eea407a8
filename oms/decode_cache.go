package oms

import (
	"bytes"
	"crypto/sha256"
)

// partCache has the parts of answers that occur again and again, by the hash of their bytes. Each of them is decoded
// once.
type partCache struct {
	endpoints    map[[sha256.Size]byte]*Endpoint
	size         int    // bytes of the cached parts
	emptyFailure []byte // raw extraInfo without a failure
}

// maxCached limits the size of the cached parts, in bytes of the answers. A part longer than maxPart is not cached. A
// part shorter than minPart counts as minPart, because the decoded part needs that much.
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

// evict clears the cache when it is too large.
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
