package oms

import (
	"crypto/sha256"

	"github.com/go-faster/jx"
)

// endpointCache has endpoints by the hash of their bytes. Few endpoints occur again and again, and each of them is
// decoded once.
type endpointCache struct {
	bySum map[[sha256.Size]byte]*Endpoint
	size  int // bytes of the cached endpoints
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
func (c *endpointCache) add(sum [sha256.Size]byte, size int, e *Endpoint) {
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
	sum := sha256.Sum256(raw) // the bytes have hosts and users in them
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
