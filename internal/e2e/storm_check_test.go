//go:build slow

package e2e

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// scrape scrapes once and compares the answer with the truth. Sometimes the scraper leaves before the answer.
func (s *storm) scrape(random *rand.Rand, path string) {
	s.paging.RLock()
	defer s.paging.RUnlock()
	ctx, cancel := context.WithTimeout(s.t.Context(), 30*time.Second)
	defer cancel()
	impatient := random.IntN(10) == 0
	if impatient {
		time.AfterFunc(time.Duration(random.IntN(300))*time.Millisecond, cancel)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+path, nil)
	if err != nil {
		s.t.Error(err)
		return
	}
	req.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", fmt.Sprint(1+random.IntN(3)))
	began := time.Now()
	res, err := s.client.Do(req)
	var body []byte
	if err == nil {
		body, err = io.ReadAll(res.Body)
		_ = res.Body.Close()
	}
	switch {
	case err != nil && impatient:
		s.left.Add(1)
		return
	case err != nil:
		s.t.Errorf("%s: no answer: %v", path, err)
		return
	case res.StatusCode == http.StatusServiceUnavailable:
		s.refused.Add(1)
		s.pause(random, 100*time.Millisecond)
		return
	case res.StatusCode != http.StatusOK:
		s.t.Errorf("%s: %d %s", path, res.StatusCode, body)
		return
	}
	s.answers.Add(1)
	if err := s.judge(path, string(body), began); err != nil {
		s.t.Errorf("%s: %v\n%.3000s", path, err, body)
	}
}

// judge holds an answer against what it must be: a valid exposition, in which each target shows all of its tasks or
// none.
func (s *storm) judge(path, body string, began time.Time) error {
	if err := unique(body); err != nil {
		return err
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(body))
	if err != nil {
		return fmt.Errorf("not valid: %w", err)
	}
	shown := map[string]map[string]string{} // status by task, by target
	for _, m := range families["oms_task_status"].GetMetric() {
		if shown[label(m, "oms")] == nil {
			shown[label(m, "oms")] = map[string]string{}
		}
		if tasks := shown[label(m, "oms")]; m.GetGauge().GetValue() == 1 {
			tasks[label(m, "task_id")] = label(m, "status")
		}
	}
	up := families["oms_up"].GetMetric()
	want := len(s.targets)
	if strings.HasPrefix(path, "/probe") {
		want = 1
	}
	if len(up) != want {
		return fmt.Errorf("%d targets, want %d", len(up), want)
	}
	for _, m := range up {
		name, tasks := label(m, "oms"), shown[label(m, "oms")]
		if m.GetGauge().GetValue() == 0 {
			s.failed.Add(1)
			if len(tasks) > 0 {
				return fmt.Errorf("%s is not up, and shows %d tasks", name, len(tasks))
			}
			continue
		}
		s.complete.Add(1)
		for _, target := range s.targets {
			if target.name == name {
				if err := target.holds(tasks, began); err != nil {
					return fmt.Errorf("%s: %w", name, err)
				}
			}
		}
	}
	return nil
}

// holds reports whether each task is as it was at one of the moments when a page was asked for during the walk, which
// may have begun before this scrape, and whether all are there.
func (t *stormTarget) holds(tasks map[string]string, began time.Time) error {
	window := t.Now().Add(-haste * (time.Since(began) + stormTimeout + time.Second))
	moments := map[time.Time]bool{}
	for _, request := range t.Requests() {
		if request.When.After(window) {
			second := request.When.Truncate(time.Second)
			moments[second], moments[second.Add(time.Second)] = true, true
		}
	}
	possible := map[string][]string{} // statuses by task
	for moment := range moments {
		for id, status := range t.at(moment) {
			if !slices.Contains(possible[id], status) {
				possible[id] = append(possible[id], status)
			}
		}
	}
	if len(tasks) != len(possible) {
		return fmt.Errorf("%d tasks are shown of %d", len(tasks), len(possible))
	}
	for id, status := range tasks {
		if !slices.Contains(possible[id], status) {
			return fmt.Errorf("task %s is shown as %s, and was %v", id, status, possible[id])
		}
	}
	return nil
}

// at gives the statuses of all tasks at a moment.
func (t *stormTarget) at(moment time.Time) map[string]string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if known, ok := t.past[moment]; ok {
		return known
	}
	if len(t.past) > 10_000 {
		clear(t.past)
	}
	statuses := map[string]string{}
	for _, row := range t.Truth(moment) {
		statuses[row.ID] = row.Status
	}
	t.past[moment] = statuses
	return statuses
}

func label(m *dto.Metric, name string) string {
	for _, pair := range m.GetLabel() {
		if pair.GetName() == name {
			return pair.GetValue()
		}
	}
	return ""
}

// unique returns a series that appears twice, if there is one.
func unique(exposition string) error {
	seen := map[string]bool{}
	for line := range strings.Lines(exposition) {
		if series := line[:max(0, strings.LastIndex(line, " "))]; !strings.HasPrefix(line, "#") && series != "" {
			if seen[series] {
				return fmt.Errorf("twice: %s", series)
			}
			seen[series] = true
		}
	}
	return nil
}
