//go:build slow

package boards

import (
	"fmt"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

// baseline is the commit whose rules BenchmarkRules compares with.
const baseline = "eeb604a"

// scrapeEvery is the number of evaluations per scrape. Scrapes cost more than evaluations, and the benchmark does not
// compare them.
const scrapeEvery = 3

// costEvaluations is the number of evaluations that BenchmarkRules measures.
const costEvaluations = 4 * scrapeEvery

// BenchmarkRules compares the cost of the rules with the cost of the rules at the baseline commit. It reports the time
// and the CPU time of one evaluation, and their ratios to the baseline. Three Prometheus servers scrape the same series
// at the same time: one with each rules file, and one without rules, whose CPU time is the cost of scraping. The
// machine must have nothing else to do. The benchmark takes half an hour:
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

func compareCosts(b *testing.B, tasks int, interval time.Duration) {
	b.Helper()
	b.Setenv("GOMAXPROCS", "1") // on more CPUs, the servers would delay each other
	exporter := httptest.NewServer(fleet(tasks))
	b.Cleanup(exporter.Close)
	noRules := ruleFile{Groups: []ruleGroup{{Name: "oms", Rules: []rule{}}}}
	scraping := startWithRules(b, exporter, interval, noRules)
	before := startWithRules(b, exporter, interval, baselineRules(b))
	now := startWithRules(b, exporter, interval, readRules(b))
	// The first evaluations find no series and no results of earlier ones.
	time.Sleep((scrapeEvery + 2) * interval)
	scrapingStart, beforeStart, nowStart := readUsage(b, scraping), readUsage(b, before), readUsage(b, now)
	for readUsage(b, before).since(beforeStart).evaluations < costEvaluations ||
		readUsage(b, now).since(nowStart).evaluations < costEvaluations {
		time.Sleep(interval)
	}
	scrapingCPU := readUsage(b, scraping).since(scrapingStart).cpu
	old, present := readUsage(b, before).since(beforeStart), readUsage(b, now).since(nowStart)
	evaluationCPU := func(u usage) float64 { return (u.cpu - scrapingCPU) / u.evaluations }
	b.ReportMetric(0, "ns/op") // the time is that of the sleeps
	b.ReportMetric(present.duration/present.evaluations, "s/evaluation")
	b.ReportMetric(present.duration/present.evaluations/(old.duration/old.evaluations), "time-ratio")
	b.ReportMetric(evaluationCPU(present), "cpu-s/evaluation")
	b.ReportMetric(evaluationCPU(present)/evaluationCPU(old), "cpu-ratio")
}

const costConfig = `
global: {scrape_interval: %[1]s, scrape_timeout: %[1]s}
rule_files: [%[2]s]
scrape_configs:
  - job_name: oms
    static_configs: [{targets: [%[3]q]}]
`

func startWithRules(b *testing.B, exporter *httptest.Server, interval time.Duration, rules ruleFile) prometheusAPI {
	b.Helper()
	dir := b.TempDir()
	rules.Groups[0].Interval = interval.String()
	writeYAML(b, filepath.Join(dir, rulesFile), rules)
	config := fmt.Sprintf(costConfig, scrapeEvery*interval, rulesFile, exporter.Listener.Addr())
	return startPrometheus(b, "prometheus", dir, config, "--query.lookback-delta=15m")
}

// usage is the CPU time and the number of evaluations of a Prometheus since its start.
type usage struct {
	cpu         float64 // seconds
	duration    float64 // of all evaluations, in seconds
	evaluations float64 // without the missed ones
}

func (u usage) since(start usage) usage {
	return usage{
		cpu:         u.cpu - start.cpu,
		duration:    u.duration - start.duration,
		evaluations: u.evaluations - start.evaluations,
	}
}

func readUsage(b *testing.B, p prometheusAPI) usage {
	b.Helper()
	metrics := p.metrics(b)
	if failures := sumOf(b, metrics, "prometheus_rule_evaluation_failures_total"); failures != 0 {
		b.Fatalf("%g evaluations of rules failed", failures)
	}
	return usage{
		cpu:      metrics.Value(b, "process_cpu_seconds_total"),
		duration: metrics.Value(b, "prometheus_rule_group_duration_seconds_sum"),
		evaluations: sumOf(b, metrics, "prometheus_rule_group_iterations_total") -
			sumOf(b, metrics, "prometheus_rule_group_iterations_missed_total"),
	}
}

// sumOf returns the sum of all series of a metric.
func sumOf(b *testing.B, metrics testutil.Reply, name string) (sum float64) {
	b.Helper()
	for line := range strings.Lines(metrics.Body) {
		if strings.HasPrefix(line, name+"{") {
			sum += metrics.Value(b, line[:strings.LastIndex(line, " ")])
		}
	}
	return sum
}

// baselineRules reads the rules of the baseline commit from git.
func baselineRules(b *testing.B) (rules ruleFile) {
	b.Helper()
	text, err := exec.CommandContext(b.Context(), "git", "show", baseline+":dashboards/"+rulesFile).Output()
	if err != nil {
		b.Fatalf("git show %s: %v: use a full clone, which has this commit", baseline, err)
	}
	if err := yaml.Unmarshal(text, &rules); err != nil {
		b.Fatal(err)
	}
	return rules
}
