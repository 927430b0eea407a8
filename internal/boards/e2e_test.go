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

// world is everything from a simulated OMS to the receiver of its alerts.
type world struct {
	oms        *simulator.Simulator
	prometheus prometheusAPI
	receiver   *receiver
}

// TestEndToEnd: simulated OMS, the built exporter (scraped twice, as two replicas are), a replica that sees new names,
// Prometheus with the rules, Alertmanager, webhook. A second OMS cannot be reached.
func TestEndToEnd(t *testing.T) {
	eachVersion(t, "prometheus", func(t *testing.T, prometheus string) {
		w := startWorld(t, prometheus)
		t.Run("alerts arrive with name, step and runbook", w.alertsArrive)
		t.Run("the boards' variables have values", w.variablesHaveValues)
		t.Run("no query of the overview errs and all have data", w.overviewHasData)
		t.Run("no query of the task board errs and all have data", w.taskBoardHasData)
		t.Run("the overview's figures are OMS's own", w.figuresAreTrue)
		t.Run("the states have colours", w.statesHaveColours)
	})
}

func startWorld(t *testing.T, prometheus string) *world {
	t.Helper()
	alertmanager := testutil.LookPath(
		t,
		"install the Debian package prometheus-alertmanager",
		"prometheus-alertmanager",
		"alertmanager",
	)
	dir := t.TempDir()
	write := func(name, text string) string { return testutil.WriteFile(t, filepath.Join(dir, name), text) }
	w := &world{oms: simulator.New(simulator.Options{User: "monitor", Password: "secret"}), receiver: newReceiver(t)}
	upstream := httptest.NewServer(w.oms)
	t.Cleanup(upstream.Close)
	_, exporter := testutil.StartExporter(
		t,
		nil,
		"--config.file="+write("oms.yml", fmt.Sprintf(exporterConfig, upstream.URL)),
	)

	alerts := startReady(t, exec.Command(alertmanager, "--web.listen-address=127.0.0.1:0", "--cluster.listen-address=",
		"--storage.path="+filepath.Join(dir, "alertmanager"),
		"--config.file="+write("alertmanager.yml", fmt.Sprintf(alertmanagerConfig, w.receiver.URL))))

	third := httptest.NewServer(
		http.HandlerFunc(func(response http.ResponseWriter, _ *http.Request) { _, _ = response.Write([]byte(renamed)) }),
	)
	t.Cleanup(third.Close)
	writeYAML(t, filepath.Join(dir, rulesFile), compress(t, readRules(t)))
	host := func(url string) string { return strings.TrimPrefix(url, "http://") }
	w.prometheus = prometheusAPI(startReady(t, exec.Command(
		prometheus,
		"--web.listen-address=127.0.0.1:0",
		"--storage.tsdb.path="+filepath.Join(dir, "prometheus"),
		"--config.file="+write(
			"prometheus.yml",
			fmt.Sprintf(prometheusConfig, rulesFile, host(alerts), host(exporter), host(third.URL)),
		),
	)))
	return w
}

// startReady starts a program of the Prometheus project and returns its URL once the program is ready.
func startReady(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	url := testutil.Start(t, cmd).URL()
	testutil.WaitFor(t, cmd.Path+" is ready", func() error {
		reply, err := testutil.Get(t, url+"/-/ready")
		if err == nil && reply.Status != http.StatusOK {
			err = fmt.Errorf("status %d: %s", reply.Status, testutil.Tail(reply.Body, 1000))
		}
		return err
	})
	return url
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

// renamed is what a third replica shows that has seen, a scrape before the others, that two tasks were given new names.
const renamed = `
oms_task_info{oms="prod",task_id="np_t01",type="MIGRATION",source_type="MYSQL",sink_type="OB_MYSQL",name="renamed",owner="li.na",importance="HIGH",subtask="false"} 1
oms_task_info{oms="prod",task_id="np_t06",type="MIGRATION",source_type="OB_ORACLE",sink_type="ORACLE",name="renamed",owner="admin",importance="MEDIUM",subtask="false"} 1
`

// alert is one as the webhook receives it.
type alert struct {
	Status      string            `json:"status"`
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
}

// receiver keeps the alerts that Alertmanager sends.
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

// find gives the newest alert of that name for a task, or for an OMS where task is "".
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

// alertsArrive: the failed and the alarming tasks of the simulated OMS, a failed step of a running task, and the OMS
// that is lost.
func (w *world) alertsArrive(t *testing.T) {
	failed, alarming := 0, 0
	for _, row := range w.oms.Truth(time.Now()) {
		if row.Importance == "IGNORE" {
			continue
		}
		if row.Status == "FAILED" {
			failed++
			w.arrives(t, "OMSTaskFailed", row, w.failedSteps(t, row.ID)...)
		}
		if row.Alarming {
			alarming++
			w.arrives(t, "OMSTaskAlarming", row)
		}
		if row.Name == "step_failed_task_runs" {
			w.arrives(t, "OMSTaskStepFailed", row, "FULL_TRANSFER")
		}
	}
	if failed < 2 || alarming < 2 {
		t.Errorf("the simulated OMS has %d failed and %d alarming tasks: too few to show anything", failed, alarming)
	}
	testutil.WaitFor(t, "OMSDown of the lost OMS", func() error {
		a, ok := w.receiver.find("OMSDown", "lost", "")
		if !ok || !strings.Contains(a.Annotations["description"], "connect") {
			return fmt.Errorf("the alert is %v", a)
		}
		return nil
	})
}

// failedSteps are the steps of a task that OMS shows as FAILED.
func (w *world) failedSteps(t *testing.T, task string) (steps []string) {
	t.Helper()
	var found []result
	testutil.WaitFor(t, "the steps of "+task, func() (err error) {
		found, err = w.prometheus.ask(
			t,
			fmt.Sprintf(`max by (step, status) (oms_task_step_status{oms="prod", task_id=%q})`, task),
			false,
		)
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

// arrives waits for an alert whose text names the task, the given steps and the runbook's section.
func (w *world) arrives(t *testing.T, name string, row simulator.Row, steps ...string) {
	t.Helper()
	testutil.WaitFor(t, name+" of "+row.ID, func() error {
		a, ok := w.receiver.find(name, "prod", row.ID)
		if !ok {
			return errors.New("not arrived")
		}
		text := a.Annotations["summary"] + " " + a.Annotations["description"]
		for _, part := range append(steps, row.Name, row.ID) {
			if !strings.Contains(text, part) {
				return fmt.Errorf("the text does not say %s: %s", part, text)
			}
		}
		if want := runbookURL + strings.ToLower(name); a.Annotations["runbook_url"] != want ||
			a.Labels["owner"] != row.Owner {
			return fmt.Errorf("wrong runbook or owner: %v", a)
		}
		return nil
	})
}
