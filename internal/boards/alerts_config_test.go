package boards

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

const prometheusExample = "prometheus.example.yml"

var alertmanagerExample = shipped("alertmanager.example.yml")

func TestAlertmanagerExampleIsAccepted(t *testing.T) {
	t.Parallel()
	if out, err := amtool(t, "check-config", alertmanagerExample); err != nil {
		t.Fatalf("amtool check-config: %v\n%s", err, out)
	}
}

func TestAlertsAreRoutedByOwner(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		receiver string
		labels   []string
	}{
		"a task's alert goes to its owner's team":    {"orders-team", []string{"alertname=OMSTaskFailed", "severity=warning", "oms=prod", "owner=li.wei"}},
		"each team by its own owners":                {"billing-team", []string{"alertname=OMSTaskStepStalled", "severity=critical", "oms=prod", "owner=wang.fang"}},
		"an owner of no team goes to the DBAs":       {"dba", []string{"alertname=OMSTaskFailed", "severity=warning", "oms=prod", "owner=somebody"}},
		"a task without owner goes to the DBAs":      {"dba", []string{"alertname=OMSTaskFailed", "severity=warning", "oms=prod"}},
		"a name that only contains an owner is none": {"dba", []string{"alertname=OMSTaskFailed", "severity=warning", "owner=li.weiss"}},
		"info wakes nobody":                          {"quiet", []string{"alertname=OMSTaskAlarming", "severity=info", "oms=prod", "owner=li.wei"}},
		"an OMS that is down is the DBAs' affair":    {"dba", []string{"alertname=OMSDown", "severity=critical", "oms=prod"}},
		"so is the exporter":                         {"dba", []string{"alertname=OMSExporterDown", "severity=critical"}},
		"and its config":                             {"dba", []string{"alertname=OMSExporterConfigReloadFailed", "severity=warning"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := append(
				[]string{"config", "routes", "test", "--config.file=" + alertmanagerExample, "--verify.receivers=" + c.receiver},
				c.labels...)
			if out, err := amtool(t, args...); err != nil {
				t.Errorf("%v: %v\n%s", c.labels, err, out)
			}
		})
	}
}

// amtool does not try inhibition; what is checked is that each pair is there and names alerts that exist.
func TestAlertsAreInhibited(t *testing.T) {
	t.Parallel()
	var config struct {
		Inhibit []struct {
			Source []string `yaml:"source_matchers"`
			Target []string `yaml:"target_matchers"`
			Equal  []string `yaml:"equal"`
		} `yaml:"inhibit_rules"`
	}
	readYAML(t, alertmanagerExample, &config)
	got := map[string]bool{}
	for _, r := range config.Inhibit {
		down := slices.ContainsFunc(r.Source, func(m string) bool { return strings.HasSuffix(m, `Down"`) })
		if down && !slices.Contains(r.Source, `partial=""`) {
			t.Errorf("a partial failure inhibits: %v", r.Source)
		}
		got[strings.Join(r.Source, ",")+" > "+strings.Join(r.Target, ",")+" by "+strings.Join(r.Equal, ",")] = true
	}
	for _, want := range []string{
		`alertname="OMSDown",partial="" > alertname=~"OMS.+",alertname!="OMSDown" by oms`,
		`alertname="OMSExporterDown",partial="" > alertname=~"OMS.+",alertname!~"OMSExporter.+" by `,
		`alertname=~"OMSTask.+",alertname!="OMSTaskAlarming" > alertname="OMSTaskAlarming" by oms,task_id`,
	} {
		if !got[want] {
			t.Errorf("no rule inhibits %s", want)
		}
	}
}

func TestPrometheusExampleIsAcceptedInBothForms(t *testing.T) {
	t.Parallel()
	text := testutil.ReadFile(t, shipped(prometheusExample))
	first, second, found := strings.Cut(string(text), "  # Form 2")
	if !found {
		t.Fatal("the second form is missing")
	}
	// The jobs of the second form are commented lines; the first form's job makes room for them.
	head, _, found := strings.Cut(first, "  # Form 1")
	if !found {
		t.Fatal("the first form is missing")
	}
	var jobs []string
	for line := range strings.Lines(second) {
		if yaml, ok := strings.CutPrefix(line, "  # "); ok &&
			(strings.HasPrefix(yaml, " ") || strings.HasPrefix(yaml, "- ")) {
			jobs = append(jobs, "  "+yaml)
		}
	}
	rules := testutil.ReadFile(t, shipped(rulesFile))
	for form, config := range map[string]string{"form 1": string(text), "form 2": head + strings.Join(jobs, "")} {
		t.Run(form, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for name, content := range map[string]string{rulesFile: string(rules), prometheusExample: config} {
				testutil.WriteFile(t, filepath.Join(dir, name), content)
			}
			eachVersion(t, "promtool", func(t *testing.T, promtool string) {
				out, err := run(t, dir, promtool, "check", "config", prometheusExample)
				if err != nil || !strings.Contains(out, "1 rule files found") {
					t.Errorf("promtool check config: %v\n%s", err, out)
				}
			})
		})
	}
}
