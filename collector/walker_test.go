package collector

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"github.com/oms-exporter/oms_exporter/oms"
)

// defaultSettings returns the default settings of a target.
func defaultSettings(name string) Settings {
	return Settings{
		Name: name, Timeout: 30 * time.Second,
		FinishedDetail: 7 * 24 * time.Hour, LogRetention: 7 * 24 * time.Hour, PauseLimit: 12 * time.Hour,
		Thresholds: map[string]time.Duration{"HIGH": time.Minute, "MEDIUM": 5 * time.Minute, "LOW": 15 * time.Minute},
	}
}

// serveList starts an OMS that answers first for page 1 and rest for every other page. Its clock stands still.
func serveList(t *testing.T, clock time.Time, first, rest []byte) oms.Options {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var request struct{ PageNumber int }
		if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
			t.Errorf("the request is not JSON: %v", err)
		}
		w.Header().Set("Date", clock.Format(http.TimeFormat))
		answer := rest
		if request.PageNumber == 1 {
			answer = first
		}
		_, _ = w.Write(answer)
	}))
	t.Cleanup(server.Close)
	return oms.Options{Target: server.URL}
}

// walkerOf returns a walker for the OMS that serveList started.
func walkerOf(t *testing.T, options oms.Options) *oms.Walker {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	client, err := oms.New(options.Target, &http.Client{Transport: transport}, options)
	if err != nil {
		t.Fatal(err)
	}
	walker, err := oms.NewWalker(client, oms.WalkOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return walker
}

// answerText returns the text that Prometheus reads for the HTTP answers of an OMS.
func answerText(t *testing.T, clock time.Time, first, rest []byte) string {
	t.Helper()
	walker := walkerOf(t, serveList(t, clock, first, rest))
	target := NewTarget(defaultSettings("prod"), walkerFunc(func(ctx context.Context, progress *oms.Progress) (*oms.Walk, error) {
		walk, err := walker.Walk(ctx, progress)
		for _, task := range walk.Tasks { // as if no time had passed between the answer and its arrival
			task.Received = clock.Add(-walk.ClockOffset.Value)
		}
		return walk, err
	}), nil)
	return masked(written(t, AllCollectors, false, Scrape(context.Background(), []*Target{target})...))
}

func encoded(t *testing.T, families []*dto.MetricFamily, format expfmt.Format) string {
	t.Helper()
	var text bytes.Buffer
	encoder := expfmt.NewEncoder(&text, format)
	for _, f := range families {
		if err := encoder.Encode(f); err != nil {
			t.Fatalf("%s: %v", f.GetName(), err)
		}
	}
	if closer, ok := encoder.(expfmt.Closer); ok {
		if err := closer.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return text.String()
}

var measured = regexp.MustCompile(`(?m)^((?:oms_scrape_duration_seconds|oms_clock_offset_seconds)\{.*\}) .*$`)

// masked hides the values that differ from run to run.
func masked(text string) string { return measured.ReplaceAllString(text, "$1 MASKED") }
