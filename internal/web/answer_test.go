package web

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"

	"github.com/oms-exporter/oms_exporter/collector"
	"github.com/oms-exporter/oms_exporter/oms"
)

// shown is a scrape of the simulator's stories, and of a target that failed.
func shown(t *testing.T) []*collector.Snapshot {
	t.Helper()
	e := startExporter(t, nil, startOMS(t).target("prod"))
	snapshots := collector.Scrape(t.Context(), e.targets.all())
	failed := collector.NewTarget(collector.Settings{Name: "broken"}, nil, nil)
	return append(snapshots, &collector.Snapshot{Target: failed, Walk: &oms.Walk{}, Err: &oms.Error{Reason: oms.TLS}})
}

// promhttp is what everyone else answers with: ours differs from it in nothing that a client sees.
func TestAnAnswerIsTheOneOfPromhttp(t *testing.T) {
	snapshots := shown(t)
	s := &Server{metrics: collector.NewMetrics(collector.AllCollectors)}
	own := prometheus.NewRegistry()
	counter := prometheus.NewCounter(prometheus.CounterOpts{
		Name: "oms_middle_total", Help: "Between \"the\" others.\nTwo lines.",
	})
	last := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "z_seconds", NativeHistogramBucketFactor: 1.1, Buckets: []float64{1, 2}})
	last.Observe(1.5)
	own.MustRegister(counter, last)
	theirs := promhttp.HandlerFor(prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
		families, err := own.Gather()
		for _, f := range s.metrics.Families(snapshots) {
			if model := f.Model(); model != nil {
				families = append(families, model)
			}
		}
		slices.SortFunc(families, func(a, b *dto.MetricFamily) int { return strings.Compare(a.GetName(), b.GetName()) })
		return families, err
	}), promhttp.HandlerOpts{EnableOpenMetrics: true})
	ours := compressedTest(t, func(w http.ResponseWriter, r *http.Request) {
		s.answer(w, r, s.metrics.Families(snapshots), own)
	})
	const delimited = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding="
	for _, accept := range []string{
		"", "text/plain", "text/plain;version=0.0.4", "*/*", "text/html", "text/plain;version=1.0.0;escaping=allow-utf-8,text/plain;version=0.0.4;q=0.5",
		"application/openmetrics-text;version=1.0.0", "application/openmetrics-text;version=0.0.1", "application/openmetrics-text",
		"application/openmetrics-text;version=1.0.0;escaping=dots,text/plain;q=0.1", "application/openmetrics-text;version=2.0.0",
		delimited + "delimited", delimited + "text", delimited + "compact-text",
		delimited + "delimited;q=0.6,application/openmetrics-text;version=1.0.0;escaping=values;q=0.5,text/plain;q=0.1",
	} {
		for _, query := range []string{"", "?name[]=oms_up&name[]=oms_task_status&name[]=z_seconds", "?name[]=unknown"} {
			for _, encoding := range []string{
				"", "identity", "gzip", "gzip, deflate, br, zstd", "gzip;q=0", "identity;q=0.5, gzip", "*;q=0", "gzip;q=1.0, *;q=0", "br",
				"gzip;q=broken",
			} {
				if encoding != "" && query != "" {
					continue
				}
				want, got := asked(t, theirs, query, accept, encoding), asked(t, ours, query, accept, encoding)
				if !reflect.DeepEqual(want, got) { // cmp takes a second for what is equal, and there are hundreds of answers
					t.Fatalf("Accept: %s, Accept-Encoding: %s, %s (- promhttp, + ours):\n%.2000s", accept, encoding, query, cmp.Diff(want, got))
				}
			}
		}
	}
}

func compressedTest(t *testing.T, serve http.HandlerFunc) http.Handler {
	t.Helper()
	handler, err := compressed(serve)
	if err != nil {
		t.Fatal(err)
	}
	return handler
}

type sentAnswer struct {
	Status int
	Header http.Header
	Lines  []string
}

func asked(t *testing.T, of http.Handler, query, accept, encoding string) sentAnswer {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics"+query, nil)
	req.Header.Set("Accept", accept)
	if encoding != "" {
		req.Header.Set("Accept-Encoding", encoding)
	}
	res := httptest.NewRecorder()
	of.ServeHTTP(res, req)
	var body io.Reader = res.Body
	if res.Header().Get("Content-Encoding") == "gzip" {
		var err error
		if body, err = gzip.NewReader(body); err != nil {
			t.Fatal(err)
		}
	}
	text, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(res.Header()["Vary"])
	return sentAnswer{res.Code, res.Header(), strings.Split(string(text), "\n")}
}

// Rendering is a large part of the work: it is not done for nobody.
func TestRenderingStopsWhenTheClientIsGone(t *testing.T) {
	snapshots := shown(t)
	for range 1000 {
		snapshots[0].Walk.Tasks = append(snapshots[0].Walk.Tasks, snapshots[0].Walk.Tasks[0])
	}
	for _, accept := range []string{"text/plain", "application/openmetrics-text;version=1.0.0",
		"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"} {
		for _, c := range []struct {
			name string
			of   func(leave context.CancelFunc) *leaving
		}{
			{"its request is cancelled", func(leave context.CancelFunc) *leaving { return &leaving{leave: leave} }},
			{"its connection fails", func(context.CancelFunc) *leaving { return &leaving{err: errors.New("broken pipe")} }},
		} {
			t.Run(c.name+" "+accept, func(t *testing.T) {
				s := newTestServer(t)
				ctx, leave := context.WithCancel(t.Context())
				defer leave()
				req := httptest.NewRequestWithContext(ctx, http.MethodGet, "/metrics", nil)
				req.Header.Set("Accept", accept)
				w := c.of(leave)
				brokenOff(func() { s.answer(w, req, s.metrics.Families(snapshots), nil) })
				if w.writes != 1 {
					t.Errorf("%d writes, want the one at which it went", w.writes)
				}
			})
		}
	}
}

// brokenOff says whether an answer ends as one that net/http breaks off.
func brokenOff(answer func()) (so bool) {
	defer func() {
		switch value := recover(); value {
		case nil:
		case http.ErrAbortHandler:
			so = true
		default:
			panic(value)
		}
	}()
	answer()
	return false
}

func TestAnAnswerThatDoesNotGetWholeIsBrokenOff(t *testing.T) {
	broken := prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
		name, kind := "zz_last", dto.MetricType_GAUGE
		return []*dto.MetricFamily{{Name: &name, Type: &kind, Metric: []*dto.Metric{{}}}}, nil // a gauge without a value
	})
	for _, accept := range []string{"text/plain", "application/openmetrics-text;version=1.0.0"} {
		for _, encoding := range []string{"identity", "gzip"} {
			t.Run(accept+" "+encoding, func(t *testing.T) {
				s := newTestServer(t)
				snapshots := shown(t)
				server := httptest.NewServer(compressedTest(t, func(w http.ResponseWriter, r *http.Request) {
					s.answer(w, r, s.metrics.Families(snapshots), broken)
				}))
				defer server.Close()
				req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
				if err != nil {
					t.Fatal(err)
				}
				req.Header.Set("Accept", accept)
				req.Header.Set("Accept-Encoding", encoding)
				res, err := server.Client().Do(req)
				if err == nil {
					defer func() { _ = res.Body.Close() }()
					_, err = io.ReadAll(res.Body)
				}
				if !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
					t.Errorf("read as a whole answer: %v", err)
				}
			})
		}
	}
}

// leaving is a client that goes away as soon as something comes.
type leaving struct {
	leave  context.CancelFunc
	err    error
	writes int
}

func (w *leaving) Header() http.Header { return http.Header{} }
func (w *leaving) WriteHeader(int)     {}
func (w *leaving) Write(p []byte) (int, error) {
	w.writes++
	if w.err != nil {
		return 0, w.err
	}
	w.leave()
	return len(p), nil
}

func newTestServer(t *testing.T) *Server {
	t.Helper()
	return &Server{
		metrics: collector.NewMetrics(collector.AllCollectors), errors: newErrorsTotal(prometheus.NewRegistry()),
		options: usualOptions(nil, &bytes.Buffer{}),
	}
}
