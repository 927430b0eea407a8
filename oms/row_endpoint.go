package oms

import "github.com/go-faster/jx"

// endpoint reads a connection. Many tasks have the same, to the byte: they share it.
func (p *decoder) endpoint(d *jx.Decoder, to **Endpoint) error {
	raw, err := d.Raw()
	if err != nil {
		return err
	}
	if known := p.known.endpoints[string(raw)]; known != nil {
		*to = known
		return nil
	}
	p.part.ResetBytes(raw)
	if err = p.newEndpoint(p.part, to); err == nil {
		p.known.endpoint(raw, *to)
	}
	return err
}

func (p *decoder) newEndpoint(d *jx.Decoder, to **Endpoint) error {
	var e Endpoint
	ok, err := p.object(d, func(key []byte) error {
		switch string(key) {
		case "id":
			return p.interned(d, &e.ID)
		case "endpointname":
			return p.interned(d, &e.Name)
		case "endpointid":
			return p.interned(d, &e.EndpointID)
		case "endpointside":
			return p.interned(d, &e.Side)
		case "dbengine":
			return p.interned(d, &e.Engine)
		case "connectioninfo":
			return p.interned(d, &e.ConnectionInfo)
		case "username":
			return p.interned(d, &e.Username)
		case "version":
			return p.interned(d, &e.Version)
		case "timezone":
			return p.interned(d, &e.Timezone)
		case "charset":
			return p.interned(d, &e.Charset)
		case "nlslengthsemantics":
			return p.interned(d, &e.NLSLengthSemantics)
		case "operatingsystem":
			return p.interned(d, &e.OperatingSystem)
		case "region":
			return p.interned(d, &e.Region)
		case "ocpname":
			return p.interned(d, &e.OCPName)
		case "connextraattributes":
			return p.connExtraAttributes(d, &e)
		case "owner":
			return p.interned(d, &e.Owner)
		case "host":
			return p.interned(d, &e.Host)
		case "port":
			return readInt(d, &e.Port)
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
	var c ConnExtraAttributes
	ok, err := p.object(d, func(key []byte) error {
		switch string(key) {
		case "cluster":
			return p.interned(d, &c.Cluster)
		case "tenant":
			return p.interned(d, &c.Tenant)
		case "islogicsource":
			return readBool(d, &c.LogicSource)
		case "uselogproxy":
			return readBool(d, &c.UseLogProxy)
		case "drcuser":
			return p.interned(d, &c.DRCUser)
		case "configurl":
			return p.interned(d, &c.ConfigURL)
		case "logproxyip":
			return p.interned(d, &c.LogProxyIP)
		case "logproxyport":
			return readInt(d, &c.LogProxyPort)
		case "nouserauth":
			return readBool(d, &c.NoUserAuth)
		case "endpoint":
			return p.interned(d, &c.Endpoint)
		case "username":
			return p.interned(d, &c.Username)
		case "saslmechanism":
			return p.interned(d, &c.SASLMechanism)
		case "enablessl":
			return readBool(d, &c.EnableSSL)
		case "enablesasl":
			return readBool(d, &c.EnableSASL)
		case "disableidentificationalgorithm":
			return readBool(d, &c.DisableIdentificationAlgorithm)
		case "project":
			return p.interned(d, &c.Project)
		case "endpointtype":
			return p.interned(d, &c.EndpointType)
		case "version":
			return p.interned(d, &c.Version)
		case "kafkaid":
			return p.interned(d, &c.KafkaID)
		case "kafkatopic":
			return p.interned(d, &c.KafkaTopic)
		case "kafkaname":
			return p.interned(d, &c.KafkaName)
		}
		return d.Skip()
	})
	e.ConnExtraAttributes = nil
	if ok {
		e.ConnExtraAttributes = &c
	}
	return err
}
