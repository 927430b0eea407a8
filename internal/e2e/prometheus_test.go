//go:build slow

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os/exec"
	"strings"
	"testing"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

// prometheus is a real Prometheus that runs beside the test.
type prometheus struct{ *process }

// startPrometheus starts it with scrape configs.
func startPrometheus(t *testing.T, jobs string) prometheus {
	t.Helper()
	path := testutil.LookPath(t, "install the Debian package prometheus", "prometheus")
	config := file(t, "prometheus.yml", "global: {scrape_interval: 1s, scrape_timeout: 1s}\nscrape_configs:\n"+jobs)
	p := newProcess(t)
	p.Process = testutil.Start(
		t,
		exec.Command(path, "--config.file="+config, "--storage.tsdb.path="+t.TempDir(), "--web.listen-address=127.0.0.1:0"),
	)
	p.url = p.URL()
	return prometheus{p}
}

// query gives the value of an expression by the one label that its result has, or by "".
func (p prometheus) query(expression string) map[string]string {
	p.t.Helper()
	got, err := p.ask("GET", "/api/v1/query?query="+url.QueryEscape(expression))
	if err != nil || got.Status != http.StatusOK { // it may still be starting
		return nil
	}
	var answer struct {
		Data struct {
			Result []struct {
				Metric map[string]string
				Value  [2]any
			}
		}
	}
	if err := json.NewDecoder(bytes.NewBufferString(got.Body)).Decode(&answer); err != nil {
		p.t.Fatal(err)
	}
	values := map[string]string{}
	for _, sample := range answer.Data.Result {
		key := ""
		for _, value := range sample.Metric {
			key = value
		}
		values[key] = fmt.Sprint(sample.Value[1])
	}
	return values
}

// shows waits until an expression has these values.
func (p prometheus) shows(expression string, want map[string]string) {
	p.t.Helper()
	var got map[string]string
	p.Eventually(fmt.Sprintf("%s is %v", expression, want), func() bool {
		got = p.query(expression)
		return fmt.Sprint(got) == fmt.Sprint(want)
	})
}

func TestPrometheusScrapesAllByOneJob(t *testing.T) {
	oms, other := startOMS(t), startOMS(t)
	p := start(t, nil, "--config.file="+configFile(t, oms.target("prod"), other.target("test")))
	prom := startPrometheus(
		t,
		"- job_name: oms\n  static_configs: [{targets: ["+strings.TrimPrefix(p.url, "http://")+"]}]\n",
	)
	all := fmt.Sprint(oms.truth())
	prom.shows("count by (oms) (oms_task_info)", map[string]string{"prod": all, "test": all})
	prom.shows("sum by (oms) (oms_tasks)", map[string]string{"prod": all, "test": all})
	prom.shows("min by (oms) (oms_up)", map[string]string{"prod": "1", "test": "1"})
	prom.shows("sum by (job) (up)", map[string]string{"oms": "1"})
}

func TestPrometheusDiscoversTargetsAndRelabelsNothing(t *testing.T) {
	oms, other := startOMS(t), startOMS(t)
	p := start(
		t,
		nil,
		"--config.file="+configFile(t, oms.target("prod"), other.target("test")),
		"--no-web.tasks-on-metrics",
	)
	prom := startPrometheus(t, "- job_name: oms\n  http_sd_configs: [{url: "+p.url+"/sd, refresh_interval: 1s}]\n"+
		"- job_name: oms_exporter\n  static_configs: [{targets: ["+strings.TrimPrefix(p.url, "http://")+"]}]\n")
	all := fmt.Sprint(oms.truth())
	prom.shows("count by (oms) (oms_task_info)", map[string]string{"prod": all, "test": all})
	prom.shows(`sum by (instance) (up{job="oms"})`, map[string]string{"prod": "1", "test": "1"})
	prom.shows(
		`count by (oms) (oms_task_info{job="oms", instance=~"prod|test"})`,
		map[string]string{"prod": all, "test": all},
	)
	prom.shows(`count by (job) ({__name__=~"oms_.*", exported_oms!=""})`, map[string]string{})
	prom.shows(`count by (job) (go_goroutines)`, map[string]string{"oms_exporter": "1"})
}
