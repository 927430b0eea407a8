package bench

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"

	"github.com/oms-exporter/oms_exporter/oms"
)

// partTasks is the number of tasks in the benchmarks of one part, few of which are active.
const partTasks = 1500

// memoryOMS answers with the pages of the simulator from memory, without a network: the CPU time is that of the client.
type memoryOMS map[int][]byte

func newMemoryOMS(b *testing.B, s setup) memoryOMS {
	b.Helper()
	handler := s.simulator()
	pages := make(memoryOMS)
	for number := 1; number <= s.Tasks/oms.MaxPageSize+1; number++ {
		request := fmt.Sprintf(`{"order":"asc","pageNumber":%d,"pageSize":%d}`, number, oms.MaxPageSize)
		req := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "/api/v2?Action=ListProjects",
			strings.NewReader(request))
		req.Header.Set("Content-Type", "application/json")
		res := httptest.NewRecorder()
		handler.ServeHTTP(res, req)
		pages[number] = res.Body.Bytes()
	}
	return pages
}

func (o memoryOMS) RoundTrip(r *http.Request) (*http.Response, error) {
	var request struct{ PageNumber int }
	if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Request: r,
		Body: io.NopCloser(bytes.NewReader(o[request.PageNumber]))}, nil
}

// BenchmarkWalk reads lists of tasks.
func BenchmarkWalk(b *testing.B) {
	for _, c := range []struct {
		name string
		oms  setup
	}{
		{"few active", setup{Tasks: partTasks, Active: few}},
		{"all active", setup{Tasks: partTasks, Active: all}},
		{"200 tables in each row", setup{Tasks: oms.MaxPageSize, Active: few, Tables: 200}},
	} {
		b.Run(c.name, func(b *testing.B) {
			client, err := oms.New("http://oms.example.com", &http.Client{Transport: newMemoryOMS(b, c.oms)}, oms.Options{})
			if err != nil {
				b.Fatal(err)
			}
			walker, err := oms.NewWalker(client, oms.WalkOptions{})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if walk, err := walker.Walk(b.Context(), nil); err != nil || len(walk.Tasks) != c.oms.Tasks {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkAnswer writes one walk in each format.
func BenchmarkAnswer(b *testing.B) {
	oms := httptest.NewServer(setup{Tasks: partTasks, Active: few}.simulator())
	defer oms.Close()
	handler, err := setup{URL: oms.URL, MinInterval: time.Hour}.exporter()
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		name, encoding string
		format         expfmt.FormatType
	}{
		{"text", "", expfmt.TypeTextPlain},
		{"text gzipped", "gzip", expfmt.TypeTextPlain},
		{"OpenMetrics", "", expfmt.TypeOpenMetrics},
		{"protobuf", "", expfmt.TypeProtoDelim},
	} {
		b.Run(c.name, func(b *testing.B) {
			req := httptest.NewRequestWithContext(b.Context(), http.MethodGet, tasksPath, nil)
			req.Header.Set("Accept", string(expfmt.NewFormat(c.format)))
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

// discard is a ResponseWriter that only counts the bytes of the answer.
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
