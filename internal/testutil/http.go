package testutil

import (
	"io"
	"net/http"
	"testing"
)

// Reply is an HTTP response that has been read to its end.
type Reply struct {
	Status int
	Header http.Header
	Body   string
}

// Request makes a request without a body. header has names and values by turns.
func Request(tb testing.TB, client *http.Client, method, url string, header ...string) (Reply, error) {
	tb.Helper()
	req, err := http.NewRequestWithContext(tb.Context(), method, url, nil)
	if err != nil {
		tb.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := client.Do(req)
	if err != nil {
		return Reply{}, err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	return Reply{res.StatusCode, res.Header, string(body)}, err
}

// Get requests url on a connection of its own, which leaves nothing behind.
func Get(tb testing.TB, url string) (Reply, error) {
	tb.Helper()
	return Request(tb, &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: waitLimit}, http.MethodGet, url)
}
