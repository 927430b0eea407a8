//go:build slow

package boards

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

// baseline is the commit whose rules the present ones are compared with.
const baseline = "eeb604a"

// scrapeEvery is the number of evaluations for each scrape. Scrapes cost more than evaluations, and are not what is
// compared.
const scrapeEvery = 3

// costEvaluations is the number of evaluations that are measured.
const costEvaluations = 4 * scrapeEvery

// BenchmarkRules compares one evaluation of the rules with one of the rules at the baseline commit. Three Prometheus
// servers scrape the same series side by side: one with each file, and one without rules, whose CPU time is the cost of
// scraping. It reports how long an evaluation takes and its CPU time, both with the ratio to the baseline. The machine
// must have nothing else to do. It takes half an hour:
//
//	go test -tags=slow -run '^$' -bench Rules -benchtime 1x -timeout 40m ./internal/boards
func BenchmarkRules(b *testing.B) {
	for _, c := range []struct {
		tasks    int
		interval time.Duration // of evaluations
	}{
		{1_000, 15 * time.Second},
		{10_000, time.Minute},
	} {
		b.Run(fmt.Sprintf("%d active tasks", c.tasks), func(b *testing.B) { compareCosts(b, c.tasks, c.interval) })
	}
}

func compareCosts(t *testing.B, tasks int, interval time.Duration) {
	t.Helper()
	exporter := httptest.NewServer(fleet(tasks))
	t.Cleanup(exporter.Close)
	scraping := startCostServer(t, exporter.URL, interval, ruleFile{Groups: []ruleGroup{{Name: "oms", Rules: []rule{}}}})
	before := startCostServer(t, exporter.URL, interval, baselineRules(t))
	now := startCostServer(t, exporter.URL, interval, readRules(t))
	// The first evaluations find no series yet, and no results of their own.
	time.Sleep((scrapeEvery + 2) * interval)
	s, b, n := scraping.usage(t), before.usage(t), now.usage(t)
	for before.usage(t).since(b).evaluations < costEvaluations || now.usage(t).since(n).evaluations < costEvaluations {
		time.Sleep(interval)
	}
	s, b, n = scraping.usage(t).since(s), before.usage(t).since(b), now.usage(t).since(n)
	t.ReportMetric(0, "ns/op") // the time is that of the sleeps
	t.ReportMetric(n.duration/n.evaluations, "s/evaluation")
	t.ReportMetric(n.duration/n.evaluations/(b.duration/b.evaluations), "time-ratio")
	perBefore, perNow := (b.cpu-s.cpu)/b.evaluations, (n.cpu-s.cpu)/n.evaluations
	t.ReportMetric(perNow, "cpu-s/evaluation")
	t.ReportMetric(perNow/perBefore, "cpu-ratio")
}

const costConfig = `
global: {scrape_interval: %[1]s, scrape_timeout: %[1]s}
rule_files: [%[2]s]
scrape_configs:
  - job_name: oms
    static_configs: [{targets: [%[3]q]}]
  - job_name: itself
    static_configs: [{targets: [%[4]q]}]
`

// costServer is a Prometheus whose cost is measured.
type costServer string

func startCostServer(t *testing.B, exporter string, interval time.Duration, rules ruleFile) costServer {
	t.Helper()
	dir := t.TempDir()
	rules.Groups[0].Interval = interval.String()
	writeYAML(t, filepath.Join(dir, rulesFile), rules)
	listener := testutil.Listen(t)
	address := listener.Addr().String()
	_ = listener.Close() // the server takes the port
	config := testutil.WriteFile(t, filepath.Join(dir, "prometheus.yml"),
		fmt.Sprintf(costConfig, scrapeEvery*interval, rulesFile, strings.TrimPrefix(exporter, "http://"), address))
	testutil.Start(
		t,
		exec.Command(
			testutil.LookPath(t, "install the Debian package prometheus", "prometheus"), //nolint:noctx // ended by Start
			"--web.listen-address="+address,
			"--storage.tsdb.path="+filepath.Join(dir, "prometheus"),
			"--log.level=error",
			"--query.lookback-delta=15m",
			"--config.file="+config,
		),
	)
	server := costServer("http://" + address)
	testutil.WaitFor(t, "Prometheus is ready", func() error {
		_, err := testutil.Get(t, string(server)+"/-/ready")
		return err
	})
	return server
}

// usage is what a server has used so far.
type usage struct {
	cpu         float64 // seconds
	duration    float64 // of all evaluations, in seconds
	evaluations float64 // without those that were missed because the one before took too long
}

func (u usage) since(earlier usage) usage {
	return usage{
		cpu:         u.cpu - earlier.cpu,
		duration:    u.duration - earlier.duration,
		evaluations: u.evaluations - earlier.evaluations,
	}
}

// usage reads the server's own metrics.
func (s costServer) usage(t *testing.B) usage {
	t.Helper()
	metrics, err := testutil.Get(t, string(s)+"/metrics")
	if err != nil {
		t.Fatal(err)
	}
	value := func(name string) (sum float64) {
		for line := range strings.Lines(metrics.Body) {
			if strings.HasPrefix(line, name) {
				n, err := strconv.ParseFloat(strings.TrimSpace(line[strings.LastIndex(line, " "):]), 64)
				if err != nil {
					t.Fatal(err)
				}
				sum += n
			}
		}
		return sum
	}
	if failures := value("prometheus_rule_evaluation_failures_total"); failures != 0 {
		t.Fatalf("%g evaluations of rules failed", failures)
	}
	return usage{
		cpu:         value("process_cpu_seconds_total"),
		duration:    value("prometheus_rule_group_duration_seconds_sum"),
		evaluations: value("prometheus_rule_group_iterations_total") - value("prometheus_rule_group_iterations_missed_total"),
	}
}

// baselineRules reads the rules of the baseline commit from git.
func baselineRules(t *testing.B) (rules ruleFile) {
	t.Helper()
	text, err := exec.CommandContext(t.Context(), "git", "show", baseline+":dashboards/"+rulesFile).Output()
	if err != nil {
		t.Fatalf("git show: %v", err)
	}
	if err := yaml.Unmarshal(text, &rules); err != nil {
		t.Fatal(err)
	}
	return rules
}

// fleet is an exporter of an OMS with that many active tasks. Of a hundred tasks 68 synchronize, 15 are in full
// transfer, 10 are switched over, 5 catch up for the first time, and each of two has a fault of its own.
func fleet(tasks int) http.Handler {
	began := time.Now()
	return http.HandlerFunc(func(response http.ResponseWriter, _ *http.Request) {
		e := exposition{began: began, now: time.Now()}
		e.sample("oms_up", "", 1)
		e.sample("oms_scrape_age_seconds", "", 0)
		e.sample("oms_clock_offset_seconds", "", 0.2)
		e.sample("oms_scrape_tasks", "", float64(tasks))
		e.sample("oms_scrape_reported_tasks", "", float64(tasks))
		for reason := range strings.FieldsSeq("connect tls timeout auth http api decode limit") {
			e.sample("oms_scrape_failure", fmt.Sprintf(`,reason=%q`, reason), 0)
		}
		for i := range tasks {
			e.task(i)
		}
		_, _ = response.Write(e.text.Bytes())
	})
}

// exposition is what one scrape returns.
type exposition struct {
	text       bytes.Buffer
	began, now time.Time
	identity   string
}

func (e *exposition) sample(name, labels string, value float64) {
	fmt.Fprintf(&e.text, "%s{oms=\"prod\"%s%s} %g\n", name, e.identity, labels, value)
}

func (e *exposition) task(i int) {
	kind := i % 100
	e.identity = fmt.Sprintf(`,task_id="np_%08d",type="MIGRATION",source_type="MYSQL",sink_type="OB_MYSQL"`, i)
	importance := strings.Fields("LOW MEDIUM HIGH IGNORE")[i/7%4]
	e.sample(
		"oms_task_info",
		fmt.Sprintf(
			`,name="orders_%d",owner="dba_%d",importance=%q,subtask="false",source="src",sink="dst"`,
			i,
			i%20,
			importance,
		),
		1,
	)
	status := "RUNNING"
	switch kind {
	case 98:
		status = "FAILED"
	case 99:
		status = "SUSPEND"
	}
	for s := range strings.FieldsSeq("INIT RUNNING SUSPEND FAILED FINISHED RELEASING RELEASED DELETED RUNNING_MODIFYING RUNNING_MERGING") {
		e.sample("oms_task_status", fmt.Sprintf(`,status=%q`, s), truth(s == status))
	}
	e.sample("oms_task_modifying", "", 0)
	e.sample("oms_task_merging", "", 0)
	e.sample("oms_task_alarming", "", truth(kind == 97))
	e.sample("oms_task_started_timestamp_seconds", "", unixSeconds(e.began)-86400)
	e.sample("oms_task_log_retention_seconds", "", 7*86400)
	e.sample("oms_task_pause_limit_seconds", "", 12*3600)
	e.steps(kind)
	e.sync(kind)
	e.identity = ""
}

// statuses are those of a task's steps by kind of task, in the order of stepNames.
func statuses(kind int) []string {
	switch {
	case kind < 68 || kind == 97:
		return strings.Fields("FINISHED FINISHED FINISHED FINISHED FINISHED MONITORING FINISHED RUNNING INIT")
	case kind < 83:
		return strings.Fields("FINISHED FINISHED MONITORING RUNNING RUNNING INIT INIT INIT INIT")
	case kind < 93:
		return strings.Fields("FINISHED FINISHED FINISHED FINISHED FINISHED SUSPEND FINISHED FINISHED MONITORING")
	case kind < 98:
		return strings.Fields("FINISHED FINISHED FINISHED FINISHED FINISHED RUNNING INIT INIT INIT")
	case kind == 98:
		return strings.Fields("FINISHED FINISHED MONITORING FAILED INIT INIT INIT INIT INIT")
	}
	return strings.Fields("FINISHED FINISHED FINISHED FINISHED FINISHED SUSPEND INIT INIT INIT")
}

var stepNames = strings.Fields(
	"TRANSFER_PRECHECK STRUCT_TRANSFER TRANSFER_INCR_LOG_PULL FULL_TRANSFER INDEX_TRANSFER INCR_TRANSFER FULL_VERIFIER" +
		" TRANSFER_APP_SWITCH REVERSE_INCR_TRANSFER",
)

func (e *exposition) steps(kind int) {
	moved := e.now.Sub(e.began).Seconds()
	for i, status := range statuses(kind) {
		name := stepNames[i]
		step := fmt.Sprintf(`,step=%q`, name)
		e.sample("oms_task_step_status", fmt.Sprintf(`%s,order="%d",status=%q`, step, i+1, status), 1)
		progress := 0.0
		switch {
		case status == "FINISHED" || status == "MONITORING":
			progress = 1
		case status == "RUNNING" && name != "TRANSFER_APP_SWITCH":
			progress = 0.3 + moved/1e5
		}
		e.sample("oms_task_step_progress_ratio", step, progress)
		if status != "INIT" {
			e.sample("oms_task_step_started_timestamp_seconds", step, unixSeconds(e.began)-7200)
		}
		if name == "FULL_TRANSFER" || name == "FULL_VERIFIER" {
			e.sample("oms_task_step_processed_records", step, 1000*moved)
		}
	}
}

func (e *exposition) sync(kind int) {
	direction, behind := `,direction="forward"`, 5.0
	switch {
	case kind >= 83 && kind < 93:
		e.sample("oms_task_sync_checkpoint_timestamp_seconds", direction, unixSeconds(e.began)-86400)
		direction = `,direction="reverse"`
	case kind >= 93 && kind < 97:
		behind = 20_000 - 2*e.now.Sub(e.began).Seconds()
	case kind == 97:
		behind = e.now.Sub(e.began).Seconds()
	case kind == 99:
		e.sample("oms_task_sync_checkpoint_timestamp_seconds", direction, unixSeconds(e.began)-3600)
		return
	case kind >= 68 && kind < 83 || kind == 98:
		return
	}
	e.sample("oms_task_sync_checkpoint_timestamp_seconds", direction, unixSeconds(e.now)-behind)
	e.sample("oms_task_sync_delay_sample_timestamp_seconds", direction, unixSeconds(e.now)-3)
	e.sample("oms_task_sync_delay_seconds", direction, behind-3)
	e.sample("oms_task_sync_effective_delay_seconds", direction, behind)
	e.sample("oms_task_sync_delay_threshold_seconds", direction, 300)
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func unixSeconds(at time.Time) float64 { return float64(at.UnixMilli()) / 1000 }
