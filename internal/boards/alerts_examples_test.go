package boards

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

func TestAlertmanagerExample(t *testing.T) {
	t.Parallel()
	example := shipped("alertmanager.example.yml")
	t.Run("amtool accepts it", func(t *testing.T) {
		t.Parallel()
		if out, err := runTool(t, "", "amtool", "check-config", example); err != nil {
			t.Fatalf("amtool check-config: %v\n%s", err, out)
		}
	})
	for name, c := range map[string]struct {
		receiver string
		labels   []string
	}{
		"an alert of a task goes to the team of the owner": {"orders-team", []string{"alertname=OMSTaskFailed", "severity=warning", "oms=prod", "owner=li.wei"}},
		"each team has its own owners":                     {"billing-team", []string{"alertname=OMSTaskStepStalled", "severity=critical", "oms=prod", "owner=wang.fang"}},
		"an owner without a team goes to the DBAs":         {"dba", []string{"alertname=OMSTaskFailed", "severity=warning", "oms=prod", "owner=somebody"}},
		"a task without an owner goes to the DBAs":         {"dba", []string{"alertname=OMSTaskFailed", "severity=warning", "oms=prod"}},
		"a longer name is another owner":                   {"dba", []string{"alertname=OMSTaskFailed", "severity=warning", "owner=li.weiss"}},
		"info goes to the quiet receiver":                  {"quiet", []string{"alertname=OMSTaskAlarming", "severity=info", "oms=prod", "owner=li.wei"}},
		"OMSDown goes to the DBAs":                         {"dba", []string{"alertname=OMSDown", "severity=critical", "oms=prod"}},
		"OMSExporterDown goes to the DBAs":                 {"dba", []string{"alertname=OMSExporterDown", "severity=critical"}},
		"a failed reload goes to the DBAs":                 {"dba", []string{"alertname=OMSExporterConfigReloadFailed", "severity=warning"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := []string{"config", "routes", "test", "--config.file=" + example, "--verify.receivers=" + c.receiver}
			if out, err := runTool(t, "", "amtool", append(args, c.labels...)...); err != nil {
				t.Errorf("%v: %v\n%s", c.labels, err, out)
			}
		})
	}
	// amtool cannot test inhibition, so this compares the matchers.
	t.Run("an alert that explains others inhibits them", func(t *testing.T) {
		var config struct {
			Inhibit []struct {
				Source []string `yaml:"source_matchers"`
				Target []string `yaml:"target_matchers"`
				Equal  []string `yaml:"equal"`
			} `yaml:"inhibit_rules"`
		}
		testutil.ReadYAML(t, example, &config)
		got := map[string]bool{}
		for _, r := range config.Inhibit {
			down := slices.ContainsFunc(r.Source, func(m string) bool { return strings.HasSuffix(m, `Down"`) })
			if down && !slices.Contains(r.Source, `partial=""`) {
				t.Errorf("a partial failure inhibits alerts: %v", r.Source)
			}
			got[strings.Join(r.Source, ",")+" > "+strings.Join(r.Target, ",")+" by "+strings.Join(r.Equal, ",")] = true
		}
		for _, want := range []string{
			`alertname="OMSDown",partial="" > alertname=~"OMS.+",alertname!="OMSDown" by oms`,
			`alertname="OMSExporterDown",partial="" > alertname=~"OMS.+",alertname!~"OMSExporter.+" by `,
			`alertname=~"OMSTask.+",alertname!="OMSTaskAlarming" > alertname="OMSTaskAlarming" by oms,task_id`,
		} {
			if !got[want] {
				t.Errorf("missing rule: %s", want)
			}
		}
	})
}

func TestPrometheusExample(t *testing.T) {
	t.Parallel()
	const example = "prometheus.example.yml"
	form1 := string(testutil.ReadFile(t, shipped(example)))
	first, second, found := strings.Cut(form1, "  # Form 2")
	head, _, foundFirst := strings.Cut(first, "  # Form 1")
	if !found || !foundFirst {
		t.Fatalf(`%s lacks "# Form 1" or "# Form 2"`, example)
	}
	form2 := head // with the jobs that are comments in the file
	for line := range strings.Lines(second) {
		if job, ok := strings.CutPrefix(line, "  # "); ok &&
			(strings.HasPrefix(job, " ") || strings.HasPrefix(job, "- ")) {
			form2 += "  " + job
		}
	}
	rules := string(testutil.ReadFile(t, shipped(rulesFile)))
	for name, config := range map[string]string{"promtool accepts form 1": form1, "promtool accepts form 2": form2} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			testutil.WriteFile(t, filepath.Join(dir, rulesFile), rules)
			testutil.WriteFile(t, filepath.Join(dir, example), config)
			eachVersion(t, "promtool", func(t *testing.T, promtool string) {
				out, err := runTool(t, dir, promtool, "check", "config", example)
				if err != nil || !strings.Contains(out, "1 rule files found") {
					t.Errorf("promtool check config: %v\n%s", err, out)
				}
			})
		})
	}
}
