package collector

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/oms-exporter/oms_exporter/oms/simulator"
)

// The model derives the metrics of incremental synchronization a second time, from the JSON that OMS sends and the
// words of the contract. It shares no code with the exporter.

type jsonObject = map[string]any

// number reads a number, quoted or not; 0 if there is none.
func number(value any) float64 {
	n, err := strconv.ParseFloat(fmt.Sprint(value), 64)
	if err != nil {
		return 0
	}
	return n
}

func object(value any) jsonObject {
	o, _ := value.(jsonObject)
	return o
}

// modelSync returns the series of a row at the time now of OMS.
func modelSync(row jsonObject, now float64) []string {
	resting := map[any]bool{"INIT": true, "SUSPEND": true, "FINISHED": true, "RELEASING": true, "RELEASED": true,
		"DELETED": true}
	if row["status"] == "RELEASED" || row["status"] == "DELETED" {
		return nil
	}
	var lines []string
	for direction, names := range map[string][]any{
		"forward": {"INCR_TRANSFER", "INCR_SYNC", "CONNECTOR_INCR_SYNC"},
		"reverse": {"REVERSE_INCR_TRANSFER", "REVERSE_INCR_SYNC"},
	} {
		var step jsonObject
		steps, _ := row["steps"].([]any)
		for _, s := range steps {
			if candidate := object(s); slices.Contains(names, candidate["name"]) &&
				(step == nil || number(candidate["order"]) >= number(step["order"])) {
				step = candidate
			}
		}
		working := !resting[row["status"]] && (step == nil || !resting[step["status"]])
		info, extra := object(step["stepInfo"]), jsonObject{}
		if direction == "forward" {
			extra = object(row["extraInfo"])
		}
		add := func(name string, value float64) {
			lines = append(lines, fmt.Sprintf("oms_task_sync_%s %s %v", name, direction, value))
		}
		checkpoint, sampled := number(info["incrTimestampCheckpoint"]), number(info["checkpointSampleTimestamp"])
		delay, measured := checkpoint, checkpoint > 0 && sampled > 0
		delay = sampled - delay
		if extra["syncDelay"] != nil {
			delay, sampled, measured = number(extra["syncDelay"]), number(extra["syncDelaySampleTimestamp"]), true
		} else if !measured && number(extra["incrSyncTimestamp"]) > 0 && number(extra["syncDelaySampleTimestamp"]) > 0 {
			sampled, measured = number(extra["syncDelaySampleTimestamp"]), true
			delay = sampled - number(extra["incrSyncTimestamp"])
		}
		if checkpoint == 0 {
			checkpoint = number(extra["incrSyncTimestamp"])
		}
		if checkpoint > 0 {
			add("checkpoint_timestamp_seconds", checkpoint)
		}
		if !working || checkpoint == 0 && !measured {
			continue
		}
		if measured {
			add("delay_seconds", delay)
			if sampled > 0 {
				add("delay_sample_timestamp_seconds", sampled)
			}
		}
		effective := delay
		switch {
		case checkpoint > 0:
			effective = now - checkpoint
		case sampled > 0:
			effective += now - sampled
		}
		add("effective_delay_seconds", math.Max(effective, 0))
		if allowed, ok := map[any]float64{"HIGH": 60, "MEDIUM": 300, "IGNORE": 0}[row["importance"]]; !ok {
			add("delay_threshold_seconds", 900)
		} else if allowed > 0 {
			add("delay_threshold_seconds", allowed)
		}
	}
	slices.Sort(lines)
	return lines
}

func TestSyncModel(t *testing.T) {
	demo := answer{
		name:  "demo",
		clock: time.Date(2025, 6, 1, 12, 0, 0, 0, time.UTC),
		empty: []byte(`{"success":true,"data":[]}`),
	}
	s := simulator.New(simulator.Options{Now: func() time.Time { return demo.clock }})
	recorder := httptest.NewRecorder()
	request := httptest.NewRequest(http.MethodPost, "/api/v2?Action=ListProjects", strings.NewReader(`{"pageSize":150}`))
	request.Header.Set("Content-Type", "application/json")
	s.ServeHTTP(recorder, request)
	demo.page = recorder.Body.Bytes()
	for _, a := range []answer{exampleProjects(t), demo} {
		t.Run(a.name, func(t *testing.T) {
			var page struct{ Data []jsonObject }
			decoder := json.NewDecoder(bytes.NewReader(a.page))
			decoder.UseNumber()
			if err := decoder.Decode(&page); err != nil {
				t.Fatal(err)
			}
			got := make(map[string][]string) // by task
			for line := range strings.Lines(answerText(t, a.clock, a.page, a.empty)) {
				if rest, ok := strings.CutPrefix(line, "oms_task_sync_"); ok {
					name, labels, _ := strings.Cut(rest, "{")
					_, id, _ := strings.Cut(labels, `task_id="`)
					id, value, _ := strings.Cut(id, `"`)
					direction := strings.SplitN(labels, `"`, 3)[1]
					n := number(strings.TrimSpace(value[strings.Index(value, "}")+1:]))
					got[id] = append(got[id], fmt.Sprintf("oms_task_sync_%s %s %v", name, direction, n))
				}
			}
			want := make(map[string][]string)
			directions := 0
			for _, row := range page.Data {
				if lines := modelSync(row, float64(a.clock.Unix())); len(lines) > 0 && !isLongFinished(row, a.clock) {
					want[fmt.Sprint(row["id"])] = lines
					directions++
				}
			}
			if directions < 4 {
				t.Fatalf("only %d tasks have incremental synchronization", directions)
			}
			for _, id := range slices.Sorted(maps.Keys(want)) {
				slices.Sort(got[id])
				checkLines(t, got[id], want[id])
				delete(got, id)
			}
			if len(got) > 0 {
				t.Errorf("series of tasks that have none: %v", got)
			}
		})
	}
}

// isLongFinished reports whether a task has been FINISHED for more than the seven days of the default settings.
func isLongFinished(row jsonObject, now time.Time) bool {
	finished, err := time.Parse("2006-01-02T15:04:05", fmt.Sprint(row["gmtFinish"]))
	return row["status"] == "FINISHED" && err == nil && now.Sub(finished) > 7*24*time.Hour
}
