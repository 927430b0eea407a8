package testutil

import (
	"io"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// Reply is an HTTP response with its whole body.
type Reply struct {
	Status int
	Header http.Header
	Body   string
}

// Series returns the value of a series in an exposition as text, or "" if the series is missing.
func (r Reply) Series(series string) string {
	for line := range strings.Lines(r.Body) {
		if value, ok := strings.CutPrefix(line, series+" "); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// Value returns the value of a series in an exposition. A missing series fails the test.
func (r Reply) Value(tb testing.TB, series string) float64 {
	tb.Helper()
	value, err := strconv.ParseFloat(r.Series(series), 64)
	if err != nil {
		tb.Fatalf("%s: %v in\n%s", series, err, Tail(r.Body, 2000))
	}
	return value
}

// Tasks returns the number of tasks in an exposition.
func (r Reply) Tasks() int { return strings.Count(r.Body, "\noms_task_info{") }

// Request sends a request without a body; header alternates names and values.
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

// Get requests url on a new connection, which is closed after the response.
func Get(tb testing.TB, url string) (Reply, error) {
	tb.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: waitLimit}
	return Request(tb, client, http.MethodGet, url)
}

// Listen listens on a free port of the loopback interface until the end of the test.
func Listen(tb testing.TB) net.Listener {
	tb.Helper()
	listener, err := (&net.ListenConfig{}).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = listener.Close() }) // the test may have closed it
	return listener
}

var measured = regexp.MustCompile(
	`(?m)^((?:oms_scrape_duration_seconds|oms_clock_offset_seconds|oms_task_sync_effective_delay_seconds)\{[^}]*\}) .*$`,
)

// MaskMeasured replaces the values of an exposition that depend on the time or the duration of the walk.
func MaskMeasured(exposition string) string {
	return measured.ReplaceAllString(exposition, "$1 MASKED")
}
