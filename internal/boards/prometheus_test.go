//go:build slow

package boards

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

// prometheusAPI is the URL of a running Prometheus.
type prometheusAPI string

// startPrometheus starts a program with a config and with its data in dir/data.
func startPrometheus(tb testing.TB, program, dir, config string, args ...string) prometheusAPI {
	tb.Helper()
	return prometheusAPI(startReady(tb, exec.Command(lookPath(tb, program), append([]string{
		"--web.listen-address=127.0.0.1:0",
		"--storage.tsdb.path=" + filepath.Join(dir, "data"),
		"--config.file=" + testutil.WriteFile(tb, filepath.Join(dir, "prometheus.yml"), config),
	}, args...)...)))
}

// startReady starts a Prometheus or an Alertmanager, waits until it is ready and returns its URL.
func startReady(tb testing.TB, cmd *exec.Cmd) string {
	tb.Helper()
	url := testutil.Start(tb, cmd).URL()
	testutil.WaitFor(tb, cmd.Path+" is ready", func() error {
		_, err := getOK(tb, url+"/-/ready")
		return err
	})
	return url
}

// getOK requests a URL and returns the body. A status other than 200 is an error.
func getOK(tb testing.TB, url string) (string, error) {
	tb.Helper()
	reply, err := testutil.Get(tb, url)
	if err == nil && reply.Status != http.StatusOK {
		err = fmt.Errorf("status %d: %s", reply.Status, testutil.Tail(reply.Body, 1000))
	}
	return reply.Body, err
}

// result is a series in the response to a query. An instant query sets Value, a range query sets Values.
type result struct {
	Metric map[string]string `json:"metric"`
	Value  [2]any            `json:"value"`
	Values [][2]any          `json:"values"`
}

// query runs a query as Grafana does: at this instant, or over the last minute.
func (p prometheusAPI) query(t *testing.T, expr string, overTime bool) ([]result, error) {
	t.Helper()
	var response struct {
		Data struct{ Result []result }
	}
	now := time.Now()
	path, form := "query", url.Values{"query": {expr}, "time": {unixText(now)}}
	if overTime {
		path, form = "query_range", url.Values{
			"query": {expr},
			"start": {unixText(now.Add(-time.Minute))},
			"end":   {unixText(now)},
			"step":  {"5"},
		}
	}
	err := p.get(t, path+"?"+form.Encode(), &response)
	return response.Data.Result, err
}

// get requests a path of the API and decodes the response.
func (p prometheusAPI) get(tb testing.TB, path string, into any) error {
	tb.Helper()
	body, err := getOK(tb, string(p)+"/api/v1/"+path)
	if err != nil {
		return err
	}
	return json.Unmarshal([]byte(body), into)
}

// labelValues returns the values of a label of the series that a selector matches.
func (p prometheusAPI) labelValues(t *testing.T, selector, label string) []string {
	t.Helper()
	var response struct{ Data []string }
	if err := p.get(t, "label/"+label+"/values?"+url.Values{"match[]": {selector}}.Encode(), &response); err != nil {
		t.Errorf("values of %s of %s: %v", label, selector, err)
	}
	return response.Data
}

// metrics returns the metrics of Prometheus itself.
func (p prometheusAPI) metrics(tb testing.TB) testutil.Reply {
	tb.Helper()
	reply, err := testutil.Get(tb, string(p)+"/metrics")
	if err != nil {
		tb.Fatal(err)
	}
	return reply
}

// unixText returns a time in seconds, as the API of Prometheus reads it.
func unixText(at time.Time) string {
	return fmt.Sprintf("%.3f", unixSeconds(at))
}
