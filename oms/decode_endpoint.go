package oms

import (
	"hash/maphash"

	"github.com/go-faster/jx"
)

// readEndpoint reads the connect info of an endpoint. Tasks with identical bytes share one Endpoint.
func (p *decoder) readEndpoint(d *jx.Decoder, to **Endpoint) error {
	raw, err := d.Raw()
	if err != nil {
		return err
	}
	// The bytes contain hosts and users, so the cache keeps their hash only. With a random seed, two of a thousand
	// endpoints collide with a probability below 1 in 10^13.
	sum := maphash.Bytes(p.cache.seed, raw)
	if known := p.cache.endpoints[sum]; known != nil {
		*to = known
		return nil
	}
	p.part.ResetBytes(raw)
	if err = p.decodeEndpoint(p.part, to); err == nil {
		p.cache.addEndpoint(sum, len(raw), *to)
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
