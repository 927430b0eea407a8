package oms

import (
	"bytes"
	"hash/maphash"
)

// partCache has the parts of answers that occur again and again, by the hash of their bytes. Each of them is decoded
// once.
type partCache struct {
	seed         maphash.Seed
	endpoints    map[uint64]*Endpoint
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

func newPartCache() partCache {
	return partCache{seed: maphash.MakeSeed(), endpoints: make(map[uint64]*Endpoint)}
}

func (c *partCache) addEndpoint(sum uint64, size int, e *Endpoint) {
	if e == nil || size > maxPart {
		return
	}
	c.size += max(size, minPart)
	c.evict()
	c.endpoints[sum] = e
}

// evict clears the cache when it is too large.
func (c *partCache) evict() {
	if c.size > maxCached {
		clear(c.endpoints)
		c.size = 0
	}
}

func (c *partCache) setEmptyFailure(raw []byte) {
	if len(raw) <= maxPart {
		c.emptyFailure = append(c.emptyFailure[:0], raw...)
	}
}

func (c *partCache) isEmptyFailure(raw []byte) bool {
	return len(c.emptyFailure) > 0 && bytes.Equal(raw, c.emptyFailure)
}
