package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/oms-exporter/oms_exporter/collector"
	"github.com/oms-exporter/oms_exporter/oms"
)

// What a scrape is made up of, each part by itself and within this process: the list of few active tasks among 1,500.
const partTasks = 1500

// keptOMS answers like the simulator and without a network: what is left is the client's work.
type keptOMS map[int][]byte

func newKeptOMS(b *testing.B, s setup) keptOMS {
	b.Helper()
	handler := s.simulator()
	pages := make(keptOMS)
	for number := 1; number <= s.Tasks/oms.MaxPageSize+1; number++ {
		question, err := json.Marshal(oms.ListProjectsRequest{SortField: oms.SortByCreated, Order: oms.Ascending, PageNumber: number, PageSize: oms.MaxPageSize})
		if err != nil {
			b.Fatal(err)
		}
		req := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "/api/v2?Action=ListProjects", bytes.NewReader(question))
		req.Header.Set("Content-Type", "application/json")
		res := httptest.NewRecorder()
		handler.ServeHTTP(res, req)
		pages[number] = res.Body.Bytes()
	}
	return pages
}

func (o keptOMS) RoundTrip(r *http.Request) (*http.Response, error) {
	var question struct{ PageNumber int }
	if err := json.NewDecoder(r.Body).Decode(&question); err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Request: r,
		Body: io.NopCloser(bytes.NewReader(o[question.PageNumber]))}, nil
}

func (o keptOMS) client(b *testing.B) *oms.Client {
	b.Helper()
	client, err := oms.New("http://oms.example.com", &http.Client{Transport: o}, oms.Options{SkipSteps: new(collector.Settings).EndedByStatus})
	if err != nil {
		b.Fatal(err)
	}
	return client
}

func (o keptOMS) walker(b *testing.B) *oms.Walker {
	b.Helper()
	walker, err := oms.NewWalker(o.client(b), oms.WalkOptions{})
	if err != nil {
		b.Fatal(err)
	}
	return walker
}

func BenchmarkDecode(b *testing.B) {
	for _, c := range []struct {
		name string
		oms  setup
	}{
		{"few active", setup{Tasks: partTasks, Active: few}},
		{"all active", setup{Tasks: partTasks, Active: all}},
		{"200 tables in each row", setup{Tasks: oms.MaxPageSize, Active: few, Tables: 200}},
	} {
		b.Run(c.name, func(b *testing.B) {
			kept := newKeptOMS(b, c.oms)
			client := kept.client(b)
			b.SetBytes(int64(len(kept[1])))
			b.ReportAllocs()
			for b.Loop() {
				page, err := client.ListProjects(b.Context(), oms.ListProjectsRequest{PageNumber: 1, PageSize: oms.MaxPageSize})
				if err != nil || page.Rows() != oms.MaxPageSize {
					b.Fatal(page, err)
				}
			}
		})
	}
}

func BenchmarkWalk(b *testing.B) {
	walker := newKeptOMS(b, setup{Tasks: partTasks, Active: few}).walker(b)
	b.ReportAllocs()
	for b.Loop() {
		if walk, err := walker.Walk(b.Context(), nil); err != nil || len(walk.Tasks) != partTasks {
			b.Fatal(err)
		}
	}
}

// BenchmarkFill turns tasks into the client library's families, as for a registry or protobuf.
func BenchmarkFill(b *testing.B) {
	metrics := collector.NewMetrics(collector.AllCollectors)
	snapshots := collector.Scrape(b.Context(), []*collector.Target{partTarget(b, few)})
	b.ReportAllocs()
	for b.Loop() {
		for _, f := range metrics.Families(snapshots) {
			_ = f.Model()
		}
	}
}

// BenchmarkAnswer turns tasks into each format, by the HTTP handler.
func BenchmarkAnswer(b *testing.B) {
	oms := httptest.NewServer(setup{Tasks: partTasks, Active: few}.simulator())
	defer oms.Close()
	handler, err := setup{URL: oms.URL, Collectors: collector.AllCollectors, MinInterval: time.Hour}.ours()
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct{ name, accept, encoding string }{
		{"text", "text/plain", ""},
		{"text gzipped", "text/plain", "gzip"},
		{"OpenMetrics", openMetrics, ""},
		{"protobuf", protobuf, ""},
	} {
		b.Run(c.name, func(b *testing.B) {
			req := httptest.NewRequestWithContext(b.Context(), http.MethodGet, metricsPath, nil)
			req.Header.Set("Accept", c.accept)
			req.Header.Set("Accept-Encoding", c.encoding)
			b.ReportAllocs()
			for b.Loop() {
				res := &discard{header: http.Header{}}
				handler.ServeHTTP(res, req)
				b.SetBytes(res.size)
			}
		})
	}
}

// partTarget is a target whose list is read once.
func partTarget(b *testing.B, active float64) *collector.Target {
	b.Helper()
	walk, err := newKeptOMS(b, setup{Tasks: partTasks, Active: active}).walker(b).Walk(b.Context(), nil)
	if err != nil {
		b.Fatal(err)
	}
	settings := collector.Settings{Name: targetName, Timeout: patient, FinishedDetail: 7 * 24 * time.Hour, LogRetention: 7 * 24 * time.Hour,
		Thresholds: map[string]time.Duration{"HIGH": time.Minute, "MEDIUM": 5 * time.Minute, "LOW": 10 * time.Minute}}
	return collector.NewTarget(settings, readWalk{walk}, nil)
}

type readWalk struct{ walk *oms.Walk }

func (w readWalk) Walk(context.Context, *oms.Progress) (*oms.Walk, error) { return w.walk, nil }

// discard takes an answer and keeps its size.
type discard struct {
	header http.Header
	size   int64
}

func (d *discard) Header() http.Header { return d.header }
func (d *discard) WriteHeader(int)     {}
func (d *discard) Write(p []byte) (int, error) {
	d.size += int64(len(p))
	return len(p), nil
}
