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

// networkServer is a server in the config of TestNetworks.
type networkServer struct {
	url      string // in the config
	handler  http.HandlerFunc
	tls      *tls.Config // nil: without TLS
	requests atomic.Int32
}

// start starts the server until the end of the test and returns its real URL.
func (s *networkServer) start(t *testing.T) (url string) {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.requests.Add(1)
		s.handler(w, r)
	}))
	t.Cleanup(server.Close)
	if s.tls == nil {
		server.Start()
	} else {
		server.TLS = s.tls
		server.StartTLS()
	}
	return server.URL
}

// serveProxy serves an HTTP proxy for TLS connections.
func serveProxy(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodConnect {
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	server, err := (&net.Dialer{}).DialContext(r.Context(), "tcp", r.Host)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer func() { _ = server.Close() }()
	w.WriteHeader(http.StatusOK)
	client, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer func() { _ = client.Close() }()
	go func() {
		_, _ = io.Copy(server, client) // until the client closes the connection
		_ = server.Close()
	}()
	_, _ = io.Copy(client, server)
}

// serveTokens serves OAuth2 tokens.
func serveTokens(w http.ResponseWriter, r *http.Request) {
	id, secret, _ := r.BasicAuth()
	if r.URL.Path != "/oauth2/token" || id != "oms-exporter" || secret != password || r.FormValue("scope") != "oms.read" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, `{"access_token": "t0ken", "token_type": "Bearer", "expires_in": 3600}`)
}

// gateway serves an OMS below /oms to clients with a token of serveTokens.
func gateway(oms http.Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer t0ken" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		http.StripPrefix("/oms", oms).ServeHTTP(w, r)
	}
}

// TestNetworks runs the config for several networks in docs/configure.md.
func TestNetworks(t *testing.T) {
	folder, pool := writeCertificate(t)
	cert, key := filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem")
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	serverTLS := &tls.Config{Certificates: []tls.Certificate{pair}}
	mutualTLS := &tls.Config{
		Certificates: []tls.Certificate{pair}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool,
	}
	oms := simulator.New(simulator.Options{User: "monitor", Password: password})
	servers := []*networkServer{
		{url: "http://proxy.east.example.com:3128", handler: serveProxy},
		{url: "https://oms.east.example.com:8089", handler: oms.ServeHTTP, tls: serverTLS},
		{url: "https://oms.west.example.com", handler: oms.ServeHTTP, tls: mutualTLS},
		{url: "https://gateway.example.com", handler: gateway(simulator.New(simulator.Options{})), tls: serverTLS},
		{url: "https://login.example.com", handler: serveTokens, tls: serverTLS},
	}

	block := regexp.MustCompile("(?s)## Several OMS in different networks\n.*?```yaml\n(.*?)```").
		FindSubmatch(testutil.ReadFile(t, filepath.Join(testutil.Root(t), "docs", "configure.md")))
	if block == nil {
		t.Fatal("docs/configure.md has no config for several networks")
	}
	config := string(block[1])
	for _, server := range servers {
		if !strings.Contains(config, server.url) {
			t.Errorf("the config has no %s", server.url)
		}
		config = strings.ReplaceAll(config, server.url, server.start(t))
	}
	flag := "--config.file=" + testutil.WriteFile(t, filepath.Join(folder, "config.yml"), config)
	certText, keyText := string(testutil.ReadFile(t, cert)), string(testutil.ReadFile(t, key))
	for _, file := range []struct{ name, content string }{
		{"tls/east-ca.crt", certText},
		{"tls/west-ca.crt", certText},
		{"tls/west-client.crt", certText},
		{"tls/west-client.key", keyText},
		{"tls/cloud-ca.crt", certText},
		{"secrets/east", password},
		{"secrets/west", password},
		{"secrets/cloud", password},
	} {
		testutil.WriteFile(t, filepath.Join(folder, file.name), file.content)
	}

	runExporter(t, nil, flag, "--config.check").wantOK(t)
	got, exposition := runOnce(t, flag)
	if got.code != 0 || got.stderr != "" {
		t.Error(got)
	}
	for _, name := range []string{"east", "west", "cloud"} {
		if exposition.Value(t, `oms_up{oms="`+name+`"}`) != 1 {
			t.Errorf("%s is not up", name)
		}
	}
	for _, server := range servers {
		if server.requests.Load() == 0 {
			t.Errorf("%s received no request", server.url)
		}
	}
}
