package oms

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// certificate returns a self-signed certificate.
func certificate(t *testing.T, host string, notAfter time.Time, changes ...func(*x509.Certificate)) (tls.Certificate,
	*x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: host}, DNSNames: []string{host}, IsCA: true,
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
		NotBefore: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: notAfter,
	}
	if ip := net.ParseIP(host); ip != nil {
		template.DNSNames, template.IPAddresses = nil, []net.IP{ip}
	}
	for _, change := range changes {
		change(template)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

// tlsServer returns an OMS with a certificate, and a client that trusts it if trusted is true.
func tlsServer(host string, notAfter time.Time, trusted bool, change func(*tls.Config),
	changes ...func(*x509.Certificate)) fakeOMS {
	return func(t *testing.T) (string, *http.Client) {
		own, pool := certificate(t, host, notAfter, changes...)
		server := httptest.NewUnstartedServer(http.NotFoundHandler())
		server.Config.ErrorLog = log.New(io.Discard, "", 0)
		server.TLS = &tls.Config{Certificates: []tls.Certificate{own}, MinVersion: tls.VersionTLS12}
		if change != nil {
			change(server.TLS)
		}
		server.StartTLS()
		t.Cleanup(server.Close)
		config := &tls.Config{MinVersion: tls.VersionTLS13}
		if trusted {
			config.RootCAs = pool
		}
		return server.URL, &http.Client{Transport: &http.Transport{TLSClientConfig: config}}
	}
}

// viaProxy requests https://oms.test through a proxy.
func viaProxy(proxy fakeOMS) fakeOMS {
	return func(t *testing.T) (string, *http.Client) {
		at, _ := proxy(t)
		proxyURL, err := url.Parse(at)
		if err != nil {
			t.Fatal(err)
		}
		proxyURL.User = url.UserPassword("proxy", "hunter2")
		return "https://oms.test", &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(proxyURL)}}
	}
}

// rawServer returns a server that sends text and closes the connection.
func rawServer(text string) fakeOMS {
	return func(t *testing.T) (string, *http.Client) {
		var listen net.ListenConfig
		l, err := listen.Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				_, _ = conn.Read(make([]byte, 1<<16))
				_, _ = io.WriteString(conn, text)
				if tcp, ok := conn.(*net.TCPConn); ok {
					_ = tcp.CloseWrite()
				}
				_, _ = io.Copy(io.Discard, conn) // unread bytes would turn the close into a reset
				_ = conn.Close()
			}
		}()
		t.Cleanup(func() { _ = l.Close(); <-done })
		return "http://" + l.Addr().String(), &http.Client{Transport: &http.Transport{}}
	}
}

// minTLSVersion returns a client with another minimum version.
func minTLSVersion(version uint16, next fakeOMS) fakeOMS {
	return func(t *testing.T) (string, *http.Client) {
		url, hc := next(t)
		hc.Transport.(*http.Transport).TLSClientConfig.MinVersion = version
		return url, hc
	}
}

func tlsFailures() []failing {
	later, expired := time.Now().AddDate(1, 0, 0), time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC)
	return []failing{
		{"a certificate of an unknown authority", TLS, tlsServer("127.0.0.1", later, false, nil)},
		{"a certificate that expired", TLS, tlsServer("127.0.0.1", expired, true, nil)},
		{"a certificate that is not valid yet", TLS,
			tlsServer("127.0.0.1", later, true, nil, func(c *x509.Certificate) {
				c.NotBefore = time.Date(2090, 1, 1, 0, 0, 0, 0, time.UTC)
				c.NotAfter = c.NotBefore.AddDate(1, 0, 0)
			})},
		{"a certificate that has a common name alone", TLS,
			tlsServer("127.0.0.1", later, true, nil, func(c *x509.Certificate) { c.IPAddresses = nil })},
		{"a certificate without any name", TLS,
			tlsServer("127.0.0.1", later, true, nil,
				func(c *x509.Certificate) { c.IPAddresses, c.Subject = nil, pkix.Name{} })},
		{"a certificate that is for clients", TLS, tlsServer("127.0.0.1", later, true, nil, func(c *x509.Certificate) {
			c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
		})},
		{"a certificate of another name", TLS, tlsServer("other.example.com", later, true, nil)},
		{"a certificate of another address", TLS, tlsServer("192.0.2.1", later, true, nil)},
		{"a server that wants a certificate of ours", TLS,
			tlsServer("127.0.0.1", later, true, func(c *tls.Config) { c.ClientAuth = tls.RequireAnyClientCert })},
		{"no version in common", TLS, tlsServer("127.0.0.1", later, true,
			func(c *tls.Config) { c.MaxVersion = tls.VersionTLS12 })},
		{"TLS 1.0 only", TLS, minTLSVersion(tls.VersionTLS12,
			tlsServer("127.0.0.1", later, true,
				func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS10 }))},
		{"no cipher in common", TLS, minTLSVersion(tls.VersionTLS12,
			tlsServer("127.0.0.1", later, true, func(c *tls.Config) {
				c.MaxVersion, c.CipherSuites = tls.VersionTLS12, []uint16{tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256}
			}))},
		{"a server that speaks no TLS", TLS, func(t *testing.T) (string, *http.Client) {
			at, hc := rawServer("220 ready\r\n")(t)
			return "https" + at[len("http"):], hc
		}},
		{"HTTP where HTTPS is spoken", TLS, func(t *testing.T) (string, *http.Client) {
			at, hc := tlsServer("127.0.0.1", later, true, nil)(t)
			return "http" + at[len("https"):], hc
		}},
		{"HTTP where nginx speaks HTTPS", TLS,
			respondWith(400, "<html><head><title>400 The plain HTTP request was sent to HTTPS "+
				"port</title></head></html>", "Content-Type: text/html")},
		{"HTTPS where HTTP is spoken", TLS, func(t *testing.T) (string, *http.Client) {
			at, hc := respondWith(200, `{"data":[]}`)(t)
			return "https" + at[len("http"):], hc
		}},
		{"a proxy that wants credentials", Connect, viaProxy(respondWith(407, ""))},
		{"a proxy that forbids", Connect, viaProxy(respondWith(403, ""))},
		{"a proxy that does not reach it", Connect, viaProxy(respondWith(503, ""))},
		{"a proxy that is not there", Connect,
			viaProxy(func(*testing.T) (string, *http.Client) { return closedPort(), nil })},
	}
}

func TestHostnameHint(t *testing.T) {
	c := &x509.Certificate{DNSNames: []string{"oms\n" + strings.Repeat("x", 50_000)}}
	hint := hostnameHint(x509.HostnameError{Certificate: c, Host: "oms.example.com"})
	if strings.Contains(hint, "\n") || len(hint) > 2*maxText {
		t.Errorf("a name in a certificate makes a hint of %d bytes: %.100q", len(hint), hint)
	}
}
