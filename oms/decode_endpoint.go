package oms

import (
	"crypto/sha256"

	"github.com/go-faster/jx"
)

// endpoint reads a connection. Many tasks have the same, to the byte: they share it.
func (p *decoder) endpoint(d *jx.Decoder, to **Endpoint) error {
	raw, err := d.Raw()
	if err != nil {
		return err
	}
	sum := sha256.Sum256(raw) // the bytes themselves have hosts and users in them
	if known := p.known.endpoints[sum]; known != nil {
		*to = known
		return nil
	}
	p.part.ResetBytes(raw)
	if err = p.newEndpoint(p.part, to); err == nil {
		p.known.endpoint(sum, len(raw), *to)
	}
	return err
}

func (p *decoder) newEndpoint(d *jx.Decoder, to **Endpoint) error {
	var e Endpoint
	ok, err := p.object(d, func(key []byte) error {
		switch string(key) {
		case "endpointname":
			return p.interned(d, &e.Name)
		case "endpointid":
			return p.interned(d, &e.EndpointID)
		case "dbengine":
			return p.interned(d, &e.Engine)
		case "version":
			return p.interned(d, &e.Version)
		case "region":
			return p.interned(d, &e.Region)
		case "connextraattributes":
			return p.connExtraAttributes(d, &e)
		}
		return d.Skip()
	})
	*to = nil
	if ok {
		*to = &e
	}
	return err
}

func (p *decoder) connExtraAttributes(d *jx.Decoder, e *Endpoint) error {
	e.Cluster, e.Tenant = "", ""
	_, err := p.object(d, func(key []byte) error {
		switch string(key) {
		case "cluster":
			return p.interned(d, &e.Cluster)
		case "tenant":
			return p.interned(d, &e.Tenant)
		}
		return d.Skip()
	})
	return err
}
