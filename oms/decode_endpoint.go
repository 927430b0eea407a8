package oms

import (
	"hash/maphash"

	"github.com/go-faster/jx"
)

// endpointCache has endpoints by the hash of their bytes. Few endpoints occur again and again, and each of them is
// decoded once. The bytes contain hosts and users, so the cache keeps their hash only. With a random seed, two of a
// thousand endpoints collide with a probability below 1 in 10^13.
type endpointCache struct {
	seed  maphash.Seed
	bySum map[uint64]*Endpoint
	size  int // bytes of the cached endpoints
}

func newEndpointCache() endpointCache {
	return endpointCache{seed: maphash.MakeSeed(), bySum: make(map[uint64]*Endpoint)}
}

// maxCached limits the size of the cached endpoints, in bytes of the answers. A part of an answer that is longer than
// maxPart is not cached. An endpoint shorter than minPart counts as minPart, because the decoded endpoint needs that
// much.
const (
	maxCached = 1 << 20
	maxPart   = maxCached / 16
	minPart   = 256
)

// add adds an endpoint of so many bytes. A full cache is cleared first.
func (c *endpointCache) add(sum uint64, size int, e *Endpoint) {
	if e == nil || size > maxPart {
		return
	}
	if c.size += max(size, minPart); c.size > maxCached {
		clear(c.bySum)
		c.size = max(size, minPart)
	}
	c.bySum[sum] = e
}

// readEndpoint reads the connect info of an endpoint. Tasks with identical bytes share one Endpoint.
func (p *decoder) readEndpoint(d *jx.Decoder, to **Endpoint) error {
	raw, err := d.Raw()
	if err != nil {
		return err
	}
	sum := maphash.Bytes(p.endpoints.seed, raw)
	if cached := p.endpoints.bySum[sum]; cached != nil {
		*to = cached
		return nil
	}
	p.part.ResetBytes(raw)
	if err = p.decodeEndpoint(p.part, to); err == nil {
		p.endpoints.add(sum, len(raw), *to)
	}
	return err
}

func (p *decoder) decodeEndpoint(d *jx.Decoder, to **Endpoint) error {
	var e Endpoint
	ok, err := p.readObject(d, func(key []byte) error {
		switch string(key) {
		case "endpointname":
			return p.readInterned(d, &e.Name)
		case "endpointid":
			return p.readInterned(d, &e.ID)
		case "dbengine":
			return p.readInterned(d, &e.Engine)
		case "version":
			return p.readInterned(d, &e.Version)
		case "region":
			return p.readInterned(d, &e.Region)
		case "connextraattributes":
			return p.readConnExtraAttributes(d, &e)
		}
		return d.Skip()
	})
	*to = nil
	if ok {
		*to = &e
	}
	return err
}

func (p *decoder) readConnExtraAttributes(d *jx.Decoder, e *Endpoint) error {
	e.Cluster, e.Tenant = "", ""
	_, err := p.readObject(d, func(key []byte) error {
		switch string(key) {
		case "cluster":
			return p.readInterned(d, &e.Cluster)
		case "tenant":
			return p.readInterned(d, &e.Tenant)
		}
		return d.Skip()
	})
	return err
}
