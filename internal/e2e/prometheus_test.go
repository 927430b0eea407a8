//go:build slow

package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os/exec"
	"testing"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

// prometheus is a running Prometheus.
type prometheus struct{ *process }

// startPrometheus starts a Prometheus with scrape configs.
func startPrometheus(t *testing.T, scrapeConfigs string) prometheus {
	t.Helper()
	path := testutil.LookPath(t, "install the Debian package prometheus", "prometheus")
	config := writeFile(t, "prometheus.yml",
		"global: {scrape_interval: 1s, scrape_timeout: 1s}\nscrape_configs:\n"+scrapeConfigs)
	program := testutil.Start(t, exec.Command(path,
		"--config.file="+config, "--storage.tsdb.path="+t.TempDir(), "--web.listen-address=127.0.0.1:0"))
	return prometheus{newProcess(t, program, program.URL())}
}

// query returns the values of an expression, keyed by the value of the only label of the result.
func (p prometheus) query(expression string) map[string]string {
	p.t.Helper()
	got, err := p.request(http.MethodGet, "/api/v1/query?query="+url.QueryEscape(expression))
	if err != nil || got.Status != http.StatusOK { // it may still be starting
		return nil
	}
	var response struct {
		Data struct {
			Result []struct {
				Metric map[string]string
				Value  [2]any
			}
		}
	}
	if err := json.Unmarshal([]byte(got.Body), &response); err != nil {
		p.t.Fatal(err)
	}
	values := map[string]string{}
	for _, sample := range response.Data.Result {
		label := "" // a sample without the label
		for _, value := range sample.Metric {
			label = value
		}
		values[label] = fmt.Sprint(sample.Value[1])
	}
	return values
}

// waitFor waits until an expression has these values.
func (p prometheus) waitFor(expression string, want map[string]string) {
	p.t.Helper()
	p.Eventually(fmt.Sprintf("%s is %v", expression, want), func() bool {
		return fmt.Sprint(p.query(expression)) == fmt.Sprint(want)
	})
}

func TestPrometheus(t *testing.T) {
	oms, other := startOMS(t), startOMS(t)
	config := configFlag(t, oms.target("prod"), other.target("test"))
	tasks := fmt.Sprint(oms.taskCount())
	t.Run("one job scrapes the tasks of all targets", func(t *testing.T) {
		p := startExporter(t, config)
		prom := startPrometheus(t, "- job_name: oms\n  static_configs: [{targets: ["+p.host()+"]}]\n")
		prom.waitFor("count by (oms) (oms_task_info)", map[string]string{"prod": tasks, "test": tasks})
		prom.waitFor("sum by (oms) (oms_tasks)", map[string]string{"prod": tasks, "test": tasks})
		prom.waitFor("min by (oms) (oms_up)", map[string]string{"prod": "1", "test": "1"})
		prom.waitFor("sum by (job) (up)", map[string]string{"oms": "1"})
	})
	t.Run("discovered targets need no relabeling", func(t *testing.T) {
		p := startExporter(t, config, "--no-web.tasks-on-metrics")
		prom := startPrometheus(t, "- job_name: oms\n  http_sd_configs: [{url: "+p.url+"/sd, refresh_interval: 1s}]\n"+
			"- job_name: oms_exporter\n  static_configs: [{targets: ["+p.host()+"]}]\n")
		prom.waitFor("count by (oms) (oms_task_info)", map[string]string{"prod": tasks, "test": tasks})
		prom.waitFor(`sum by (instance) (up{job="oms"})`, map[string]string{"prod": "1", "test": "1"})
		prom.waitFor(`count by (oms) (oms_task_info{job="oms", instance=~"prod|test"})`,
			map[string]string{"prod": tasks, "test": tasks})
		prom.waitFor(`count by (job) ({__name__=~"oms_.*", exported_oms!=""})`, map[string]string{})
		prom.waitFor(`count by (job) (go_goroutines)`, map[string]string{"oms_exporter": "1"})
	})
}
