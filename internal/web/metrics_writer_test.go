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

// scraped returns a scrape of the simulator's stories and of a target that failed.
func scraped(t *testing.T) []*collector.Snapshot {
	t.Helper()
	e := startExporter(t, nil, startOMS(t).target("prod"))
	snapshots := collector.Scrape(t.Context(), e.targets.all())
	failed := collector.NewTarget(collector.Settings{Name: "broken"}, nil, nil)
	return append(snapshots, &collector.Snapshot{Target: failed, Walk: &oms.Walk{}, Err: &oms.Error{Reason: oms.TLS}})
}

func TestWriteMetrics(t *testing.T) {
	// A client sees no difference to promhttp, which most exporters use.
	t.Run("the response is that of promhttp", func(t *testing.T) {
		snapshots := scraped(t)
		s := &Server{metrics: collector.NewMetrics(collector.AllCollectors)}
		own := prometheus.NewRegistry()
		counter := prometheus.NewCounter(prometheus.CounterOpts{Name: "oms_middle_total",
			Help: "Between \"the\" others.\nTwo lines."})
		last := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "z_seconds", NativeHistogramBucketFactor: 1.1,
			Buckets: []float64{1, 2}})
		last.Observe(1.5)
		own.MustRegister(counter, last)
		theirs := promhttp.HandlerFor(prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
			families, err := own.Gather()
			for _, f := range s.metrics.Families(snapshots) {
				if model := f.Model(); model != nil {
					families = append(families, model)
				}
			}
			slices.SortFunc(families,
				func(a, b *dto.MetricFamily) int { return strings.Compare(a.GetName(), b.GetName()) })
			return families, err
		}), promhttp.HandlerOpts{EnableOpenMetrics: true})
		ours := compressedTest(t, func(w http.ResponseWriter, r *http.Request) {
			s.writeMetrics(w, r, s.metrics.Families(snapshots), own)
		})
		compare := func(query, accept, encoding string) {
			t.Helper()
			want, got := respond(t, theirs, query, accept, encoding), respond(t, ours, query, accept, encoding)
			if !reflect.DeepEqual(want, got) { // cmp takes a second for equal responses
				t.Fatalf("Accept: %s, Accept-Encoding: %s, %s (- promhttp, + ours):\n%.2000s",
					accept, encoding, query, cmp.Diff(want, got))
			}
		}
		const delimited = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding="
		for _, accept := range []string{
			"", "text/plain", "text/plain;version=0.0.4", "*/*", "text/html",
			"text/plain;version=1.0.0;escaping=allow-utf-8,text/plain;version=0.0.4;q=0.5",
			"application/openmetrics-text;version=1.0.0", "application/openmetrics-text;version=0.0.1",
			"application/openmetrics-text",
			"application/openmetrics-text;version=1.0.0;escaping=dots,text/plain;q=0.1",
			"application/openmetrics-text;version=2.0.0",
			delimited + "delimited", delimited + "text", delimited + "compact-text",
			delimited + "delimited;q=0.6,application/openmetrics-text;version=1.0.0;escaping=values;q=0.5,text/plain;q=0.1",
		} {
			for _, query := range []string{"", "?name[]=oms_up&name[]=oms_task_status&name[]=z_seconds", "?name[]=unknown"} {
				compare(query, accept, "")
			}
		}
		for _, encoding := range []string{
			"identity", "gzip", "gzip, deflate, br, zstd", "gzip;q=0", "identity;q=0.5, gzip", "*;q=0", "gzip;q=1.0, *;q=0",
			"br", "gzip;q=broken",
		} {
			compare("", "", encoding)
		}
	})
	t.Run("rendering stops when the client has disconnected", func(t *testing.T) {
		snapshots := scraped(t)
		for range 1000 {
			snapshots[0].Walk.Tasks = append(snapshots[0].Walk.Tasks, snapshots[0].Walk.Tasks[0])
		}
		for _, accept := range []string{"text/plain", "application/openmetrics-text;version=1.0.0",
			"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"} {
			for _, c := range []struct {
				name string
				of   func(leave context.CancelFunc) *leavingClient
			}{
				{"its request is cancelled",
					func(leave context.CancelFunc) *leavingClient { return &leavingClient{leave: leave} }},
				{"its connection fails",
					func(context.CancelFunc) *leavingClient { return &leavingClient{err: errors.New("broken pipe")} }},
			} {
				t.Run(c.name+" "+accept, func(t *testing.T) {
					s := newTestServer(t)
					ctx, leave := context.WithCancel(t.Context())
					defer leave()
					req := httptest.NewRequestWithContext(ctx, http.MethodGet, "/metrics", nil)
					req.Header.Set("Accept", accept)
					w := c.of(leave)
					aborts(func() { s.writeMetrics(w, req, s.metrics.Families(snapshots), nil) })
					if w.writes != 1 {
						t.Errorf("%d writes, want the one at which it went", w.writes)
					}
				})
			}
		}
	})
	t.Run("an incomplete response is aborted", func(t *testing.T) {
		broken := prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
			name, kind := "zz_last", dto.MetricType_GAUGE
			metric := &dto.Metric{} // without a value
			return []*dto.MetricFamily{{Name: &name, Type: &kind, Metric: []*dto.Metric{metric}}}, nil
		})
		for _, accept := range []string{"text/plain", "application/openmetrics-text;version=1.0.0"} {
			for _, encoding := range []string{"identity", "gzip"} {
				t.Run(accept+" "+encoding, func(t *testing.T) {
					s := newTestServer(t)
					snapshots := scraped(t)
					server := httptest.NewServer(compressedTest(t, func(w http.ResponseWriter, r *http.Request) {
						s.writeMetrics(w, r, s.metrics.Families(snapshots), broken)
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
						t.Errorf("the response is complete: %v", err)
					}
				})
			}
		}
	})
}

func compressedTest(t *testing.T, serve http.HandlerFunc) http.Handler {
	t.Helper()
	handler, err := compressed(serve)
	if err != nil {
		t.Fatal(err)
	}
	return handler
}

// response is a response as a client sees it.
type response struct {
	Status int
	Header http.Header
	Lines  []string
}

func respond(t *testing.T, of http.Handler, query, accept, encoding string) response {
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
	return response{res.Code, res.Header(), strings.Split(string(text), "\n")}
}

// aborts reports whether handle aborts its response.
func aborts(handle func()) (aborted bool) {
	defer func() {
		switch value := recover(); value {
		case nil:
		case http.ErrAbortHandler:
			aborted = true
		default:
			panic(value)
		}
	}()
	handle()
	return false
}

// leavingClient is a client that disconnects at the first write.
type leavingClient struct {
	leave  context.CancelFunc
	err    error
	writes int
}

func (w *leavingClient) Header() http.Header { return http.Header{} }
func (w *leavingClient) WriteHeader(int)     {}
func (w *leavingClient) Write(p []byte) (int, error) {
	w.writes++
	if w.err != nil {
		return 0, w.err
	}
	w.leave()
	return len(p), nil
}

func newTestServer(t *testing.T) *Server {
	t.Helper()
	return &Server{metrics: collector.NewMetrics(collector.AllCollectors),
		errors:  newErrorsTotal(prometheus.NewRegistry()),
		options: usualOptions(nil, &bytes.Buffer{})}
}
