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

// scrape scrapes once and compares the answer with the tasks of OMS. One scrape in ten is canceled early.
func (s *storm) scrape(random *rand.Rand, path string) {
	s.paging.RLock()
	defer s.paging.RUnlock()
	ctx, cancel := context.WithTimeout(s.t.Context(), 30*time.Second)
	defer cancel()
	canceled := random.IntN(10) == 0
	if canceled {
		time.AfterFunc(time.Duration(random.IntN(300))*time.Millisecond, cancel)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+path, nil)
	if err != nil {
		s.t.Error(err)
		return
	}
	req.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", fmt.Sprint(1+random.IntN(3)))
	begin := time.Now()
	res, err := s.client.Do(req)
	var body []byte
	if err == nil {
		body, err = io.ReadAll(res.Body)
		_ = res.Body.Close()
	}
	switch {
	case err != nil && canceled:
		s.canceled.Add(1)
		return
	case err != nil:
		s.t.Errorf("%s: no answer: %v", path, err)
		return
	case res.StatusCode == http.StatusServiceUnavailable:
		s.refused.Add(1)
		s.pause(random, 100*time.Millisecond)
		return
	case res.StatusCode != http.StatusOK:
		s.t.Errorf("%s: status %d: %s", path, res.StatusCode, body)
		return
	}
	s.answers.Add(1)
	if err := s.checkAnswer(path, string(body), begin); err != nil {
		s.t.Errorf("%s: %v\n%.3000s", path, err, body)
	}
}

// checkAnswer returns an error unless body is a valid exposition in which each target has all of its tasks or none.
func (s *storm) checkAnswer(path, body string, begin time.Time) error {
	if err := checkDuplicates(body); err != nil {
		return err
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(body))
	if err != nil {
		return fmt.Errorf("invalid exposition: %w", err)
	}
	statuses := map[string]map[string]string{} // by target and task
	for _, m := range families["oms_task_status"].GetMetric() {
		name := label(m, "oms")
		if statuses[name] == nil {
			statuses[name] = map[string]string{}
		}
		if m.GetGauge().GetValue() == 1 {
			statuses[name][label(m, "task_id")] = label(m, "status")
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
		name := label(m, "oms")
		if m.GetGauge().GetValue() == 0 {
			s.failed.Add(1)
			if n := len(statuses[name]); n > 0 {
				return fmt.Errorf("%s is not up, and has %d tasks", name, n)
			}
			continue
		}
		s.complete.Add(1)
		for _, target := range s.targets {
			if target.name == name {
				if err := target.checkStatuses(statuses[name], begin); err != nil {
					return fmt.Errorf("%s: %w", name, err)
				}
			}
		}
	}
	return nil
}

// checkStatuses returns an error unless every task is present, with a status that it had at a request of the walk. The
// walk may have begun before the scrape.
func (t *stormTarget) checkStatuses(statuses map[string]string, begin time.Time) error {
	earliest := t.Now().Add(-stormClockRate * (time.Since(begin) + stormTimeout + time.Second))
	seconds := map[time.Time]bool{}
	for _, request := range t.Requests() {
		if request.When.After(earliest) {
			second := request.When.Truncate(time.Second)
			seconds[second], seconds[second.Add(time.Second)] = true, true
		}
	}
	possible := map[string][]string{} // statuses by task
	for second := range seconds {
		for id, status := range t.statusesAt(second) {
			if !slices.Contains(possible[id], status) {
				possible[id] = append(possible[id], status)
			}
		}
	}
	if len(statuses) != len(possible) {
		return fmt.Errorf("%d tasks, want %d", len(statuses), len(possible))
	}
	for id, status := range statuses {
		if !slices.Contains(possible[id], status) {
			return fmt.Errorf("the status of task %s is %s, want one of %v", id, status, possible[id])
		}
	}
	return nil
}

// statusesAt returns the status of each task at a second.
func (t *stormTarget) statusesAt(second time.Time) map[string]string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if cached, ok := t.statuses[second]; ok {
		return cached
	}
	if len(t.statuses) > 10_000 {
		clear(t.statuses)
	}
	statuses := map[string]string{}
	for _, row := range t.Truth(second) {
		statuses[row.ID] = row.Status
	}
	t.statuses[second] = statuses
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

// checkDuplicates returns an error if a series occurs twice.
func checkDuplicates(exposition string) error {
	seen := map[string]bool{}
	for line := range strings.Lines(exposition) {
		if series := line[:max(0, strings.LastIndex(line, " "))]; !strings.HasPrefix(line, "#") && series != "" {
			if seen[series] {
				return fmt.Errorf("duplicate series %s", series)
			}
			seen[series] = true
		}
	}
	return nil
}
