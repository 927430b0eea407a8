package boards

import (
	"fmt"
	"strings"
	"testing"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

func TestRules(t *testing.T) {
	t.Parallel()
	t.Run("promtool accepts them", func(t *testing.T) {
		eachVersion(t, "promtool", func(t *testing.T, promtool string) {
			if out, err := runTool(t, "", promtool, "check", "rules", shipped(rulesFile)); err != nil {
				t.Fatalf("promtool check rules: %v\n%s", err, out)
			}
		})
	})
	// Prometheus evaluates groups in parallel. A rule would then read only some of the new results of another group.
	t.Run("all rules are in one group", func(t *testing.T) {
		if groups := readRules(t).Groups; len(groups) != 1 {
			t.Errorf("got %d groups", len(groups))
		}
	})
	// Two replicas, or a new name of a task, give two series of oms_task_info. The join then fails, and the alert ends.
	t.Run("no expression joins oms_task_info", func(t *testing.T) {
		for _, r := range allRules(t) {
			if strings.Contains(r.Expr, "group_left (name") || strings.Contains(r.Expr, "group_left (owner") {
				t.Errorf("%s joins oms_task_info", r)
			}
		}
	})
}

func TestAlertTexts(t *testing.T) {
	t.Parallel()
	alerts := alertRules(t)
	t.Run("every alert has a summary and a description", func(t *testing.T) {
		for _, alert := range alerts {
			if alert.Annotations["summary"] == "" || alert.Annotations["description"] == "" {
				t.Errorf("%s: got %v", alert, alert.Annotations)
			}
		}
	})
	t.Run("an alert of a task has its name and owner", func(t *testing.T) {
		for _, alert := range alerts {
			if strings.HasPrefix(alert.Alert, "OMSTask") &&
				(!strings.Contains(alert.Annotations["summary"], `label "name"`) || alert.Labels["owner"] == "") {
				t.Errorf("%s: summary %q, owner %q", alert, alert.Annotations["summary"], alert.Labels["owner"])
			}
		}
	})
	t.Run("dashboard_url opens the board of the alert", func(t *testing.T) {
		for _, alert := range alerts {
			board := "/d/oms-overview"
			if strings.HasPrefix(alert.Alert, "OMSTask") {
				board = "/d/oms-task?var-oms={{ $labels.oms | urlquery }}&var-task_id={{ $labels.task_id | urlquery }}"
			}
			if url := alert.Annotations["dashboard_url"]; !strings.HasPrefix(url, board) {
				t.Errorf("%s: dashboard_url is %q, want %s", alert, url, board)
			}
		}
	})
	t.Run("runbook_url opens the section of the alert", func(t *testing.T) {
		for _, alert := range alerts {
			if url, want := alert.Annotations["runbook_url"], runbookURL(alert.Alert); url != want {
				t.Errorf("%s: runbook_url is %s, want %s", alert, url, want)
			}
		}
	})
	t.Run("queries in texts quote names with %+q", func(t *testing.T) { // PromQL cannot parse some results of %q
		for _, alert := range alerts {
			texts := fmt.Sprint(alert.Labels, alert.Annotations)
			if strings.Contains(strings.ReplaceAll(texts, "%+q", ""), "%q") {
				t.Errorf("%s uses %%q: %s", alert, texts)
			}
		}
	})
}

func TestStoryFiles(t *testing.T) {
	t.Parallel()
	files := readStories(t)
	t.Run("a story tests labels and texts of each alert", func(t *testing.T) {
		tested := map[string]bool{}
		for _, file := range files {
			for _, s := range file.Tests {
				for _, alert := range s.Alerts {
					for _, expected := range alert.Expected {
						if expected.Labels["severity"] != "" && expected.Annotations["description"] != "" {
							tested[alert.AlertName] = true
						}
					}
				}
			}
		}
		for _, name := range alertNames(t) {
			if !tested[name] {
				t.Errorf("no story has the labels and annotations of %s", name)
			}
		}
	})
	t.Run("no story expects the error of a template", func(t *testing.T) {
		for _, file := range files {
			if strings.Contains(string(testutil.ReadFile(t, file.path)), "<error expanding template") {
				t.Errorf("%s expects an error", file.path)
			}
		}
	})
	t.Run("every story has a name of its own", func(t *testing.T) {
		seen := map[string]string{"": "no file"}
		for _, file := range files {
			for _, s := range file.Tests {
				if other, found := seen[s.Name]; found {
					t.Errorf("name %q is in %s and in %s", s.Name, other, file.path)
				}
				seen[s.Name] = file.path
			}
		}
	})
}
