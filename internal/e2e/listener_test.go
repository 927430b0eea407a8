package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
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

// certificate makes a certificate for 127.0.0.1 in a folder, as cert.pem and key.pem, and a pool that trusts it.
func certificate(t *testing.T) (folder string, pool *x509.CertPool) {
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
	pool.AppendCertsFromPEM(certPEM)
	testutil.WriteFile(t, filepath.Join(folder, "cert.pem"), string(certPEM))
	testutil.WriteFile(
		t,
		filepath.Join(folder, "key.pem"),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})),
	)
	return folder, pool
}

// webConfig adds to the certificate's folder a web config with a user.
func webConfig(t *testing.T, folder, more string) string {
	t.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte("scr4pe"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "web.yml")
	testutil.WriteFile(
		t,
		path,
		fmt.Sprintf(
			"tls_server_config: {cert_file: cert.pem, key_file: key.pem}\nbasic_auth_users: {prometheus: %q}\n%s",
			hash,
			more,
		),
	)
	return path
}

func TestTheExporterServesTLSToItsUsers(t *testing.T) {
	folder, pool := certificate(t)
	p := start(t, nil, "--demo", "--web.config.file="+webConfig(t, folder, ""))
	if _, err := p.ask("GET", "/-/healthy"); err == nil {
		if got := p.get("/-/healthy"); got.Status == http.StatusOK {
			t.Error("it answers without TLS")
		}
	}
	p.url = strings.Replace(p.url, "http:", "https:", 1)
	p.client.Transport.(*http.Transport).TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	for _, path := range []string{"/metrics", "/probe?target=demo", "/", "/config", "/sd", "/-/healthy"} {
		if got := p.get(path); got.Status != http.StatusUnauthorized {
			t.Errorf("%s without a password: %d", path, got.Status)
		}
	}
	const authorization = "Basic cHJvbWV0aGV1czpzY3I0cGU=" // prometheus:scr4pe
	if got := p.get("/metrics", "Authorization", authorization); got.Status != http.StatusOK || got.Tasks() == 0 {
		t.Errorf("with it: %d, %d tasks", got.Status, got.Tasks())
	}
	if got := p.get("/sd", "Authorization", authorization); !strings.Contains(got.Body, `"__scheme__":"https"`) {
		t.Errorf("/sd does not say https: %s", got.Body)
	}
}

func TestTheExportersRateLimit(t *testing.T) {
	p := start(t, nil, "--demo", "--web.config.file="+file(t, "web.yml", "rate_limit: {interval: 1h, burst: 3}\n"))
	for i, want := range []int{200, 200, 200, 429, 429} {
		if got := p.get("/-/healthy"); got.Status != want {
			t.Errorf("request %d: %d, want %d", i+1, got.Status, want)
		}
	}
}

func TestSystemdSocketActivation(t *testing.T) {
	listener := testutil.Listen(t)
	socket, err := listener.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = socket.Close() }()
	p := start(t, func(c *exec.Cmd) {
		// As systemd does: the sockets from descriptor 3 on, and the id of the process that they are meant for.
		c.Path = "/bin/sh"
		c.Args = append([]string{"sh", "-c", `LISTEN_PID=$$ LISTEN_FDS=1 exec "$0" "$@"`, testutil.Build(t)}, c.Args[1:]...)
		c.ExtraFiles = []*os.File{socket}
	}, "--demo", "--web.systemd-socket")
	_ = listener.Close() // the process has its own
	if want := "http://" + listener.Addr().String(); p.url != want {
		t.Fatalf("it listens on %s, not on %s", p.url, want)
	}
	if got := p.get("/metrics"); got.Tasks() == 0 {
		t.Error("no task")
	}
}

func TestSeveralAddresses(t *testing.T) {
	p := start(t, nil, "--demo", "--web.listen-address=127.0.0.1:0")
	for _, address := range p.Addresses(2) {
		p.url = "http://" + address
		if got := p.get("/-/healthy"); got.Status != http.StatusOK {
			t.Errorf("%s: %d", address, got.Status)
		}
	}
	if n := strings.Count(p.Stderr.String(), "Started oms_exporter"); n != 1 {
		t.Errorf("%d log lines about the start", n)
	}
}

func TestAConnectionThatSendsNoHeaderIsClosed(t *testing.T) {
	t.Parallel()
	p := start(t, nil, "--demo")
	conn := p.dial()
	defer func() { _ = conn.Close() }()
	began := time.Now()
	_, _ = io.WriteString(conn, "GET /metrics HTTP/1.1\r\nHost: x\r\nX-Slow: ")
	_ = conn.SetReadDeadline(began.Add(time.Minute))
	if _, err := io.ReadAll(conn); err != nil {
		t.Errorf("after %s: %v", time.Since(began), err)
	}
	if waited := time.Since(began); waited < 9*time.Second {
		t.Errorf("it had %s, want 10 s", waited)
	}
}

func TestAHeaderWithoutEndIsRefused(t *testing.T) {
	p := start(t, nil, "--demo")
	if got := p.get("/metrics", "X-Long", strings.Repeat("x", 100<<10)); got.Status != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("status %d", got.Status)
	}
}

func (p *process) dial() net.Conn {
	p.t.Helper()
	conn, err := (&net.Dialer{}).DialContext(p.t.Context(), "tcp", strings.TrimPrefix(p.url, "http://"))
	if err != nil {
		p.t.Fatal(err)
	}
	return conn
}
