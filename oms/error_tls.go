package oms

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"strings"
)

// tlsTexts identify the TLS errors for which the standard library has no type.
var tlsTexts = []string{
	"tls: ", "x509: ", "CA cert", "client cert",
	`malformed HTTP response "\x15\x03`, // a TLS alert in place of an answer in plain HTTP
}

func isTLS(err error) bool {
	var (
		record   tls.RecordHeaderError
		verify   *tls.CertificateVerificationError
		alert    tls.AlertError
		unknown  x509.UnknownAuthorityError
		hostname x509.HostnameError
		invalid  x509.CertificateInvalidError
	)
	if errors.As(err, &record) || errors.As(err, &verify) || errors.As(err, &alert) || errors.As(err, &unknown) ||
		errors.As(err, &hostname) || errors.As(err, &invalid) || errors.Is(err, http.ErrSchemeMismatch) {
		return true
	}
	return containsAny(err.Error(), tlsTexts)
}

func tlsHint(err error) string {
	if hostname, ok := errors.AsType[x509.HostnameError](err); ok {
		return hostnameHint(hostname)
	}
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok {
		return invalidHint(invalid)
	}
	for _, known := range tlsHints {
		if strings.Contains(err.Error(), known.text) {
			return known.hint
		}
	}
	return "check tls_config under http_client and the certificate of the OMS"
}

// hostnameHint distinguishes a certificate without usable names, for which no setting helps, from a certificate with
// other names.
func hostnameHint(err x509.HostnameError) string {
	c := err.Certificate
	switch {
	case len(c.DNSNames)+len(c.IPAddresses) == 0:
		return "issue a certificate with a subjectAltName for " + err.Host +
			": the common name of a certificate does not count"
	case len(c.DNSNames) > 0:
		return "set tls_config.server_name under http_client to a name in the certificate, such as " +
			sanitize(nil, c.DNSNames[0]) + ", or url to it"
	}
	return "set tls_config.server_name under http_client to an address in the certificate, such as " +
		c.IPAddresses[0].String() + ", or url to it"
}

func invalidHint(err x509.CertificateInvalidError) string {
	switch err.Reason {
	case x509.Expired:
		if strings.Contains(err.Detail, "is before") {
			return "check the clock of this host; if it is right, the certificate of the OMS is not valid yet"
		}
		return "renew the certificate of the OMS, or of the CA that signed it; check the clock of this host"
	case x509.NotAuthorizedToSign:
		return "set tls_config.ca_file under http_client to the certificate of the CA: a certificate in the chain " +
			"must not sign others"
	case x509.IncompatibleUsage:
		return "issue a certificate with the extended key usage serverAuth"
	}
	return "issue a certificate for the OMS that meets the constraints of its CA"
}

const (
	authorityHint = "set tls_config.ca_file under http_client to the certificate of the CA that signed the OMS' " +
		"certificate, or, if there is no other way, insecure_skip_verify"
	clientHint = "set tls_config.cert_file and key_file under http_client to a certificate that the OMS accepts"
)

// tlsHints has a hint for each text of an error. The first match counts.
var tlsHints = []struct{ text, hint string }{
	{http.ErrSchemeMismatch.Error(), "this port serves plain HTTP: set url to http://..."},
	{"malformed HTTP response", httpsHint},
	{"first record does not look like a TLS handshake", "this port does not serve TLS: check scheme and port of url"},

	{"CA cert", "check tls_config.ca_file under http_client: the file must be readable and contain PEM certificates"},
	{"client cert", "check tls_config.cert_file and key_file under http_client"},

	{"unsupported protocol version 301",
		"set tls_config.min_version under http_client to TLS10, or update the TLS of the OMS"},
	{"unsupported protocol version 302",
		"set tls_config.min_version under http_client to TLS11, or update the TLS of the OMS"},
	{"unsupported protocol version 303",
		"set tls_config.min_version under http_client to TLS12, or update the TLS of the OMS"},
	{"protocol version not supported", "set tls_config.min_version under http_client to TLS10 for an OMS with old " +
		"TLS; if min_version or max_version is set already, change it"},
	{"no supported versions",
		"set tls_config.min_version and max_version under http_client to versions that the OMS supports"},
	{"cipher suite", "enable ECDHE ciphers in the OMS"},
	{"handshake failure", "enable ECDHE ciphers in the OMS; if it requires a client certificate, set " +
		"tls_config.cert_file and key_file under http_client"},
	{"unrecognized name",
		"set tls_config.server_name under http_client to the name that the OMS expects, or url to it"},

	// The OMS refuses the client certificate.
	{"remote error: tls: certificate required", clientHint},
	{"remote error: tls: bad certificate", clientHint},
	{"remote error: tls: unknown certificate authority", clientHint},
	{"remote error: tls: expired certificate", "renew the certificate in tls_config.cert_file under http_client"},
	{"remote error: tls: revoked certificate", "renew the certificate in tls_config.cert_file under http_client"},
	{"remote error: tls: unsupported certificate", clientHint},

	{"insecure algorithm", "issue a certificate that is signed with SHA-256: one in the chain has an older signature"},
	{"unknown authority", authorityHint},
	{"system roots", "install the package ca-certificates on this host, or set tls_config.ca_file under http_client"},
	{"failed to parse certificate", "issue a new certificate for the OMS: this one is invalid"},
	{"x509", authorityHint},
}
