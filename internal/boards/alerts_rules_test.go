package boards

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/oms-exporter/oms_exporter/internal/testutil"
)

func TestAlertRulesAreAccepted(t *testing.T) {
	t.Parallel()
	eachVersion(t, "promtool", func(t *testing.T, promtool string) {
		if out, err := run(t, "", promtool, "check", "rules", shipped(rulesFile)); err != nil {
			t.Fatalf("promtool check rules: %v\n%s", err, out)
		}
	})
}

func TestAlertsHaveTheirFixedNames(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for _, alert := range alertingRules(readRules(t)) {
		names[alert.Alert] = true
	}
	got, want := slices.Sorted(maps.Keys(names)), slices.Sorted(slices.Values(alertNames))
	if !slices.Equal(got, want) {
		t.Errorf("alerts:\n got %v\nwant %v", got, want)
	}
}

func TestRulesThatBuildOnEachOtherStandInOneGroup(t *testing.T) {
	t.Parallel()
	if groups := readRules(t).Groups; len(groups) != 1 {
		t.Errorf("%d groups: groups are evaluated side by side, and a rule would see half of another's results", len(groups))
	}
}

func TestEachAlertSaysWhatAPersonNeeds(t *testing.T) {
	t.Parallel()
	for _, alert := range alertingRules(readRules(t)) {
		for _, name := range []string{"summary", "description", "runbook_url", "dashboard_url"} {
			if alert.Annotations[name] == "" {
				t.Errorf("%s has no annotation %s", alert.Alert, name)
			}
		}
		board := "/d/oms-overview"
		if strings.HasPrefix(alert.Alert, "OMSTask") {
			board = "/d/oms-task?var-oms={{ $labels.oms | urlquery }}&var-task_id={{ $labels.task_id | urlquery }}"
			if !strings.Contains(alert.Annotations["summary"], `label "name"`) {
				t.Errorf("%s: the summary does not name the task", alert.Alert)
			}
			if alert.Labels["owner"] == "" {
				t.Errorf("%s: no owner to route by", alert.Alert)
			}
		}
		if !strings.HasPrefix(alert.Annotations["dashboard_url"], board) {
			t.Errorf("%s: dashboard_url %q does not lead to %s", alert.Alert, alert.Annotations["dashboard_url"], board)
		}
	}
}

// A join on info in an expression errs as soon as two replicas or a renamed task give it twice, and the alert dies
// without a word.
func TestNoExpressionJoinsInfo(t *testing.T) {
	t.Parallel()
	for _, group := range readRules(t).Groups {
		for _, r := range group.Rules {
			if strings.Contains(r.Expr, "group_left (name") || strings.Contains(r.Expr, "group_left (owner") {
				t.Errorf("%s%s joins oms_task_info", r.Record, r.Alert)
			}
		}
	}
}

func TestEachAlertsTextIsHeldByAStory(t *testing.T) {
	t.Parallel()
	held := map[string]bool{}
	for _, file := range storyFiles(t) {
		var stories storyFile
		readYAML(t, file, &stories)
		for _, s := range stories.Tests {
			for _, alert := range s.Alerts {
				for _, expected := range alert.Expected {
					if expected.Labels["severity"] != "" && expected.Annotations["description"] != "" {
						held[alert.AlertName] = true
					}
				}
			}
		}
	}
	for _, name := range alertNames {
		if !held[name] {
			t.Errorf("no story holds labels and annotations of %s", name)
		}
	}
}

// A template that fails leaves its error in the text, and %q writes names that PromQL cannot read.
func TestTextsAreSafeForEveryName(t *testing.T) {
	t.Parallel()
	for _, alert := range alertingRules(readRules(t)) {
		for name, text := range alert.Annotations {
			if strings.Contains(strings.ReplaceAll(text, "%+q", ""), "%q") {
				t.Errorf("%s: %s uses %%q, use %%+q", alert.Alert, name)
			}
		}
		if strings.Contains(alert.Labels["owner"], "%q") {
			t.Errorf("%s: owner uses %%q, use %%+q", alert.Alert)
		}
	}
	for _, file := range storyFiles(t) {
		if strings.Contains(string(testutil.ReadFile(t, file)), "<error expanding template") {
			t.Errorf("%s expects a text that could not be expanded", file)
		}
	}
}

func TestStoryNamesAreUnique(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, file := range storyFiles(t) {
		var stories storyFile
		readYAML(t, file, &stories)
		for _, s := range stories.Tests {
			if s.Name == "" {
				t.Errorf("%s: a story without a name", file)
			}
			if other, twice := seen[s.Name]; twice {
				t.Errorf("%q stands in %s and in %s", s.Name, other, file)
			}
			seen[s.Name] = file
		}
	}
}
