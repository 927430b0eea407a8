package simulator

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

func TestMain(m *testing.M) { testutil.Main(m) }

var testEpoch = time.Date(2025, 6, 1, 0, 0, 0, 0, time.UTC)

// fixedClock returns Options with a clock that stands still at a time after Epoch.
func fixedClock(after time.Duration) Options {
	now := testEpoch.Add(after)
	return Options{Now: func() time.Time { return now }, Epoch: testEpoch}
}

// serve starts a simulator and returns it with a client. The test closes its connections.
func serve(t *testing.T, o Options) (*Simulator, *caller) {
	t.Helper()
	s := New(o)
	server := httptest.NewServer(s)
	transport := &http.Transport{DisableCompression: true}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		server.Close()
	})
	return s, &caller{t: t, url: server.URL, client: &http.Client{Transport: transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

type caller struct {
	t              *testing.T
	url            string
	client         *http.Client
	user, password string
	accept         string
}

type answer struct {
	status int
	header http.Header
	body   []byte
	err    error // of the body
}

// do sends a request and reads the whole answer.
func (c *caller) do(method, path, body string) answer {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.url+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if c.user != "" {
		req.SetBasicAuth(c.user, c.password)
	}
	if c.accept != "" {
		req.Header.Set("Accept-Encoding", c.accept)
	}
	resp, err := c.client.Do(req)
	if err != nil {
		return answer{err: err}
	}
	defer func() { _ = resp.Body.Close() }()
	a := answer{status: resp.StatusCode, header: resp.Header}
	a.body, a.err = io.ReadAll(resp.Body)
	return a
}

func (c *caller) list(body string) answer {
	c.t.Helper()
	return c.do(http.MethodPost, "/api/v2?Action=ListProjects", body)
}

// envelope decodes an answer, which has to be JSON.
func (a answer) envelope(t *testing.T) map[string]any {
	t.Helper()
	if a.err != nil {
		t.Fatal(a.err)
	}
	var e map[string]any
	if err := json.Unmarshal(a.body, &e); err != nil {
		t.Fatalf("%v: %.200s", err, a.body)
	}
	return e
}

// ids returns the ids of a page, "" for a row without id.
func (a answer) ids(t *testing.T) []string {
	t.Helper()
	rows, _ := a.envelope(t)["data"].([]any)
	ids := []string{}
	for _, r := range rows {
		row, _ := r.(map[string]any)
		id, _ := row["id"].(string)
		ids = append(ids, id)
	}
	return ids
}

func idsOf(rows []Row) []string {
	ids := []string{}
	for _, r := range rows {
		ids = append(ids, r.ID)
	}
	return ids
}
