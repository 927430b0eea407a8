//go:build slow

package boards

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
	"github.com/oms-exporter/oms_exporter/oms/simulator"
)

// stack is a simulated OMS, a Prometheus and a receiver of alerts.
type stack struct {
	oms        *simulator.Simulator
	prometheus prometheusAPI
	receiver   *receiver
}

// TestEndToEnd runs a simulated OMS, the built exporter, Prometheus with the rules, Alertmanager and a webhook.
// Prometheus scrapes the exporter twice, as two replicas, and a third replica that has new names of tasks. A second OMS
// cannot be reached.
func TestEndToEnd(t *testing.T) {
	eachVersion(t, "prometheus", func(t *testing.T, prometheus string) {
		s := startStack(t, prometheus)
		t.Run("alerts arrive with name, step and runbook", s.testAlerts)
		t.Run("the variables of the boards have values", s.testVariables)
		t.Run("every query of the overview has data", s.testOverview)
		t.Run("every query of the task board has data", s.testTaskBoard)
		t.Run("the counts of the overview equal those of OMS", s.testCounts)
		t.Run("every status has a color", s.testStatusColors)
	})
}

const exporterConfig = `
targets:
  - name: prod
    url: %s
    page_size: 25
    http_client: {basic_auth: {username: monitor, password: secret}}
  - name: lost
    url: http://127.0.0.1:1
`

const alertmanagerConfig = `
route: {receiver: test, group_by: [oms], group_wait: 1s, group_interval: 1s, repeat_interval: 1h}
receivers:
  - name: test
    webhook_configs: [{url: %s}]
`

const prometheusConfig = `
global: {scrape_interval: 2s, scrape_timeout: 2s, evaluation_interval: 1s}
rule_files: [%s]
alerting: {alertmanagers: [{static_configs: [{targets: [%q]}]}]}
scrape_configs:
  - job_name: oms
    static_configs:
      - {targets: [%[3]q], labels: {instance: a}}
      - {targets: [%[3]q], labels: {instance: b}}
      - {targets: [%[4]q], labels: {instance: c}}
`

// renamedTasks is the exposition of the third replica, in which two tasks have new names.
const renamedTasks = `
oms_task_info{oms="prod",task_id="np_t01",type="MIGRATION",source_type="MYSQL",sink_type="OB_MYSQL",name="renamed",owner="li.na",importance="HIGH",subtask="false"} 1
oms_task_info{oms="prod",task_id="np_t06",type="MIGRATION",source_type="OB_ORACLE",sink_type="ORACLE",name="renamed",owner="admin",importance="MEDIUM",subtask="false"} 1
`

func startStack(t *testing.T, prometheus string) *stack {
	t.Helper()
	alertmanager := lookPath(t, "prometheus-alertmanager", "alertmanager")
	dir := t.TempDir()
	write := func(name, text string) string { return testutil.WriteFile(t, filepath.Join(dir, name), text) }
	host := func(url string) string { return strings.TrimPrefix(url, "http://") }

	s := &stack{oms: simulator.New(simulator.Options{User: "monitor", Password: "secret"}), receiver: newReceiver(t)}
	upstream := httptest.NewServer(s.oms)
	t.Cleanup(upstream.Close)
	_, exporter := testutil.StartExporter(
		t, nil, "--config.file="+write("oms.yml", fmt.Sprintf(exporterConfig, upstream.URL)))
	replica := httptest.NewServer(http.HandlerFunc(func(response http.ResponseWriter, _ *http.Request) {
		_, _ = response.Write([]byte(renamedTasks))
	}))
	t.Cleanup(replica.Close)
	alerts := startReady(t, exec.Command(alertmanager, "--web.listen-address=127.0.0.1:0", "--cluster.listen-address=",
		"--storage.path="+filepath.Join(dir, "alertmanager"),
		"--config.file="+write("alertmanager.yml", fmt.Sprintf(alertmanagerConfig, s.receiver.URL))))
	writeYAML(t, filepath.Join(dir, rulesFile), compress(t, readRules(t)))
	s.prometheus = startPrometheus(t, prometheus, dir,
		fmt.Sprintf(prometheusConfig, rulesFile, host(alerts), host(exporter), host(replica.URL)))
	return s
}

// alert is an alert as a webhook receives it.
type alert struct {
	Status      string            `json:"status"`
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
}

// receiver is a webhook that keeps the alerts of Alertmanager.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	alerts []alert
}

func newReceiver(t *testing.T) *receiver {
	r := new(receiver)
	r.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, request *http.Request) {
		var message struct{ Alerts []alert }
		if err := json.NewDecoder(request.Body).Decode(&message); err != nil {
			t.Errorf("webhook: %v", err)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.alerts = append(r.alerts, message.Alerts...)
	}))
	t.Cleanup(r.Close)
	return r
}

// find returns the newest firing alert of a task, or of an OMS if task is "".
func (r *receiver) find(name, oms, task string) (alert, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, a := range slices.Backward(r.alerts) {
		if a.Status == "firing" && a.Labels["alertname"] == name && a.Labels["oms"] == oms && a.Labels["task_id"] == task {
			return a, true
		}
	}
	return alert{}, false
}

func (s *stack) testAlerts(t *testing.T) {
	failed, alarming := 0, 0
	for _, row := range s.oms.Truth(time.Now()) {
		if row.Importance == "IGNORE" {
			continue
		}
		if row.Status == "FAILED" {
			failed++
			s.waitForAlert(t, "OMSTaskFailed", row, s.failedSteps(t, row.ID)...)
		}
		if row.Alarming {
			alarming++
			s.waitForAlert(t, "OMSTaskAlarming", row)
		}
		if row.Name == "step_failed_task_runs" {
			s.waitForAlert(t, "OMSTaskStepFailed", row, "FULL_TRANSFER")
		}
	}
	if failed < 2 || alarming < 2 {
		t.Errorf("the simulated OMS has only %d failed and %d alarming tasks", failed, alarming)
	}
	testutil.WaitFor(t, "OMSDown of the OMS that cannot be reached", func() error {
		a, ok := s.receiver.find("OMSDown", "lost", "")
		if !ok || !strings.Contains(a.Annotations["description"], "connect") {
			return fmt.Errorf("the alert is %v", a)
		}
		return nil
	})
}

// failedSteps returns the FAILED steps of a task.
func (s *stack) failedSteps(t *testing.T, task string) (steps []string) {
	t.Helper()
	var found []result
	testutil.WaitFor(t, "the steps of "+task, func() (err error) {
		found, err = s.prometheus.query(
			t, fmt.Sprintf(`max by (step, status) (oms_task_step_status{oms="prod", task_id=%q})`, task), false)
		if err == nil && len(found) == 0 {
			err = errors.New("no step")
		}
		return err
	})
	for _, r := range found {
		if r.Metric["status"] == "FAILED" {
			steps = append(steps, r.Metric["step"])
		}
	}
	return steps
}

// waitForAlert waits for an alert whose text names the task, the given steps and the section of the runbook.
func (s *stack) waitForAlert(t *testing.T, name string, row simulator.Row, steps ...string) {
	t.Helper()
	testutil.WaitFor(t, name+" of "+row.ID, func() error {
		a, ok := s.receiver.find(name, "prod", row.ID)
		if !ok {
			return errors.New("no alert")
		}
		text := a.Annotations["summary"] + " " + a.Annotations["description"]
		for _, part := range append(steps, row.Name, row.ID) {
			if !strings.Contains(text, part) {
				return fmt.Errorf("the text does not contain %s: %s", part, text)
			}
		}
		if a.Annotations["runbook_url"] != runbookURL(name) || a.Labels["owner"] != row.Owner {
			return fmt.Errorf("wrong runbook or owner: %v", a)
		}
		return nil
	})
}
