//go:build slow

package boards

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

// prometheusAPI sends requests to the Prometheus at this address.
type prometheusAPI string

// result is a series of an answer, with its newest value.
type result struct {
	Metric map[string]string `json:"metric"`
	Value  [2]any            `json:"value"`
	Values [][2]any          `json:"values"`
}

// ask runs a query as Grafana would, at one instant or over the last minute.
func (p prometheusAPI) ask(t *testing.T, query string, overTime bool) ([]result, error) {
	t.Helper()
	var answer struct {
		Data struct{ Result []result }
	}
	now := time.Now()
	path, form := "query", url.Values{"query": {query}, "time": {unix(now)}}
	if overTime {
		path, form = "query_range", url.Values{
			"query": {query},
			"start": {unix(now.Add(-time.Minute))},
			"end":   {unix(now)},
			"step":  {"5"},
		}
	}
	err := p.get(t, path+"?"+form.Encode(), &answer)
	return answer.Data.Result, err
}

// get requests a path of the API and decodes the answer.
func (p prometheusAPI) get(t *testing.T, path string, into any) error {
	t.Helper()
	reply, err := testutil.Get(t, string(p)+"/api/v1/"+path)
	if err != nil {
		return err
	}
	if reply.Status != http.StatusOK {
		return fmt.Errorf("status %d: %s", reply.Status, testutil.Tail(reply.Body, 1000))
	}
	return json.Unmarshal([]byte(reply.Body), into)
}

// values are those of a label, for the series that a selector matches.
func (p prometheusAPI) values(t *testing.T, selector, label string) []string {
	t.Helper()
	var answer struct{ Data []string }
	if err := p.get(t, "label/"+label+"/values?"+url.Values{"match[]": {selector}}.Encode(), &answer); err != nil {
		t.Errorf("values of %s of %s: %v", label, selector, err)
	}
	return answer.Data
}

func unix(at time.Time) string {
	return strings.TrimSuffix(fmt.Sprintf("%.3f", float64(at.UnixMilli())/1000), ".000")
}
