package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

// writeCertificate writes a certificate for 127.0.0.1 into a new folder, as cert.pem and key.pem. It returns the folder
// and a pool that trusts the certificate.
func writeCertificate(t *testing.T) (folder string, pool *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	folder, pool = t.TempDir(), x509.NewCertPool()
	certPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	keyPEM := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})
	pool.AppendCertsFromPEM(certPEM)
	testutil.WriteFile(t, filepath.Join(folder, "cert.pem"), string(certPEM))
	testutil.WriteFile(t, filepath.Join(folder, "key.pem"), string(keyPEM))
	return folder, pool
}

// tlsFlag writes a web config with a certificate and the user prometheus. It returns the flag that names it and a pool
// that trusts the certificate.
func tlsFlag(t *testing.T) (flag string, pool *x509.CertPool) {
	t.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte("scr4pe"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	folder, pool := writeCertificate(t)
	return "--web.config.file=" + testutil.WriteFile(t, filepath.Join(folder, "web.yml"), fmt.Sprintf(
		"tls_server_config: {cert_file: cert.pem, key_file: key.pem}\nbasic_auth_users: {prometheus: %q}\n", hash)), pool
}

func TestWebConfig(t *testing.T) {
	t.Run("every path requires TLS and the password", func(t *testing.T) {
		flag, pool := tlsFlag(t)
		p := startExporter(t, "--demo", flag)
		if got, err := p.request(http.MethodGet, "/-/healthy"); err == nil && got.Status == http.StatusOK {
			t.Error("a request without TLS is answered")
		}
		p.url = strings.Replace(p.url, "http:", "https:", 1)
		p.client.Transport.(*http.Transport).TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
		for _, path := range []string{"/metrics", "/probe?target=demo", "/", "/config", "/sd", "/-/healthy"} {
			if got := p.get(path); got.Status != http.StatusUnauthorized {
				t.Errorf("%s without a password: status %d", path, got.Status)
			}
		}
		const authorization = "Basic cHJvbWV0aGV1czpzY3I0cGU=" // prometheus:scr4pe
		if got := p.get("/metrics", "Authorization", authorization); got.Status != http.StatusOK || got.Tasks() == 0 {
			t.Errorf("/metrics with the password: status %d, %d tasks", got.Status, got.Tasks())
		}
		if got := p.get("/sd", "Authorization", authorization); !strings.Contains(got.Body, `"__scheme__":"https"`) {
			t.Errorf("/sd has a scheme other than https: %s", got.Body)
		}
	})
	t.Run("requests over the rate limit are refused", func(t *testing.T) {
		limit := writeFile(t, "web.yml", "rate_limit: {interval: 1h, burst: 3}\n")
		p := startExporter(t, "--demo", "--web.config.file="+limit)
		for i, want := range []int{200, 200, 200, 429, 429} {
			if got := p.get("/-/healthy"); got.Status != want {
				t.Errorf("request %d: status %d, want %d", i+1, got.Status, want)
			}
		}
	})
}

func TestListeners(t *testing.T) {
	t.Run("the exporter listens on every address", func(t *testing.T) {
		p := startExporter(t, "--demo", "--web.listen-address=127.0.0.1:0")
		for _, address := range p.Addresses(2) {
			p.url = "http://" + address
			if got := p.get("/-/healthy"); got.Status != http.StatusOK {
				t.Errorf("%s: status %d", address, got.Status)
			}
		}
		if n := strings.Count(p.Stderr.String(), "Started oms_exporter"); n != 1 {
			t.Errorf("%d log lines about the start, want 1", n)
		}
	})
	t.Run("the exporter uses the socket of systemd", func(t *testing.T) {
		listener := testutil.Listen(t)
		socket, err := listener.(*net.TCPListener).File()
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = socket.Close() }()
		p := startExporterWith(t, func(c *exec.Cmd) {
			// systemd passes the sockets as file descriptors from 3 on, and the id of the process that uses them.
			c.Path = "/bin/sh"
			c.Args = append([]string{"sh", "-c", `LISTEN_PID=$$ LISTEN_FDS=1 exec "$0" "$@"`, testutil.Build(t)}, c.Args[1:]...)
			c.ExtraFiles = []*os.File{socket}
		}, "--demo", "--web.systemd-socket")
		_ = listener.Close() // the exporter has a copy
		if want := "http://" + listener.Addr().String(); p.url != want {
			t.Fatalf("the exporter listens on %s, want %s", p.url, want)
		}
		if got := p.get("/metrics"); got.Tasks() == 0 {
			t.Error("/metrics has no tasks")
		}
	})
}
