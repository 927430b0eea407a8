package e2e

import (
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
	"github.com/oms-exporter/oms_exporter/oms/simulator"
)

// network is a server with TLS that counts the requests it serves.
type network struct {
	url      string
	requests atomic.Int32
}

// startNetwork starts a server with the certificate of a folder. change, which may be nil, adapts its TLS.
func startNetwork(t *testing.T, folder string, change func(*tls.Config), handler http.HandlerFunc) *network {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	n := &network{}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n.requests.Add(1)
		handler(w, r)
	}))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
	if change != nil {
		change(server.TLS)
	}
	server.StartTLS()
	t.Cleanup(server.Close)
	n.url = server.URL
	return n
}

// startProxy starts an HTTP proxy for connections with TLS.
func startProxy(t *testing.T) *network {
	t.Helper()
	n := &network{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect {
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		to, err := (&net.Dialer{}).DialContext(r.Context(), "tcp", r.Host)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		defer func() { _ = to.Close() }()
		n.requests.Add(1)
		w.WriteHeader(http.StatusOK)
		from, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer func() { _ = from.Close() }()
		go func() {
			_, _ = io.Copy(to, from) // until the client closes
			_ = to.Close()
		}()
		_, _ = io.Copy(from, to)
	}))
	t.Cleanup(server.Close)
	n.url = server.URL
	return n
}

// TestSeveralNetworks runs the config of docs/configure.md.
func TestSeveralNetworks(t *testing.T) {
	folder, pool := certificate(t)
	simulated := func(user string) *simulator.Simulator {
		return simulator.New(simulator.Options{User: user, Password: password})
	}
	inEast, inWest, inCloud := simulated("monitor"), simulated("monitor"), simulated("")

	proxy := startProxy(t)
	east := startNetwork(t, folder, nil, inEast.ServeHTTP)
	west := startNetwork(
		t,
		folder,
		func(c *tls.Config) { c.ClientAuth, c.ClientCAs = tls.RequireAndVerifyClientCert, pool },
		inWest.ServeHTTP,
	)
	tokens := startNetwork(t, folder, nil, func(w http.ResponseWriter, r *http.Request) {
		id, secret, _ := r.BasicAuth()
		if r.URL.Path != "/oauth2/token" || id != "oms-exporter" || secret != password || r.FormValue("scope") != "oms.read" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"access_token": "t0ken", "token_type": "Bearer", "expires_in": 3600}`)
	})
	cloud := startNetwork(t, folder, nil, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer t0ken" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		http.StripPrefix("/oms", inCloud).ServeHTTP(w, r)
	})

	block := regexp.MustCompile("(?s)## Several OMS in different networks\n.*?```yaml\n(.*?)```").
		FindSubmatch(testutil.ReadFile(t, filepath.Join(testutil.Root(t), "docs", "configure.md")))
	if block == nil {
		t.Fatal("docs/configure.md has no config of several OMS")
	}
	config := string(block[1])
	for _, c := range []struct {
		name string
		url  string
	}{
		{"https://oms.east.example.com:8089", east.url}, {"http://proxy.east.example.com:3128", proxy.url}, {"https://oms.west.example.com", west.url},
		{"https://gateway.example.com", cloud.url}, {"https://login.example.com", tokens.url},
	} {
		if !strings.Contains(config, c.name) {
			t.Errorf("the config has no %s", c.name)
		}
		config = strings.ReplaceAll(config, c.name, c.url)
	}
	cert, key := string(
		testutil.ReadFile(t, filepath.Join(folder, "cert.pem")),
	), string(
		testutil.ReadFile(t, filepath.Join(folder, "key.pem")),
	)
	path := testutil.WriteFile(t, filepath.Join(folder, "config.yml"), config)
	for _, c := range []struct {
		name    string
		content string
	}{
		{"tls/east-ca.crt", cert}, {"tls/west-ca.crt", cert}, {"tls/west-client.crt", cert}, {"tls/west-client.key", key}, {"tls/cloud-ca.crt", cert},
		{"secrets/east", password}, {"secrets/west", password}, {"secrets/cloud", password},
	} {
		testutil.WriteFile(t, filepath.Join(folder, c.name), c.content)
	}

	if p := launch(t, nil, "--config.check", "--config.file="+path); p.ExitCode() != 0 {
		t.Errorf("--config.check: %s", p.Stderr.String())
	}
	got, log := once(t, "--config.file="+path)
	if got.Status != 0 || log != "" {
		t.Errorf("exit code %d, the log is\n%s", got.Status, log)
	}
	for _, name := range []string{"east", "west", "cloud"} {
		if got.Value(t, `oms_up{oms="`+name+`"}`) != 1 {
			t.Errorf("%s is not up", name)
		}
	}
	for _, c := range []struct {
		name string
		n    *network
	}{{"the proxy", proxy}, {"the token server", tokens}, {"the OMS in the east", east}, {"the OMS in the west", west},
		{"the gateway", cloud}} {
		if c.n.requests.Load() == 0 {
			t.Errorf("%s was not asked", c.name)
		}
	}
}
